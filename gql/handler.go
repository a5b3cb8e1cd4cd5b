package gql

import (
	"cmp"
	"context"
	"net/http"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// Options are what an operator decides about the GraphQL endpoint.
type Options struct {
	Anonymous     bool // requests without a token are executed
	Introspection bool
	Dev           bool // introspection from this machine needs no token, and answers tell their cost
	Limits        Limits
	Reads         ReadLimits       // 0: model.DefaultReadLimits'
	Trusted       TrustedDocuments // nil: any document may run
	Tracing       trace.TracerProvider
}

// Handler answers GET and POST /graphql as GraphQL over HTTP wants it.
// https://graphql.github.io/graphql-over-http/draft/
type Handler struct {
	options   Options
	documents *documents
	executor  *executor
	tracer    trace.Tracer // nil: nothing is traced

	// However many clients take them, slowly perhaps, they are made once.
	sdl          func() []byte
	mayBePart    func(mutation string) bool
	introspected func() (*graphql.Response, error)
}

// NewHandler returns a handler of a project's schema. It reads who is asking from the
// request's context: see [auth.Authenticator.Middleware]. The error tells which of the trusted
// documents is none of the schema.
func NewHandler(project Schema, accounts *auth.Accounts, options Options) (*Handler, error) {
	schema := project.served()
	if err := options.Trusted.check(schema); err != nil {
		return nil, err
	}
	executable, present := project.Executable(schema), upToLimit(presentErrorOutsideDev)
	if options.Dev {
		present = upToLimit(presentError)
	}
	inTransaction, err := newTransactions(project, executable, present)
	if err != nil {
		return nil, err
	}
	h := &Handler{
		options:   options,
		documents: newDocuments(schema, options.Limits, options.Introspection),
		executor:  &executor{executable, present, newTurns(), options.Reads.forModel(), inTransaction, accounts},
		tracer:    model.NewTracer(options.Tracing, "github.com/ownql/ownql/gql"),
		sdl:       sync.OnceValue(func() []byte { return sdlOf(project) }),
		mayBePart: project.MayBePart,
	}
	h.introspected = sync.OnceValues(h.introspect)
	return h, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.mayAskAnything(r) && !h.mayIntrospectAsNobody(r) {
		Refuse(w, r, auth.ErrUnauthenticated)
		return
	}
	params, err := h.readParams(w, r)
	if err != nil {
		Refuse(w, r, err)
		return
	}
	ctx := withErrorCount(r.Context())
	if h.tracer != nil {
		traced, span := h.tracer.Start(ctx, "GraphQL Operation")
		defer span.End()
		ctx = traced
	}
	operation, errs := h.prepare(params)
	if len(errs) > 0 {
		h.answer(ctx, w, r, requestErrorStatus(r), h.executor.refuse(ctx, errs))
		return
	}
	web.NoteOperation(w, string(operation.Operation.Operation), operation.Operation.Name)
	spanOperation(ctx, operation.Operation)
	if err := h.permit(r, operation); err != nil {
		spanRefused(ctx, err)
		Refuse(w, r, err)
		return
	}
	operation.DisableIntrospection = !h.options.Introspection
	answer, err := boundAnswer(ctx, operation, h.options.Limits.MaxAnswerBytes)
	if err != nil {
		spanRefused(ctx, err)
		Refuse(w, r, err)
		return
	}
	if h.options.Dev {
		ctx = withListCosts(ctx)
	}
	h.answer(ctx, w, r, http.StatusOK, answer.response(ctx, operation, h.executor.execute(ctx, operation)))
}

// answer writes what gqlgen made, nil where the client has gone.
func (h *Handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	if response == nil {
		return
	}
	response.Errors = limitErrors(response.Errors)
	if len(response.Errors) > 0 {
		code, _ := response.Errors[0].Extensions["code"].(string)
		web.NoteCode(w, cmp.Or(code, string(model.CodeInternal)))
	}
	spanAnswered(ctx, response)
	if h.options.Dev {
		tellCost(ctx, response)
	}
	writeResponse(w, r, status, response)
}

// prepare makes of a request an operation that is valid and within the limits.
func (h *Handler) prepare(params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	document, errs := h.documents.load(params.Query)
	if len(errs) > 0 {
		return nil, errs
	}
	operation, errs := h.operationOf(document, params)
	if len(errs) > 0 {
		return nil, errs
	}
	err := h.options.Limits.checkCost(operation)
	if err == nil {
		err = checkMutationIDs(operation)
	}
	if err != nil {
		return nil, gqlerror.List{gqlerror.Wrap(err)}
	}
	return operation, nil
}

// operationOf returns the operation of a document that a request names, with its variables, which
// gqlgen's own would not coerce as GraphQL says.
func (h *Handler) operationOf(document *document, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	definition := document.Operations.ForName(params.OperationName)
	if definition == nil {
		return nil, gqlerror.List{noOperation(params.OperationName)}
	}
	return h.operationAs(document, definition, definition, params)
}

// operationAs is operationOf of a document's definition, of which what as says is executed: the whole, or a part.
func (h *Handler) operationAs(document *document, definition, as *ast.OperationDefinition, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	variables, errs := coerceVariables(h.documents.schema, as, params.Variables)
	if len(errs) == 0 {
		errs = checkNulls(document.nullable[definition], variables)
	}
	if len(errs) > 0 {
		return nil, limitErrors(errs)
	}
	operation := &graphql.OperationContext{
		RawQuery:               params.Query,
		Variables:              variables,
		OperationName:          params.OperationName,
		Doc:                    document.QueryDocument,
		Extensions:             params.Extensions,
		Headers:                params.Headers,
		Operation:              as,
		DisableIntrospection:   true,
		RecoverFunc:            web.Recovered,
		ResolverMiddleware:     resolve,
		RootResolverMiddleware: h.executor.aroundRootField,
	}
	document.selections.use(operation)
	return operation, nil
}

// resolve is gqlgen's middleware of fields that do nothing about them.
func resolve(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }

// noOperation: a document has none of that name, or several where none is named.
func noOperation(name string) *gqlerror.Error {
	err := gqlerror.Errorf("the document has no operation of the name that `operationName` says")
	if name == "" {
		err.Message = "the document has several operations: say which with `operationName`"
	}
	errcode.Set(err, errcode.ValidationFailed)
	return err
}

func (h *Handler) mayAskAnything(r *http.Request) bool {
	return h.options.Anonymous || auth.FromContext(r.Context()) != nil
}

// mayIntrospectAsNobody tells whether this is the playground, before its user signs in.
func (h *Handler) mayIntrospectAsNobody(r *http.Request) bool {
	return h.options.Dev && web.IsLocal(r)
}

// permit refuses a valid operation that this request may not have executed.
func (h *Handler) permit(r *http.Request, operation *graphql.OperationContext) error {
	if r.Method == http.MethodGet && operation.Operation.Operation != ast.Query {
		return web.BadRequest(http.StatusMethodNotAllowed, "GET executes queries only: send a mutation by POST")
	}
	introspects, asksMore := rootFields(operation.Operation.SelectionSet, map[string]bool{})
	if introspects && !h.options.Introspection {
		return errIntrospectionOff
	}
	if asksMore && !h.mayAskAnything(r) {
		return auth.ErrUnauthenticated
	}
	return nil
}

// Refuse answers a request of which nothing is executed.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	told := web.ErrorOf(r.Context(), err)
	web.SetErrorHeaders(w.Header(), told)
	web.NoteError(w, told)
	if web.StatusOf(told) == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, POST")
	}
	writeResponse(w, r, web.StatusOf(told), &graphql.Response{Errors: gqlerror.List{asGraphQL(told)}})
}

// requestErrorStatus is the status for a document or variables that are not valid:
// the older media type has no status for it but 200.
func requestErrorStatus(r *http.Request) int {
	if responseMediaType(r) == mediaTypeJSON {
		return http.StatusOK
	}
	return http.StatusBadRequest
}

var errIntrospectionOff = &model.Error{Code: model.CodeForbidden, Message: "introspection is off on this server: take the schema from its repository"}

// rootFields tells whether the selections of a query's root introspect, and whether
// they select anything else. Each fragment counts once, seen remembers which did: spread
// twice by each other, a few dozen of them make more fields than can ever be visited.
func rootFields(selections ast.SelectionSet, seen map[string]bool) (introspects, asksMore bool) {
	for _, selection := range selections {
		var i, m bool
		switch selection := selection.(type) {
		case *ast.Field:
			i = selection.Name == "__schema" || selection.Name == "__type"
			m = !i && selection.Name != "__typename"
		case *ast.InlineFragment:
			i, m = rootFields(selection.SelectionSet, seen)
		case *ast.FragmentSpread:
			if !seen[selection.Name] {
				seen[selection.Name] = true
				i, m = rootFields(selection.Definition.SelectionSet, seen)
			}
		}
		introspects, asksMore = introspects || i, asksMore || m
	}
	return introspects, asksMore
}

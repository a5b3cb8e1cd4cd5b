package gql

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// The media types of a response.
// https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
const (
	mediaTypeJSON     = "application/json"
	mediaTypeResponse = "application/graphql-response+json"
)

// Options are what an operator decides about the GraphQL endpoint.
type Options struct {
	Anonymous     bool // requests without a token are executed
	Introspection bool
	Dev           bool // introspection from this machine needs no token, and answers tell their cost
	Limits        Limits
	Trusted       TrustedDocuments // nil: any document may run
	Tracing       trace.TracerProvider
}

// Handler answers GET and POST /graphql as GraphQL over HTTP wants it.
// https://graphql.github.io/graphql-over-http/draft/
type Handler struct {
	schema    Schema
	options   Options
	documents *documents
	executor  *executor.Executor
	bodies    largeBodies
	tracer    trace.Tracer
}

// NewHandler returns a handler of a project's schema. It reads who is asking from the
// request's context: see [auth.Authenticator.Middleware]. The error tells which of the trusted
// documents is none of the schema.
func NewHandler(project Schema, accounts *auth.Accounts, options Options) (*Handler, error) {
	schema := project.withoutDefer()
	if err := options.Trusted.check(schema); err != nil {
		return nil, err
	}
	exec := executor.New(project.Executable(schema))
	exec.SetQueryCache(loaded{})
	exec.SetErrorPresenter(presentErrorOutsideDev)
	if options.Dev {
		exec.SetErrorPresenter(presentError)
	}
	exec.SetRecoverFunc(web.Recovered)
	exec.AroundOperations(withQueryReads)
	exec.AroundRootFields(withMutationReads(accounts))
	return &Handler{
		schema:    project,
		options:   options,
		documents: newDocuments(schema, options.Limits, options.Introspection),
		executor:  exec,
		bodies:    make(largeBodies, maxLargeBodies),
		tracer:    newTracer(options.Tracing),
	}, nil
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
	ctx, span := h.tracer.Start(r.Context(), "GraphQL Operation")
	defer span.End()
	ctx, operation, errs := h.prepare(ctx, params)
	if len(errs) > 0 {
		h.answer(ctx, w, r, requestErrorStatus(r), h.executor.DispatchError(ctx, errs))
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
	respond, ctx := h.executor.DispatchOperation(ctx, operation)
	h.answer(ctx, w, r, http.StatusOK, respond(ctx))
}

// answer writes what gqlgen made, nil where the client has gone.
func (h *Handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	if response == nil {
		return
	}
	spanAnswered(ctx, response)
	if h.options.Dev {
		tellCost(ctx, response)
	}
	writeResponse(w, r, status, response)
}

// prepare makes of a request an operation that is valid and within the limits.
func (h *Handler) prepare(ctx context.Context, params *graphql.RawParams) (context.Context, *graphql.OperationContext, gqlerror.List) {
	ctx = graphql.StartOperationTrace(ctx)
	document, errs := h.documents.load(ctx, params.Query)
	if len(errs) > 0 {
		return ctx, nil, errs
	}
	operation, errs := h.executor.CreateOperationContext(withDocument(ctx, document), params)
	ctx = graphql.WithOperationContext(ctx, operation)
	if len(errs) > 0 {
		return ctx, nil, errs
	}
	if err := h.options.Limits.checkCost(operation); err != nil {
		return ctx, nil, gqlerror.List{gqlerror.Wrap(err)}
	}
	return ctx, operation, nil
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

// responseMediaType returns what the client accepts of the two: the older one, unless
// the newer is named.
func responseMediaType(r *http.Request) string {
	for accepted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		if mediaType, _, err := mime.ParseMediaType(accepted); err == nil && mediaType == mediaTypeResponse {
			return mediaTypeResponse
		}
	}
	return mediaTypeJSON
}

// writeResponse writes what gqlgen made. Nil data means that nothing was executed,
// and is then absent.
func writeResponse(w http.ResponseWriter, r *http.Request, status int, response *graphql.Response) {
	body := []byte(`{`)
	if len(response.Errors) > 0 {
		errs, err := json.Marshal(response.Errors)
		if err != nil {
			errs = []byte(`[{"message":"something went wrong on the server","extensions":{"code":"` + string(model.CodeInternal) + `"}}]`)
		}
		body = append(append(body, `"errors":`...), errs...)
	}
	if response.Data != nil {
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(append(body, `"data":`...), response.Data...)
	}
	if extensions, err := json.Marshal(response.Extensions); err == nil && len(response.Extensions) > 0 {
		body = append(append(body, `,"extensions":`...), extensions...)
	}
	body = append(body, '}', '\n')
	w.Header().Set("Content-Type", responseMediaType(r)+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body)
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

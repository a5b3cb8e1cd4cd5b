package graph

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
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
	options   Options
	documents *documents
	executor  *executor.Executor
	bodies    largeBodies
	tracer    trace.Tracer
}

// NewHandler returns a handler of the schema on s. It reads who is asking from the
// request's context: see [auth.Authenticator.Middleware].
func NewHandler(s *store.Store, accounts *auth.Accounts, options Options) *Handler {
	schema := newSchema()
	exec := executor.New(NewExecutableSchema(Config{Schema: schema, Resolvers: &Resolver{Store: s, Accounts: accounts}}))
	exec.SetQueryCache(loaded{})
	exec.SetErrorPresenter(presentError)
	exec.SetRecoverFunc(recoverPanic)
	exec.AroundOperations(withQueryLoaders(s))
	exec.AroundRootFields(withMutationLoaders(s))
	return &Handler{
		options:   options,
		documents: newDocuments(schema, options.Limits, options.Introspection),
		executor:  exec,
		bodies:    make(largeBodies, maxLargeBodies),
		tracer:    newTracer(options.Tracing),
	}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.mayAskAnything(r) && !h.mayIntrospectAsNobody(r) {
		RefuseGraphQL(w, r, auth.ErrUnauthenticated)
		return
	}
	params, err := h.readParams(w, r)
	if err != nil {
		RefuseGraphQL(w, r, err)
		return
	}
	ctx, span := h.tracer.Start(r.Context(), "GraphQL Operation")
	defer span.End()
	ctx, operation, errs := h.prepare(ctx, params)
	if len(errs) > 0 {
		h.answer(ctx, w, r, requestErrorStatus(r), h.executor.DispatchError(ctx, errs))
		return
	}
	noteOperation(ctx, operation.Operation)
	if err := h.permit(r, operation); err != nil {
		spanRefused(ctx, err)
		RefuseGraphQL(w, r, err)
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
	return h.options.Dev && auth.IsLocal(r)
}

// permit refuses a valid operation that this request may not have executed.
func (h *Handler) permit(r *http.Request, operation *graphql.OperationContext) error {
	if r.Method == http.MethodGet && operation.Operation.Operation != ast.Query {
		return &auth.RequestError{Status: http.StatusMethodNotAllowed, Message: "GET executes queries only: send a mutation by POST"}
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

// RefuseGraphQL answers a request of which nothing is executed.
func RefuseGraphQL(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err).logged(r.Context(), err)
	p.setHeaders(w.Header())
	if p.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", "GET, POST")
	}
	writeResponse(w, r, p.status, &graphql.Response{Errors: gqlerror.List{p.gqlError()}})
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
			errs = []byte(`[{"message":"something went wrong on the server","extensions":{"code":"` + codeInternal + `"}}]`)
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

var errIntrospectionOff = errors.New("introspection is off on this server: take the schema from its repository")

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

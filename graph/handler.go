package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

const (
	// maxTokens is the most lexical tokens that a document may have.
	maxTokens = 1000
	// cachedDocuments is how many parsed and validated documents are kept, and
	// maxCachedDocument what one may have in bytes: an application's are of a few KB.
	cachedDocuments   = 1000
	maxCachedDocument = 16 << 10
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
	Dev           bool // introspection from this machine needs no token
}

// Handler answers GET and POST /graphql as GraphQL over HTTP wants it.
// https://graphql.github.io/graphql-over-http/draft/
type Handler struct {
	options  Options
	executor *executor.Executor
	bodies   largeBodies
}

// NewHandler returns a handler of the schema on s. It reads who is asking from the
// request's context: see [auth.Authenticator.Middleware].
func NewHandler(s *store.Store, options Options) *Handler {
	exec := executor.New(NewExecutableSchema(Config{Schema: newSchema(), Resolvers: &Resolver{Store: s}}))
	exec.SetParserTokenLimit(maxTokens)
	exec.SetDisableSuggestion(!options.Introspection)
	exec.SetQueryCache(documentCache{lru.New[*ast.QueryDocument](cachedDocuments)})
	exec.SetErrorPresenter(presentError)
	exec.SetRecoverFunc(recoverPanic)
	exec.AroundOperations(withLoaders(s))
	return &Handler{options, exec, make(largeBodies, maxLargeBodies)}
}

// documentCache keeps what is not so long that a few would fill the memory.
type documentCache struct {
	graphql.Cache[*ast.QueryDocument]
}

func (c documentCache) Add(ctx context.Context, document string, parsed *ast.QueryDocument) {
	if len(document) <= maxCachedDocument {
		c.Cache.Add(ctx, document, parsed)
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
	ctx := graphql.StartOperationTrace(r.Context())
	operation, errs := h.executor.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		writeResponse(w, r, requestErrorStatus(r), h.executor.DispatchError(graphql.WithOperationContext(ctx, operation), errs))
		return
	}
	if err := h.permit(r, operation); err != nil {
		RefuseGraphQL(w, r, err)
		return
	}
	operation.DisableIntrospection = !h.options.Introspection
	respond, ctx := h.executor.DispatchOperation(ctx, operation)
	writeResponse(w, r, http.StatusOK, respond(ctx))
}

func (h *Handler) mayAskAnything(r *http.Request) bool {
	return h.options.Anonymous || auth.FromContext(r.Context()) != nil
}

// mayIntrospectAsNobody tells whether this is the playground, before its user signs in.
func (h *Handler) mayIntrospectAsNobody(r *http.Request) bool {
	return h.options.Dev && IsLocal(r)
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

// readParams reads a request of either method. The error is an *auth.RequestError, or an
// *auth.BusyError.
func (h *Handler) readParams(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	params := &graphql.RawParams{Headers: r.Header}
	switch r.Method {
	case http.MethodGet:
		if err := readURL(r.URL, params); err != nil {
			return nil, err
		}
	case http.MethodPost:
		var done func()
		r.Body, done = h.bodies.limit(r.Context(), r.Body)
		defer done()
		if err := auth.ReadJSON(w, r, maxBody, params); err != nil {
			return nil, err
		}
	default:
		return nil, &auth.RequestError{Status: http.StatusMethodNotAllowed, Message: "GraphQL takes only GET and POST"}
	}
	if params.Query == "" {
		return nil, &auth.RequestError{Status: http.StatusBadRequest, Message: "the request has no `query`"}
	}
	return params, nil
}

// readURL reads the parameters of a GET.
// https://graphql.github.io/graphql-over-http/draft/#sec-GET
func readURL(u *url.URL, params *graphql.RawParams) error {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return &auth.RequestError{Status: http.StatusBadRequest, Message: "the address's query string is malformed"}
	}
	params.Query = values.Get("query")
	params.OperationName = values.Get("operationName")
	for name, into := range map[string]*map[string]any{"variables": &params.Variables, "extensions": &params.Extensions} {
		if text := values.Get(name); text != "" {
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.UseNumber()
			err := decoder.Decode(into)
			if _, end := decoder.Token(); err != nil || end != io.EOF {
				return &auth.RequestError{Status: http.StatusBadRequest, Message: "`" + name + "` is not a JSON object"}
			}
		}
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
	if response == nil { // the client has gone
		return
	}
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

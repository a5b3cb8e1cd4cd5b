package gql

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/web"
)

// requestParams are the parameters of GraphQL over HTTP, and the ways in which clients
// name a document that the server has.
// https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
type requestParams struct {
	graphql.RawParams
	DocumentID string `json:"documentId"` // graphql-codegen's, and the draft's of persisted documents
	ID         string `json:"id"`         // of Relay's network layers
}

// id returns the name of the document that is asked for, empty where the request brings
// its own. Apollo sends it as an extension.
func (p *requestParams) id() string {
	if p.DocumentID != "" {
		return p.DocumentID
	}
	if p.ID != "" {
		return p.ID
	}
	persisted, _ := p.Extensions["persistedQuery"].(map[string]any)
	hash, _ := persisted["sha256Hash"].(string)
	return hash
}

const maxBody = 1 << 20 // bytes of a request

// readParams reads a request of either method, with the document that it is for. Errors:
// web.BadRequest, web.Busy, and those of document.
func (h *Handler) readParams(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	params := &requestParams{RawParams: graphql.RawParams{Headers: r.Header}}
	switch r.Method {
	case http.MethodGet:
		if err := params.readURL(r.Context(), r.URL); err != nil {
			return nil, err
		}
	case http.MethodPost:
		if err := web.ReadJSON(w, r, maxBody, params); err != nil {
			return nil, err
		}
	default:
		return nil, web.BadRequest(http.StatusMethodNotAllowed, "GraphQL takes only GET and POST")
	}
	if params.Query == "" && params.id() == "" {
		return nil, web.BadRequest(http.StatusBadRequest, "the request has no `query`")
	}
	var err error
	params.Query, err = h.document(r, params)
	return &params.RawParams, err
}

// readURL reads the parameters of a GET.
// https://graphql.github.io/graphql-over-http/draft/#sec-GET
func (p *requestParams) readURL(ctx context.Context, u *url.URL) error {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return web.BadRequest(http.StatusBadRequest, "the address's query string is malformed")
	}
	for _, name := range []string{"query", "operationName", "documentId", "id", "variables", "extensions"} {
		if !utf8.ValidString(values.Get(name)) {
			return web.BadRequest(http.StatusBadRequest, "`"+name+"` is not UTF-8")
		}
	}
	p.Query = values.Get("query")
	p.OperationName = values.Get("operationName")
	p.DocumentID = values.Get("documentId")
	p.ID = values.Get("id")
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := values.Get(name); text != "" {
			if err := web.HoldJSON(ctx, []byte(text)); err != nil {
				return err
			}
			decoder := json.NewDecoder(strings.NewReader(text))
			decoder.UseNumber()
			err := decoder.Decode(into)
			if _, end := decoder.Token(); err != nil || end != io.EOF {
				return web.BadRequest(http.StatusBadRequest, "`"+name+"` is not a JSON object")
			}
			if web.LoneSurrogate([]byte(text)) >= 0 {
				return web.BadRequest(http.StatusBadRequest, "`"+name+"` has one half of a surrogate pair: it is no character")
			}
		}
	}
	return nil
}

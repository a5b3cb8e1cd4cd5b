package graph

import (
	"encoding/json"
	"net/http"
)

// REST returns a handler of one method whose errors are answered as
// `{"error":{"code","message"}}`, with the codes of GraphQL.
func REST(method string, handle func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isHead := r.Method == http.MethodHead && method == http.MethodGet
		if r.Method != method && !isHead {
			w.Header().Set("Allow", method)
			writeREST(w, problem{status: http.StatusMethodNotAllowed, code: codeBadUserInput, message: "this address takes only " + method})
			return
		}
		if err := handle(w, r); err != nil {
			RefuseREST(w, r, err)
		}
	})
}

// RefuseREST answers a request with an error.
func RefuseREST(w http.ResponseWriter, r *http.Request, err error) {
	writeREST(w, problemOf(err).logged(r.Context(), err))
}

func writeREST(w http.ResponseWriter, p problem) {
	type restError struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Field   string `json:"field,omitempty"`
	}
	p.setHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.status)
	json.NewEncoder(w).Encode(map[string]restError{"error": {p.code, p.message, p.field}})
}

// NotFound answers what no route is for.
func NotFound(w http.ResponseWriter, r *http.Request) { RefuseREST(w, r, errNoSuchAddress) }

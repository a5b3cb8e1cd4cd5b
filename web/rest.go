package web

import (
	"encoding/json"
	"net/http"

	"github.com/ownql/ownql/model"
)

// A HandlerFunc answers a request, or returns the error that it is to be refused with.
type HandlerFunc func(http.ResponseWriter, *http.Request) error

// REST returns a handler of one method whose errors are answered as
// `{"error":{"code","message"}}`, with the codes of GraphQL.
func REST(method string, handle HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isHead := r.Method == http.MethodHead && method == http.MethodGet
		if r.Method != method && !isHead {
			w.Header().Set("Allow", method)
			Refuse(w, r, BadRequest(http.StatusMethodNotAllowed, "this address takes only "+method))
			return
		}
		if err := handle(w, r); err != nil {
			Refuse(w, r, err)
		}
	})
}

// Refuse answers a request with an error.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	type body struct {
		Code    model.Code `json:"code"`
		Message string     `json:"message"`
		Field   string     `json:"field,omitempty"`
	}
	told := ErrorOf(r.Context(), err)
	SetErrorHeaders(w.Header(), told)
	NoteError(w, told)
	WriteJSON(w, StatusOf(told), map[string]body{"error": {told.Code, told.Message, told.Field}})
}

// WriteJSON answers with a value as JSON, which no cache keeps.
func WriteJSON(w http.ResponseWriter, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(value)
}

// NotFound answers what no route is for.
func NotFound(w http.ResponseWriter, r *http.Request) { Refuse(w, r, ErrNoSuchAddress) }

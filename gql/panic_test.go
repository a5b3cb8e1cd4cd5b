package gql_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TestPanicOfAResolver makes updateViewer panic, by a store that is none: its field has
// the error, and the log the stack, once, with the request's id.
func TestPanicOfAResolver(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))

	ada := &auth.Identity{User: &account.User{ID: model.NewID()}, Session: &account.Session{}}
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"mutation { updateViewer(input: {firstName: \"Ada\"}) { user { id } } }"}`))
	r = r.WithContext(auth.NewContext(r.Context(), ada))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler, err := gql.NewHandler(graph.New(store.New(account.New(model.Open(nil, ""))), nil), nil, gql.Options{Limits: gql.DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	web.WithRequestID(handler).ServeHTTP(w, r)

	want := `{"errors":[{"message":"something went wrong on the server","path":["updateViewer"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"updateViewer":null}}` + "\n"
	if w.Code != http.StatusOK || w.Body.String() != want {
		t.Errorf("%d %s, want 200 %s", w.Code, w.Body, want)
	}
	id := w.Header().Get("X-Request-Id")
	if id == "" || !strings.Contains(log.String(), id) || !strings.Contains(log.String(), "viewer.go") {
		t.Errorf("the log has not both the request %q and the stack: %s", id, log.String())
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d errors in the log, want 1: %s", n, log.String())
	}
}

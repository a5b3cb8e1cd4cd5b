package command

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/web"
)

// TestOwnRoutes holds what a project's routes get, and that what is at no address is not there,
// whoever asks.
func TestOwnRoutes(t *testing.T) {
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	app := notes
	app.Routes = func(_ *store.Store, mux *http.ServeMux) {
		mux.HandleFunc("GET /streams", func(w http.ResponseWriter, r *http.Request) {
			_, flushes := w.(http.Flusher)
			_, hijacks := w.(http.Hijacker)
			fmt.Fprint(w, flushes, hijacks)
		})
	}
	assemble := func() http.Handler {
		assembled, err := Assemble(app, engine, auth.NewSecretKeys([]byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")), false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := assembled.DB.CreateTables(t.Context()); err != nil {
			t.Fatal(err)
		}
		return web.WithLog(assembled.Handler)
	}
	site := assemble()
	ask := func(method, path, authorization string) (int, string) {
		r := httptest.NewRequest(method, path, nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, test := range []struct {
		name, method, path, authorization string
		status                            int
	}{
		{"an own route", "GET", "/streams", "", http.StatusOK},
		{"an own route with a token that is not good", "GET", "/streams", "Bearer x", http.StatusUnauthorized},
		{"nothing", "GET", "/nothing", "", http.StatusNotFound},
		{"nothing, with a token that is not good", "GET", "/nothing", "Bearer x", http.StatusNotFound},
		{"a route of ownql's", "GET", "/healthz", "Bearer x", http.StatusOK},
	} {
		if status, body := ask(test.method, test.path, test.authorization); status != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, status, body, test.status)
		}
	}
	if _, body := ask("GET", "/streams", ""); body != "true true" {
		t.Errorf("a stream can be flushed, and its connection taken over: %s", body)
	}

	// A project may answer everything else.
	app.Routes = func(_ *store.Store, mux *http.ServeMux) {
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the app") })
	}
	site = assemble()
	if status, body := ask("GET", "/any/page", ""); status != http.StatusOK || body != "the app" {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := ask("GET", "/healthz", ""); status != http.StatusOK {
		t.Errorf("/healthz answers %d", status)
	}
}

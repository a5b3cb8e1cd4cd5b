package command

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/ownql/ownql/internal/graphiql"
)

// TestServeGraphiQL has the files of a build, once it is whole, and nothing beside them.
func TestServeGraphiQL(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir()) // os.UserCacheDir, on macOS
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+graphiqlPath()+"{file}", serveGraphiQL)
	ask := func(path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		return recorder
	}
	write := func(name string) {
		path := filepath.Join(graphiql.Dir(), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("/* "+name+" */"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(graphiql.Script)
	if kept, _ := keptGraphiQL(); kept != "" {
		t.Errorf("half a build is kept at %s", kept)
	}
	if code := ask(graphiqlPath() + graphiql.Script).Code; code != http.StatusNotFound {
		t.Errorf("half a build answers %d", code)
	}
	write(graphiql.Style)
	write("lock")
	if kept, _ := keptGraphiQL(); kept != "" {
		t.Errorf("what is not sealed is kept at %s", kept)
	}
	if err := graphiql.Seal(graphiql.Dir()); err != nil {
		t.Fatal(err)
	}
	kept, dir := keptGraphiQL()
	if dir != graphiql.Dir() {
		t.Errorf("it is kept in %s, want %s", dir, graphiql.Dir())
	}
	for name, want := range map[string]string{graphiql.Script: "text/javascript; charset=utf-8", graphiql.Style: "text/css; charset=utf-8"} {
		answer := ask(kept + name)
		if answer.Code != http.StatusOK || answer.Body.String() != "/* "+name+" */" || answer.Header().Get("Content-Type") != want {
			t.Errorf("%s answers %d %s %s", name, answer.Code, answer.Header().Get("Content-Type"), answer.Body)
		}
		if cache := answer.Header().Get("Cache-Control"); cache != "private, no-cache" {
			t.Errorf("%s has the Cache-Control %q", name, cache)
		}
	}
	for _, path := range []string{kept + "lock", kept + "..%2flock", "/dev/graphiql/other/" + graphiql.Script} {
		if code := ask(path).Code; code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, code)
		}
	}
}

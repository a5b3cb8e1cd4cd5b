package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwt"
)

// What a project adds is told by stories, too: seams, own-fields and archive in
// testdata/script/embedded.

// startNotes serves the project of ownql's tests until the test ends, and returns its address.
func startNotes(t *testing.T) string {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir, addr := t.TempDir(), freeAddr(t)
	startServer(t, dir, os.Environ(), "exec "+filepath.Join(binary, "ownql")+" serve --addr "+addr)
	return addr
}

// request sends JSON, or nothing, with a token or without one.
func request(t *testing.T, method, url, token, body string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, content
}

// TestSeamMiddleware asks every address that openapi.json describes, those beside it, and some
// that are none: the project's middleware has stood around each.
func TestSeamMiddleware(t *testing.T) {
	addr := startNotes(t)
	ask := func(method, path, body string) (*http.Response, []byte) {
		t.Helper()
		response, content := request(t, method, "http://"+addr+path, "", body)
		if version := response.Header.Get("X-Notes-Version"); version != "1" {
			t.Errorf("%s %s is answered %s with the version %q", method, path, response.Status, version)
		}
		return response, content
	}
	_, openAPI := ask("GET", "/openapi.json", "")
	var described struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(openAPI, &described); err != nil || len(described.Paths) < 10 {
		t.Fatalf("%d paths, %v", len(described.Paths), err)
	}
	for path := range described.Paths {
		ask("GET", path, "")
		ask("POST", path, "{}")
	}
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/graphql", `{"query":"{ __typename }"}`, http.StatusOK},
		{"POST", "/graphql", `{"query":"{ viewer { id } }"}`, http.StatusUnauthorized},
		{"POST", "/graphql", `{"query":"{"}`, http.StatusOK},
		{"POST", "/graphql", `{`, http.StatusBadRequest},
		{"DELETE", "/graphql", "", http.StatusMethodNotAllowed},
		{"GET", "/", "", http.StatusOK},
		{"GET", "/dev/mail", "", http.StatusOK},
		{"GET", "/hello", "", http.StatusUnauthorized},
		{"GET", "/nowhere", "", http.StatusNotFound},
		{"POST", "/login", `{"email":"ada@example.com","password":"wrong horse"}`, http.StatusUnauthorized},
	} {
		if response, body := ask(test.method, test.path, test.body); response.StatusCode != test.status {
			t.Errorf("%s %s %s is answered %s %s, want %d", test.method, test.path, test.body, response.Status, body, test.status)
		}
	}
}

// TestSeamClaims signs up, signs in and refreshes: each token says what the project adds, and
// all that ownql has it say.
func TestSeamClaims(t *testing.T) {
	addr := startNotes(t)
	refresh := ""
	for _, step := range []struct{ path, body string }{
		{"/signup", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`},
		{"/login", `{"email":"ada@example.com","password":"correct horse"}`},
		{"/refresh", `{"refresh_token":"REFRESH"}`},
	} {
		var answer struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		response, body := request(t, "POST", "http://"+addr+step.path, "", strings.Replace(step.body, "REFRESH", refresh, 1))
		if err := json.Unmarshal(body, &answer); err != nil || answer.Access == "" {
			t.Fatalf("%s answers %s %s", step.path, response.Status, body)
		}
		refresh = answer.Refresh
		token, err := jwt.ParseInsecure([]byte(answer.Access))
		if err != nil {
			t.Fatalf("%s: %v", step.path, err)
		}
		claims := token.PrivateClaims()
		if claims["plan"] != "free" || claims["sid"] == nil || token.Subject() == "" || token.Expiration().IsZero() {
			t.Errorf("%s answers a token that says %v, of %q until %v", step.path, claims, token.Subject(), token.Expiration())
		}
	}
}

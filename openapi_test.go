package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/graph"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/mail"
	"github.com/ownql/ownql/store"
)

// TestOpenAPI holds the routes against openapi.json: each answer is one that it
// describes, and, but for those of a busy server, it describes no other.
func TestOpenAPI(t *testing.T) {
	document, err := libopenapi.NewDocument(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	described, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := described.ValidateDocument(); !ok {
		t.Fatalf("it is not OpenAPI 3.1: %v", problems)
	}
	server := newTestServer(t)

	const (
		ada      = `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`
		grace    = `{"email":"grace@example.com","password":"correct horse","firstName":"Grace","lastName":"Hopper","cookie":true}`
		wrong    = `{"email":"ada@example.com","password":"wrong horse"}`
		refresh  = `{"refresh_token":"%REFRESH%"}`
		tooShort = `{"email":"eve@example.com","password":"short","firstName":"Eve"}`
		evil     = "https://evil.example"
	)
	tooLong := `{"email":"` + strings.Repeat("x", 70_000) + `"}`
	var (
		seen                   = map[string]bool{}
		accessToken, refreshed string
		cookie                 *http.Cookie
	)
	for _, step := range []struct {
		method, path, body, mediaType, origin string
		signedIn, byCookie                    bool
		config                                string // of the server
		status                                int
	}{
		{method: "POST", path: "/signup", body: ada, status: 201},
		{method: "POST", path: "/signup", body: grace, status: 201},
		{method: "POST", path: "/signup", body: tooShort, status: 400},
		{method: "POST", path: "/signup", body: grace, origin: evil, status: 403},
		{method: "POST", path: "/signup", body: `{"email":"ada@example.com","password":"battery staple","firstName":"Eve"}`, status: 409},
		{method: "POST", path: "/signup", body: tooLong, status: 413},
		{method: "POST", path: "/signup", body: ada, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY%"}`, status: 204},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY%"}`, status: 400},
		{method: "POST", path: "/email/verify", body: tooLong, status: 413},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY%"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/signup", body: `{"email":"eve@example.com","password":"correct horse","firstName":"Eve"}`, config: "verified emails", status: 202},
		{method: "POST", path: "/password/forgot", body: `{"email":"eve@example.com"}`, status: 202},
		{method: "POST", path: "/password/forgot", body: `{"email":"nowhere"}`, status: 400},
		{method: "POST", path: "/password/forgot", body: tooLong, status: 413},
		{method: "POST", path: "/password/forgot", body: `{"email":"eve@example.com"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/password/reset", body: `{"token":"%RESET%","password":"battery staple"}`, status: 204},
		{method: "POST", path: "/password/reset", body: `{"token":"%RESET%","password":"battery staple"}`, status: 400},
		{method: "POST", path: "/password/reset", body: tooLong, status: 413},
		{method: "POST", path: "/password/reset", body: `{"token":"%RESET%","password":"battery staple"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/login", body: `{"email":"ada@example.com","password":"correct horse"}`, status: 200},
		{method: "POST", path: "/login", body: `{`, status: 400},
		{method: "POST", path: "/login", body: wrong, status: 401},
		{method: "POST", path: "/login", body: grace, origin: evil, status: 403},
		{method: "POST", path: "/login", body: tooLong, status: 413},
		{method: "POST", path: "/login", body: ada, mediaType: "application/x-www-form-urlencoded", status: 415},
		{method: "POST", path: "/refresh", body: refresh, status: 200},
		{method: "POST", path: "/refresh", body: `{}`, status: 400},
		{method: "POST", path: "/refresh", body: `{"refresh_token":"x"}`, status: 401},
		{method: "POST", path: "/refresh", body: tooLong, status: 413},
		{method: "POST", path: "/refresh", body: refresh, mediaType: "text/plain", status: 415},
		{method: "GET", path: "/.well-known/jwks.json", status: 200},
		{method: "GET", path: "/graphql-schema", signedIn: true, status: 200},
		{method: "GET", path: "/graphql-schema", status: 401},
		{method: "GET", path: "/graphql-schema", signedIn: true, config: "introspection off", status: 403},
		{method: "GET", path: "/schema.graphql", signedIn: true, status: 200},
		{method: "GET", path: "/schema.graphql", signedIn: true, config: "introspection off", status: 403},
		{method: "GET", path: "/schema.graphql", status: 401},
		{method: "GET", path: "/openapi.json", status: 200},
		{method: "GET", path: "/healthz", status: 200},
		{method: "GET", path: "/readyz", status: 200},
		{method: "POST", path: "/logout", status: 401},
		{method: "POST", path: "/logout", byCookie: true, origin: evil, status: 403},
		{method: "POST", path: "/logout", signedIn: true, status: 204},
	} {
		t.Run(fmt.Sprintf("%s %s %d", step.method, step.path, step.status), func(t *testing.T) {
			body := strings.NewReplacer(
				"%REFRESH%", refreshed,
				"%RESET%", server.mailed(t, "/password/reset"),
				"%VERIFY%", server.mailed(t, "/email/verify"),
			).Replace(step.body)
			request := httptest.NewRequest(step.method, step.path, strings.NewReader(body))
			if step.body != "" {
				request.Header.Set("Content-Type", "application/json")
			}
			if step.mediaType != "" {
				request.Header.Set("Content-Type", step.mediaType)
			}
			if step.origin != "" {
				request.Header.Set("Origin", step.origin)
			}
			if step.signedIn {
				request.Header.Set("Authorization", "Bearer "+accessToken)
			}
			if step.byCookie {
				request.AddCookie(cookie)
			}
			recorder := httptest.NewRecorder()
			server.handlers[step.config].ServeHTTP(recorder, request)
			answer := recorder.Body.Bytes()
			response := recorder.Result()
			if response.StatusCode != step.status {
				t.Fatalf("answered %d %s", response.StatusCode, answer)
			}
			response.Body = io.NopCloser(bytes.NewReader(answer))
			if ok, problems := described.ValidateHttpResponse(request, response); !ok {
				t.Errorf("%s is not as described: %v", answer, problems)
			}
			if step.status < 300 {
				request.Body = io.NopCloser(strings.NewReader(body))
				if ok, problems := described.ValidateHttpRequest(request); !ok {
					t.Errorf("what was accepted is not as described: %v", problems)
				}
			}
			if cookies := response.Cookies(); len(cookies) > 0 {
				cookie = cookies[0]
			}
			seen[fmt.Sprintf("%s %s %d", strings.ToLower(step.method), step.path, step.status)] = true
			var tokens struct {
				Access  string `json:"access_token"`
				Refresh string `json:"refresh_token"`
			}
			if json.Unmarshal(answer, &tokens) == nil && tokens.Access != "" {
				accessToken, refreshed = tokens.Access, tokens.Refresh
			}
		})
	}
	var all struct {
		Paths map[string]map[string]struct {
			Responses map[string]any
		}
	}
	if err := json.Unmarshal(openAPI, &all); err != nil {
		t.Fatal(err)
	}
	for path, methods := range all.Paths {
		for method, operation := range methods {
			for status := range operation.Responses {
				isBusy := status == "429" || status == "503"
				if !isBusy && !seen[method+" "+path+" "+status] {
					t.Errorf("%s %s describes %s, which nothing here gets", method, path, status)
				}
			}
		}
	}
}

// openAPIServer is the routes on an engine of their own, as they are in production, by
// what is special about the configuration, and what they have mailed.
type openAPIServer struct {
	handlers map[string]http.Handler
	post     *auth.Post
	mails    bytes.Buffer
}

func newTestServer(t *testing.T) *openAPIServer {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s := store.New(engine, "")
	if _, err := s.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	templates, err := mail.ReadTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	server := &openAPIServer{}
	server.post = auth.NewPost(s, mail.NewMailbox(&server.mails, templates), "https://api.example.com")
	plain := config{
		issuer:        "ownql",
		keys:          auth.NewSecretKeys([]byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")),
		introspection: true,
		maxRequests:   100,
		limits:        graph.DefaultLimits,
	}
	hiding, verified := plain, plain
	hiding.introspection, verified.needVerified = false, true
	server.handlers = map[string]http.Handler{
		"":                  newRoutes(s, server.post, nil, plain),
		"introspection off": newRoutes(s, server.post, nil, hiding),
		"verified emails":   newRoutes(s, server.post, nil, verified),
	}
	return server
}

// mailed returns the token of the last mail whose link leads to path; empty: none does.
func (server *openAPIServer) mailed(t *testing.T, path string) (token string) {
	t.Helper()
	if err := server.post.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, link := range regexp.MustCompile(path+"#token=([A-Za-z0-9_-]+)").FindAllStringSubmatch(server.mails.String(), -1) {
		token = link[1]
	}
	return token
}

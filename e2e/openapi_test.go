package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/ownql/ownql/internal/smtptest"
)

// TestOpenAPI holds the routes against openapi.json: each answer is one that it
// describes, and, but for those of a busy server, it describes no other.
func TestOpenAPI(t *testing.T) {
	server := startOpenAPI(t)
	openAPI := server.document(t)
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
		byToken                               bool   // a service token
		mutation                              string // before that, by the access token
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
		{method: "POST", path: "/refresh", body: refresh, config: "verified emails", status: 403},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY ada@example.com%"}`, status: 401},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY ada@example.com%"}`, byCookie: true, origin: evil, status: 403},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY ada@example.com%"}`, signedIn: true, status: 204},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY ada@example.com%"}`, status: 400},
		{method: "POST", path: "/email/verify", body: tooLong, status: 413},
		{method: "POST", path: "/email/verify", body: `{"token":"none"}`, mediaType: "text/plain", status: 415},
		{mutation: `changeEmail(input: {password: "correct horse", email: "next@example.com"}) { user { pendingEmail } }`,
			method: "POST", path: "/signup", body: `{"email":"next@example.com","password":"correct horse","firstName":"Next","cookie":true}`, status: 201},
		{method: "POST", path: "/email/verify", body: `{"token":"%VERIFY next@example.com%"}`, signedIn: true, status: 409},
		{method: "POST", path: "/signup", body: `{"email":"eve@example.com","password":"correct horse","firstName":"Eve"}`, config: "verified emails", status: 202},
		{method: "POST", path: "/password/forgot", body: `{"email":"eve@example.com"}`, status: 202},
		{method: "POST", path: "/password/forgot", body: `{"email":"nowhere"}`, status: 400},
		{method: "POST", path: "/password/forgot", body: `{"email":"eve@example.com"}`, byToken: true, status: 403},
		{method: "POST", path: "/password/forgot", body: tooLong, status: 413},
		{method: "POST", path: "/password/forgot", body: `{"email":"eve@example.com"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/password/reset", body: `{"token":"%RESET eve@example.com%","password":"battery staple"}`, status: 204},
		{method: "POST", path: "/password/reset", body: `{"token":"%RESET eve@example.com%","password":"battery staple"}`, status: 400},
		{method: "POST", path: "/password/reset", body: `{"token":"none","password":"battery staple"}`, byToken: true, status: 403},
		{method: "POST", path: "/password/reset", body: tooLong, status: 413},
		{method: "POST", path: "/password/reset", body: `{"token":"none","password":"battery staple"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/account/undo", body: `{"token":"%UNDO eve@example.com%","password":"nanoseconds, please"}`, status: 204},
		{method: "POST", path: "/account/undo", body: `{"token":"%UNDO eve@example.com%","password":"nanoseconds, please"}`, status: 400},
		{method: "POST", path: "/account/undo", body: `{"token":"none","password":"battery staple"}`, byToken: true, status: 403},
		{method: "POST", path: "/account/undo", body: tooLong, status: 413},
		{method: "POST", path: "/account/undo", body: `{"token":"none","password":"battery staple"}`, mediaType: "text/plain", status: 415},
		{method: "POST", path: "/invitation", body: `{"token":"none"}`, status: 400},
		{method: "POST", path: "/invitation", body: `{"token":"none"}`, byToken: true, status: 403},
		{method: "POST", path: "/invitation", body: tooLong, status: 413},
		{method: "POST", path: "/invitation", body: `{"token":"none"}`, mediaType: "text/plain", status: 415},
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
			body := strings.ReplaceAll(step.body, "%REFRESH%", refreshed)
			if match := mailPlaceholder.FindStringSubmatch(body); match != nil {
				path := map[string]string{"RESET": "/password/reset", "VERIFY": "/email/verify", "UNDO": "/account/undo"}[match[1]]
				body = strings.ReplaceAll(body, match[0], server.mailed(t, path, match[2]))
			}
			if step.mutation != "" {
				document, _ := json.Marshal(map[string]string{"query": "mutation { " + step.mutation + " }"})
				if response, answer := request(t, "POST", server.urls[step.config]+"/graphql", accessToken, string(document)); bytes.Contains(answer, []byte("errors")) {
					t.Fatalf("%s is answered %s %s", step.mutation, response.Status, answer)
				}
			}
			request, err := http.NewRequestWithContext(t.Context(), step.method, server.urls[step.config]+step.path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
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
			if step.byToken {
				request.Header.Set("Authorization", "Bearer own_"+strings.Repeat("0", 92))
			}
			if step.byCookie {
				request.AddCookie(cookie)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			answer, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
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
				// A project with members gets these: TestInvitationMails of package command.
				ofMembers := path == "/invitation" && (status == "204" || status == "401")
				if !isBusy && !ofMembers && !seen[method+" "+path+" "+status] {
					t.Errorf("%s %s describes %s, which nothing here gets", method, path, status)
				}
			}
		}
	}
}

// mailPlaceholder stands for the token of a mail.
var mailPlaceholder = regexp.MustCompile("%(RESET|VERIFY|UNDO) ([^%]+)%")

// openAPIServer is the real binary on one store, as it is in production, by what is special
// about the configuration, and what it has mailed.
type openAPIServer struct {
	urls   map[string]string
	smtp   *smtptest.Server
	tokens map[string]string // by the path of the link and the address, of the newest mail that has one
}

func startOpenAPI(t *testing.T) *openAPIServer {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	engine := httptest.NewServer(newEngine(t).Handler())
	t.Cleanup(engine.Close)
	server := &openAPIServer{map[string]string{}, smtptest.Start(t, smtptest.Options{NeedAuth: true}), map[string]string{}}
	env := append(os.Environ(),
		"AWS_ENDPOINT_URL_DYNAMODB="+engine.URL, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"OWNQL_STORE=dynamodb", "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s", "OWNQL_URL=https://api.example.com", "OWNQL_RATE_LIMIT=off",
		"OWNQL_SMTP_URL=smtp://"+smtptest.User+":p%3Ass%2Fw%40rd@"+server.smtp.Addr, "OWNQL_MAIL_FROM=no-reply@example.com",
	)
	runShell(t, ".", env, binary+"/ownql tables")
	for config, flags := range map[string]string{
		"":                  "--introspection",
		"introspection off": "--introspection=off",
		"verified emails":   "--introspection --require-verified-email",
	} {
		addr := freeAddr(t)
		startServer(t, ".", env, "exec "+binary+"/ownql --addr "+addr+" "+flags)
		server.urls[config] = "http://" + addr
	}
	return server
}

// document returns what describes the server.
func (server *openAPIServer) document(t *testing.T) []byte {
	t.Helper()
	response, err := http.Get(server.urls[""] + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	document, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v", response.Status, err)
	}
	return document
}

// mailed returns the token of the newest mail to an address whose link leads to path, which is under
// way.
func (server *openAPIServer) mailed(t *testing.T, path, to string) string {
	t.Helper()
	late := time.After(20 * time.Second)
	for server.tokens[path+" "+to] == "" {
		select {
		case mail := <-server.smtp.Mails:
			for _, linked := range []string{"/password/reset", "/email/verify", "/account/undo"} {
				if bytes.Contains(mail.Data, []byte(linked+"#token=")) {
					server.tokens[linked+" "+mail.To[0]] = tokenIn(t, mail)
				}
			}
		case <-late:
			t.Fatalf("no mail to %s has a link to %s", to, path)
		}
	}
	return server.tokens[path+" "+to]
}

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/lambdahttp"
	"github.com/ownql/ownql/web"
)

// lambdaTimeout is what the functions of the tests have for an invocation, where they are
// not to feel it.
const lambdaTimeout = 30 * time.Second

// startOwnqlLambda starts ownql as a function.
func startOwnqlLambda(t testing.TB, variables ...string) *lambdaFunction {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	return startLambda(t, exec.Command(filepath.Join(binary, "ownql")), variables...)
}

// createTables creates the tables in the store of these variables.
func createTables(t testing.TB, variables []string) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	tables := exec.Command(filepath.Join(binary, "ownql"), "tables", "--store", "dynamodb")
	tables.Env = append([]string{"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test"}, variables...)
	if out, err := tables.CombinedOutput(); err != nil {
		t.Fatalf("ownql tables: %v\n%s", err, out)
	}
}

// send has the function answer the request, in that form.
func (f *lambdaFunction) send(t testing.TB, form string, r lambdaRequest) lambdaResponse {
	t.Helper()
	return f.invoke(t, r.event(t, form), lambdaTimeout).response(t, form)
}

func asJSON(names ...string) http.Header {
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(names); i += 2 {
		header.Add(names[i], names[i+1])
	}
	return header
}

// TestLambda has the real binary answer events of every form, on one store.
func TestLambda(t *testing.T) {
	function := startOwnqlLambda(t, lambdaStore(t)...)
	for _, form := range lambdaForms {
		t.Run(form, func(t *testing.T) {
			email := form + "@example.com"
			response := function.send(t, form, lambdaRequest{
				method: "POST", path: "/signup", header: asJSON(),
				body: `{"email":"` + email + `","password":"correct horse","firstName":"Ada","lastName":"Lovelace","cookie":true}`,
			})
			set := response.header.Values("Set-Cookie")
			if response.status != http.StatusCreated || len(set) != 1 {
				t.Fatalf("signup: %+v", response)
			}
			cookie, attributes, _ := strings.Cut(set[0], ";")
			if !strings.HasPrefix(cookie, "__Host-ownql=") || attributes != " Path=/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax" {
				t.Errorf("signup sets the cookie %s", set[0])
			}

			for _, test := range []struct {
				name    string
				request lambdaRequest
				status  int
				body    string // which the answer has in it
			}{
				{
					"a cookie among others, and a query in the address",
					lambdaRequest{method: "GET", path: "/graphql", query: "query=" + url.QueryEscape("{ viewer { email } }"), header: http.Header{"Cookie": {"a=b; " + cookie + "; c=d"}}},
					http.StatusOK, `"email":"` + email + `"`,
				},
				{
					"characters that a query string encodes",
					lambdaRequest{method: "GET", path: "/graphql", query: "variables=" + url.QueryEscape(`{"x":"a+b & c=d%20é"}`) + "&query=" + url.QueryEscape(`query($x: ID!) { viewer { email } node(id: $x) { id } }`), header: http.Header{"Cookie": {cookie}}},
					http.StatusOK, `"node":null`,
				},
				{
					"a body in base64",
					lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Cookie", cookie), body: `{"query":"mutation { updateViewer(input: {lastName: \"Lovelace – ünïcödé\"}) { user { lastName } } }"}`, isBase64: true},
					http.StatusOK, `"lastName":"Lovelace – ünïcödé"`,
				},
				{
					"a body as text",
					lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Cookie", cookie), body: `{"query":"{ viewer { lastName } }"}`},
					http.StatusOK, `"lastName":"Lovelace – ünïcödé"`,
				},
				{
					"the cookie from a page of the same origin",
					lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Cookie", cookie, "Origin", "https://api.example.com"), body: `{"query":"{ viewer { email } }"}`},
					http.StatusOK, email,
				},
				{
					"the cookie from a page of another origin",
					lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Cookie", cookie, "Origin", "https://evil.example"), body: `{"query":"{ viewer { email } }"}`},
					http.StatusForbidden, `"code":"FORBIDDEN"`,
				},
				{
					"a session that is not",
					lambdaRequest{method: "POST", path: "/graphql", header: asJSON("Authorization", "Bearer x"), body: `{"query":"{ viewer { email } }"}`},
					http.StatusUnauthorized, `"code":"UNAUTHENTICATED"`,
				},
				{
					"a body that is too large",
					lambdaRequest{method: "POST", path: "/login", header: asJSON(), body: `{"email":"` + strings.Repeat("a", 2<<20) + `"}`},
					http.StatusRequestEntityTooLarge, `"code":"BAD_USER_INPUT"`,
				},
				{
					"an address that nothing is at",
					lambdaRequest{method: "GET", path: "/"},
					http.StatusNotFound, `"code":"NOT_FOUND"`,
				},
			} {
				response := function.send(t, form, test.request)
				if response.status != test.status || !strings.Contains(response.body, test.body) {
					t.Errorf("%s: %d %s; want %d and %s", test.name, response.status, response.body, test.status, test.body)
				}
				if got := response.header.Get("X-Content-Type-Options"); got != "nosniff" {
					t.Errorf("%s: X-Content-Type-Options is %q", test.name, got)
				}
			}

			response = function.send(t, form, lambdaRequest{method: "GET", path: "/healthz"})
			if response.status != http.StatusOK || response.body != "ok\n" || response.header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("/healthz: %+v", response)
			}
			response = function.send(t, form, lambdaRequest{method: "POST", path: "/logout", header: asJSON("Cookie", cookie, "Origin", "https://api.example.com")})
			if set := response.header.Get("Set-Cookie"); response.status != http.StatusNoContent || !strings.HasPrefix(set, "__Host-ownql=;") {
				t.Errorf("/logout: %+v", response)
			}
		})
	}
}

// TestLambdaClientAddress exhausts the sign-ins of one address, which says that it is
// another each time.
func TestLambdaClientAddress(t *testing.T) {
	const attempts = 3000
	for _, form := range lambdaForms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			function := startOwnqlLambda(t, "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1")
			login := func(from, forwarded string) lambdaResponse {
				return function.send(t, form, lambdaRequest{method: "POST", path: "/login", header: asJSON("X-Forwarded-For", forwarded), body: "{", from: from})
			}
			refused := 0
			for i := range attempts {
				if login("203.0.113.9", fmt.Sprintf("192.0.2.%d", i%250)).status == http.StatusTooManyRequests {
					refused = i
					break
				}
			}
			if refused == 0 {
				t.Errorf("%d sign-ins of one address are let through", attempts)
			}
			if response := login("203.0.113.10", "203.0.113.9"); response.status != http.StatusBadRequest {
				t.Errorf("a sign-in of another address is answered %+v", response)
			}
		})
	}
}

// TestLambdaDeadline invokes a function whose DynamoDB does not answer: it must, before
// Lambda kills it.
func TestLambdaDeadline(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	function := startOwnqlLambda(t, "AWS_ENDPOINT_URL_DYNAMODB=http://"+silent.Addr().String())
	function.send(t, "http-api", lambdaRequest{method: "GET", path: "/healthz"}) // it has started
	const timeout = 3 * time.Second
	login := lambdaRequest{method: "POST", path: "/login", header: asJSON(), body: `{"email":"ada@example.com","password":"correct horse"}`}
	begin := time.Now()
	response := function.invoke(t, login.event(t, "http-api"), timeout).response(t, "http-api")
	if took := time.Since(begin); took > timeout {
		t.Errorf("it answers after %v, of the %v that it has", took, timeout)
	}
	if response.status != http.StatusServiceUnavailable || response.header.Get("Retry-After") == "" {
		t.Errorf("%+v; want 503 with Retry-After", response)
	}
	function.stop(t)
	var line struct{ Timestamp, Level, Message string }
	for log := json.NewDecoder(&function.log); line.Level != "ERROR"; {
		if err := log.Decode(&line); err != nil {
			t.Fatalf("the log has no error: %v", err)
		}
	}
	if line.Timestamp == "" || line.Message != "request failed" {
		t.Errorf("the log has %+v", line)
	}
}

// TestLambdaOtherEvents gives a function what is no request; it goes on after that.
func TestLambdaOtherEvents(t *testing.T) {
	function := startOwnqlLambda(t, "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:1")
	for name, event := range map[string]string{
		"of a test in the console": `{"key1":"value1","key2":"value2","key3":"value3"}`,
		"of a queue":               `{"Records":[{"messageId":"1","body":"{}","eventSource":"aws:sqs"}]}`,
		"of a bus, by name alone":  `{"version":"0","detail-type":"Scheduled Event","source":"com.example","resources":[],"detail":{}}`,
		"of no JSON object":        `"warm"`,
	} {
		if o := function.invoke(t, []byte(event), lambdaTimeout); !o.isError {
			t.Errorf("an event %s is answered %s", name, o.body)
		}
	}
	if response := function.send(t, "http-api", lambdaRequest{method: "GET", path: "/healthz"}); response.status != http.StatusOK {
		t.Errorf("after that: %+v", response)
	}
}

// TestLambdaRefuses starts a function with what cannot be there.
func TestLambdaRefuses(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, variable, line string
	}{
		{"the embedded engine", "OWNQL_STORE=/tmp/data", `ownql: --store /tmp/data: want "dynamodb" on AWS Lambda, which keeps no directory from one start to the next`},
		{"dev", "OWNQL_DEV=on", "ownql: --dev on: want off on AWS Lambda, where nothing comes from this machine"},
	} {
		function := exec.Command(filepath.Join(binary, "ownql"))
		function.Dir = t.TempDir()
		function.Env = append(lambdaVariables(newRuntimeAPI(t)), test.variable)
		out, err := function.CombinedOutput()
		if err == nil || string(out) != test.line+"\n" {
			t.Errorf("%s: it prints %q, %v; want %q", test.name, out, err, test.line)
		}
		if files, err := os.ReadDir(function.Dir); err != nil || len(files) > 0 {
			t.Errorf("%s: it leaves files, %v", test.name, err)
		}
	}
}

// lambdaOfTests is a function that panics at /panic, and behind every answer waits for the
// address in BEHIND to answer.
func lambdaOfTests() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("on purpose")
		}
		io.WriteString(w, "ok")
	})
	lambdahttp.Serve(ctx, web.WithRequestID(handler), neverTooLarge, nil, func(ctx context.Context) error {
		response, err := http.Get(os.Getenv("BEHIND"))
		if err == nil {
			response.Body.Close()
		}
		return err
	})
}

func neverTooLarge(http.ResponseWriter, *http.Request, int) { panic("no answer here is too large") }

// startLambdaOfTests starts lambdaOfTests as a process of its own; work takes until release
// is called.
func startLambdaOfTests(t *testing.T) (function *lambdaFunction, release func()) {
	released := make(chan struct{})
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-released })}
	go server.Serve(behind)
	t.Cleanup(func() { server.Close() })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	function = startLambda(t, &exec.Cmd{Path: self, Args: []string{"lambda"}}, "BEHIND=http://"+behind.Addr().String())
	return function, func() { close(released) }
}

// TestLambdaPanic invokes a function that panics; it goes on after that.
func TestLambdaPanic(t *testing.T) {
	function, release := startLambdaOfTests(t)
	release()
	response := function.send(t, "http-api", lambdaRequest{method: "GET", path: "/panic"})
	if response.status != http.StatusInternalServerError || !strings.Contains(response.body, `"code":"INTERNAL_SERVER_ERROR"`) || strings.Contains(response.body, "purpose") {
		t.Errorf("%+v", response)
	}
	if response := function.send(t, "http-api", lambdaRequest{method: "GET", path: "/"}); response.body != "ok" {
		t.Errorf("after that: %+v", response)
	}
}

// TestLambdaBehind has work go on behind an answer: the client has it before, and Lambda
// may stop the process only after.
func TestLambdaBehind(t *testing.T) {
	function, release := startLambdaOfTests(t)
	<-function.asked
	if response := function.send(t, "http-api", lambdaRequest{method: "GET", path: "/"}); response.body != "ok" {
		t.Errorf("%+v", response)
	}
	select {
	case <-function.asked:
		t.Error("it asks for the next invocation before the work is done")
	case <-time.After(200 * time.Millisecond):
	}
	release()
	select {
	case <-function.asked:
	case <-time.After(20 * time.Second):
		t.Error("it does not ask for the next invocation after the work is done")
	}
}

//go:build hostile

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestHostileClient sends what requirements 12 to 16 and 19 forbid to the real binary,
// and prints what each got (with -v).
func TestHostileClient(t *testing.T) {
	server := startHostile(t)
	long := strings.Repeat("x", 2<<20)
	query := func(document string) string {
		body, _ := json.Marshal(map[string]string{"query": document})
		return string(body)
	}
	multiplying := "{ ...f0 }"
	for i := range 60 {
		multiplying += fmt.Sprintf(" fragment f%d on Query { ...f%d ...f%d }", i, i+1, i+1)
	}
	multiplying += " fragment f60 on Query { viewer { id } }"
	manyIDs := strings.Repeat(`"x",`, 101)

	for _, test := range []struct {
		requirement, name string
		method, path      string
		headers           map[string]string
		body              string
		status            string // a regular expression
		code              string // empty: none is wanted
	}{
		{"12", "1,001 tokens", "POST", "/graphql", nil, query("{" + strings.Repeat("__typename ", 1001) + "}"), "200", "QUERY_TOO_COMPLEX"},
		{"12", "31 aliases", "POST", "/graphql", nil, query("{" + repeatedAliases(31) + "}"), "200", "QUERY_TOO_COMPLEX"},
		{"12", "51 directives", "POST", "/graphql", nil, query("{ __typename " + strings.Repeat("@skip(if: false) ", 51) + "}"), "200", "QUERY_TOO_COMPLEX"},
		{"12", "501 fields", "POST", "/graphql", nil, query("{" + strings.Repeat("__typename ", 501) + "}"), "200", "QUERY_TOO_COMPLEX"},
		{"12", "fragments that multiply", "POST", "/graphql", nil, query(multiplying), "200", "QUERY_TOO_COMPLEX"},
		{"12", "21 levels", "POST", "/graphql", nil, query(strings.Repeat("{ a ", 21) + strings.Repeat("}", 21)), "200", "QUERY_TOO_COMPLEX"},
		{"13", "a batch", "POST", "/graphql", nil, "[" + query("{ __typename }") + "]", "400", "BAD_USER_INPUT"},
		{"13", "101 ids", "POST", "/graphql", nil, query("{ nodes(ids: [" + manyIDs + "]) { id } }"), "200", "BAD_USER_INPUT"},
		{"13", "a mutation by GET", "GET", "/graphql?query=mutation{updateViewer(input:{}){user{id}}}", nil, "", "405", "BAD_USER_INPUT"},
		{"13", "a form", "POST", "/graphql", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "query={__typename}", "415", "BAD_USER_INPUT"},
		{"13", "text", "POST", "/graphql", map[string]string{"Content-Type": "text/plain"}, query("{ __typename }"), "415", "BAD_USER_INPUT"},
		{"13", "multipart", "POST", "/graphql", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, "--x--", "415", "BAD_USER_INPUT"},
		{"13", "gzip", "POST", "/graphql", map[string]string{"Content-Encoding": "gzip"}, query("{ __typename }"), "415", "BAD_USER_INPUT"},
		{"13", "a WebSocket", "GET", "/graphql", map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}, "", "400", "BAD_USER_INPUT"},
		{"13", "something behind the body", "POST", "/graphql", nil, query("{ __typename }") + "{}", "400", "BAD_USER_INPUT"},
		{"14", "no JSON", "POST", "/graphql", nil, `{"query": "sesame`, "400", "BAD_USER_INPUT"},
		{"14", "no document", "POST", "/graphql", nil, query("{"), "200", "GRAPHQL_PARSE_FAILED"},
		{"14", "an unknown field", "POST", "/graphql", nil, query("{ frobnicate }"), "200", "GRAPHQL_VALIDATION_FAILED"},
		{"14", "a variable of another type", "POST", "/graphql", nil, `{"query":"query ($id: ID!) { node(id: $id) { id } }","variables":{"id":{}}}`, "200", "GRAPHQL_VALIDATION_FAILED"},
		{"14", "2 MB", "POST", "/graphql", nil, query(long), "413", "BAD_USER_INPUT"},
		{"15", "an id that is none", "POST", "/graphql", nil, query(`{ node(id: "../../etc/passwd") { id } }`), "200", ""},
		{"16", "pprof", "GET", "/debug/pprof/", nil, "", "404", "NOT_FOUND"},
		{"16", "a dotfile", "GET", "/.git/config", nil, "", "404", "NOT_FOUND"},
		{"16", "a path out of everything", "GET", "/..%2f..%2fetc/passwd", nil, "", "404", "NOT_FOUND"},
	} {
		t.Run(test.requirement+" "+test.name, func(t *testing.T) {
			status, header, body := server.send(t, test.method, test.path, test.headers, test.body)
			t.Logf("%s %s: %d %.160s", test.method, test.path, status, body)
			if !regexp.MustCompile("^(" + test.status + ")$").MatchString(strconv.Itoa(status)) {
				t.Errorf("status %d, want %s", status, test.status)
			}
			if test.code != "" && !strings.Contains(body, `"code":"`+test.code+`"`) || test.code == "" && strings.Contains(body, "errors") {
				t.Errorf("want the code %q in %s", test.code, body)
			}
			if header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no nosniff")
			}
			for _, internal := range []string{"sesame", ".go:", "goroutine", "dynamo", "*", "json:"} {
				if strings.Contains(body, internal) {
					t.Errorf("%q shows in %s", internal, body)
				}
			}
		})
	}
}

// TestSlowClients holds 500 connections that stop in their headers, and 500 that stop in
// their bodies (requirement 19).
func TestSlowClients(t *testing.T) {
	const clients, headerBound, bodyBound, memoryBound = 500, 35 * time.Second, 65 * time.Second, 400 << 20
	const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n"
	for _, test := range []struct {
		name, start string
		bound       time.Duration
	}{
		{"in their headers", head, headerBound},
		{"in their bodies", head + "\r\n" + strings.Repeat(" ", 1000_000), bodyBound},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := startHostile(t)
			closed := make(chan time.Duration, clients)
			start := time.Now()
			for range clients {
				go func() {
					conn, err := net.Dial("tcp", server.addr)
					if err != nil {
						t.Error(err)
						closed <- 0
						return
					}
					defer conn.Close()
					conn.SetDeadline(start.Add(2 * test.bound))
					io.WriteString(conn, test.start)
					io.Copy(io.Discard, conn)
					closed <- time.Since(start)
				}()
			}
			peak, slowest := 0, time.Duration(0)
			for range clients {
				slowest = max(slowest, <-closed)
				memory, err := anonymousMemory(server.pid)
				if err != nil {
					t.Fatal(err)
				}
				peak = max(peak, memory)
			}
			t.Logf("%d clients: closed after at most %s, at most %d MB of anonymous memory", clients, slowest.Round(time.Second), peak>>20)
			if slowest > test.bound || peak > memoryBound {
				t.Errorf("want at most %s and %d MB", test.bound, memoryBound>>20)
			}
			if status, _, body := server.send(t, "GET", "/healthz", nil, ""); status != http.StatusOK {
				t.Errorf("/healthz answers %d %s", status, body)
			}
		})
	}
}

// hostileServer is the real binary, and a user of it.
type hostileServer struct{ addr, pid, token string }

func startHostile(t *testing.T) *hostileServer {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server := &hostileServer{addr: freeAddr(t)}
	env := append(os.Environ(), "OWNQL_ADDR="+server.addr, "OWNQL_STORE="+t.TempDir())
	pidFile := filepath.Join(t.TempDir(), "pid")
	startServer(t, ".", env, "echo $$ >"+pidFile+"; exec "+binary+"/ownql")
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	server.pid = strings.TrimSpace(string(pid))
	_, _, body := server.send(t, "POST", "/signup", nil, `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`)
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Token == "" {
		t.Fatalf("sign-up: %s, %v", body, err)
	}
	server.token = answer.Token
	return server
}

func (s *hostileServer) send(t *testing.T, method, path string, headers map[string]string, body string) (int, http.Header, string) {
	t.Helper()
	request, err := http.NewRequest(method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
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
	return response.StatusCode, response.Header, string(answer)
}

func repeatedAliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: __typename ", i)
	}
	return b.String()
}

// TestKilled kills the server under sign-ups, five times, and looks for each one that it
// had acknowledged (requirement 17). A second process meanwhile is refused. How it drains
// (requirement 18) is TestDrain.
func TestKilled(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	data, addr := t.TempDir(), freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+data, "OWNQL_RATE_LIMIT=off")
	var acknowledged []string
	for round := range 5 {
		pidFile := filepath.Join(t.TempDir(), "pid")
		stop := startServer(t, ".", env, "echo $$ >"+pidFile+"; exec "+binary+"/ownql")
		server := &hostileServer{addr: addr}
		for _, email := range acknowledged {
			login := fmt.Sprintf(`{"email":%q,"password":"correct horse"}`, email)
			if status, _, body := server.send(t, "POST", "/login", nil, login); status != http.StatusOK {
				t.Errorf("%s was acknowledged, and now: %d %s", email, status, body)
			}
		}
		second := exec.Command(binary+"/ownql", "--addr", "127.0.0.1:0", "--store", data)
		if out, err := second.CombinedOutput(); err == nil || !strings.Contains(string(out), "another ownql has it open") {
			t.Errorf("a second process: %v, %s", err, out)
		}

		var (
			wg sync.WaitGroup
			mu sync.Mutex
		)
		for i := range 8 {
			wg.Go(func() {
				for n := 0; ; n++ {
					email := fmt.Sprintf("u%d-%d-%d@example.com", round, i, n)
					signup := fmt.Sprintf(`{"email":%q,"password":"correct horse","firstName":"U"}`, email)
					response, err := http.Post("http://"+addr+"/signup", "application/json", strings.NewReader(signup))
					if err != nil {
						return // it is dead
					}
					response.Body.Close()
					if response.StatusCode == http.StatusCreated {
						mu.Lock()
						acknowledged = append(acknowledged, email)
						mu.Unlock()
					}
				}
			})
		}
		time.Sleep(700 * time.Millisecond)
		pid, err := os.ReadFile(pidFile)
		if err != nil {
			t.Fatal(err)
		}
		number, err := strconv.Atoi(strings.TrimSpace(string(pid)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(number, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		stop()
	}
	t.Logf("%d sign-ups were acknowledged in 5 rounds", len(acknowledged))
	if len(acknowledged) == 0 {
		t.Error("the server never came to acknowledge one")
	}
}

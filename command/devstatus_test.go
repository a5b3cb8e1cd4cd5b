package command

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ownql/ownql/internal/devstatus"
)

// TestDevStatus answers what `ownql dev` says to a page of this machine's user, and to nobody else.
func TestDevStatus(t *testing.T) {
	dir := t.TempDir()
	loop := newDevLoop(func(name string) string {
		return map[string]string{devstatus.Variable: dir}[name]
	})
	if err := loop.SetStatus(devstatus.Status{State: devstatus.Mistake, Text: "schema.graphqls:1:1: </pre><script>"}); err != nil {
		t.Fatal(err)
	}
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	server := httptest.NewServer(loop.handler(next))
	defer server.Close()
	ask := func(path string, header http.Header) (int, string) {
		request, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = header
		if host := header.Get("Host"); host != "" {
			request.Host = host
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	code, body := ask("/dev/status", http.Header{})
	var got struct{ Server, State, Text string }
	if err := json.Unmarshal([]byte(body), &got); code != http.StatusOK || err != nil {
		t.Fatalf("it answers %d %s", code, body)
	}
	if got.Server == "" || got.State != "mistake" || got.Text != "schema.graphqls:1:1: </pre><script>" {
		t.Errorf("it answers %+v", got)
	}
	if _, again := ask("/dev/status", http.Header{}); again != body {
		t.Errorf("the same server answers %s, and then %s", body, again)
	}
	for what, header := range map[string]http.Header{
		"another host":      {"Host": {"shop.example.com"}},
		"through a proxy":   {"X-Forwarded-For": {"192.0.2.1"}},
		"another's page":    {"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"cors"}},
		"another's no-cors": {"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"no-cors"}},
	} {
		if code, body := ask("/dev/status", header); code != http.StatusNotFound {
			t.Errorf("%s: %d %s", what, code, body)
		}
	}
	if code, _ := ask("/graphql", http.Header{}); code != http.StatusTeapot {
		t.Errorf("what is beside answers %d", code)
	}
	none := newDevLoop(func(string) string { return "" })
	recorder := httptest.NewRecorder()
	none.handler(next).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/dev/status", nil))
	if recorder.Code != http.StatusTeapot {
		t.Errorf("without ownql dev it answers %d", recorder.Code)
	}
}

// TestDevLoopServing greets the user once, however often a server takes the place of another.
func TestDevLoopServing(t *testing.T) {
	dir := t.TempDir()
	loop := newDevLoop(func(string) string { return dir })
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	if !loop.serving(addr) || loop.serving(addr) {
		t.Error("it greets another time than the first")
	}
	if !newDevLoop(func(string) string { return "" }).serving(addr) {
		t.Error("without ownql dev it does not greet")
	}
}

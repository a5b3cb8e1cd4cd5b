package e2e

import (
	"net/http"
	"os"
	"testing"
)

// TestShedding has a server that serves one request at once turn another away, but for
// /healthz, until the first has its answer.
func TestShedding(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir(), "OWNQL_MAX_REQUESTS=1")
	startServer(t, ".", env, "exec "+binary+"/ownql")
	status := func(path string) (int, http.Header) {
		t.Helper()
		response, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode, response.Header
	}

	slow := sendHalf(t, addr)
	if code, header := status("/readyz"); code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("the second request at once is answered %d, %v; want 503 with Retry-After", code, header)
	}
	if code, _ := status("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz is answered %d", code)
	}
	if response, err := slow.sendRest(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the first request is answered %v, %v", response, err)
	}
	if code, _ := status("/readyz"); code != http.StatusOK {
		t.Errorf("the next request is answered %d", code)
	}
}

package e2e

import (
	"net/http"
	"os"
	"testing"
)

// TestShedding has a server that serves one request at once answer others while it waits for the
// rest of the first one's body, and then that one. Package web's tests turn some away.
func TestShedding(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir(), "OWNQL_MAX_REQUESTS=1")
	startServer(t, ".", env, "exec "+binary+"/ownql")

	slow := sendHalf(t, addr)
	for _, path := range []string{"/readyz", "/healthz", "/openapi.json"} {
		response, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s is answered %d", path, response.StatusCode)
		}
	}
	if response, err := slow.sendRest(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("the first request is answered %v, %v", response, err)
	}
}

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

// TestDebugAddr: pprof and expvar are served there, to this machine's programs, and nowhere
// else.
func TestDebugAddr(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	public, debug := freeAddr(t), freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+public, "OWNQL_DEBUG_ADDR="+debug, "OWNQL_STORE="+t.TempDir())
	startServer(t, ".", env, "exec "+binary+"/ownql")

	for _, test := range []struct {
		name string
		url  string
		host string
		want int
	}{
		{"pprof", "http://" + debug + "/debug/pprof/", "", http.StatusOK},
		{"a heap", "http://" + debug + "/debug/pprof/heap", "", http.StatusOK},
		{"expvar", "http://" + debug + "/debug/vars", "", http.StatusOK},
		{"a web page that names its own host as this machine", "http://" + debug + "/debug/pprof/", "evil.example.com", http.StatusNotFound},
		{"the API is not there", "http://" + debug + "/graphql", "", http.StatusNotFound},
		{"nothing of it in public", "http://" + public + "/debug/pprof/", "", http.StatusNotFound},
		{"nor expvar", "http://" + public + "/debug/vars", "", http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = test.host
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("%s, want %d", response.Status, test.want)
			}
			var vars struct{ Memstats struct{ HeapAlloc int } }
			if test.name == "expvar" && (json.NewDecoder(response.Body).Decode(&vars) != nil || vars.Memstats.HeapAlloc == 0) {
				t.Error("there is no memstats.HeapAlloc")
			}
		})
	}
}

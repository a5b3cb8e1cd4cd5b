package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestDebugAddr: pprof, expvar and the metrics are served there, to this machine's programs, and nowhere
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
		{"the metrics", "http://" + debug + "/metrics", "", http.StatusOK},
		{"no metrics in public", "http://" + public + "/metrics", "", http.StatusNotFound},
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

// TestMetrics counts requests by operation and code, sign-ins and DynamoDB's calls, and has all that the dashboard of
// deploy/grafana.json asks for.
func TestMetrics(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	public, debug := freeAddr(t), freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+public, "OWNQL_DEBUG_ADDR="+debug, "OWNQL_STORE="+t.TempDir())
	startServer(t, ".", env, "exec "+binary+"/ownql")
	ask := func(path, token, body string) []byte {
		t.Helper()
		_, answer := request(t, http.MethodPost, "http://"+public+path, token, body)
		return answer
	}
	ask("/signup", "", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`)
	ask("/login", "", `{"email":"ada@example.com","password":"wrong horse"}`)
	var session struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(ask("/login", "", `{"email":"ada@example.com","password":"correct horse"}`), &session); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		ask("/graphql", session.Token, `{"query":"query Me { viewer { id } }"}`)
	}
	ask("/graphql", session.Token, `{"query":"{ nothing }"}`)
	ask("/graphql", "", `{"query":"query Me { viewer { id } }"}`)
	ask("/graphql", session.Token, `{"query":"mutation { updateViewer(input: { firstName: \"\" }) { clientMutationId } }"}`)
	ask("/nowhere", "", `{}`)
	// Clients make names up: those beyond some are one.
	for i := range 300 {
		ask("/graphql", session.Token, fmt.Sprintf(`{"query":"query Made%d { __typename }"}`, i))
	}

	_, text := request(t, http.MethodGet, "http://"+debug+"/metrics", "", "")
	sample := regexp.MustCompile(`^([a-z_]+)(\{[A-Za-z_]+="[^"]*"(?:, ?[A-Za-z_]+="[^"]*")*\})? (\S+)$`)
	found, names := map[string]string{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "# HELP ") || strings.HasPrefix(line, "# TYPE ") {
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if parts == nil {
			t.Errorf("no sample: %q", line)
			continue
		}
		if _, err := strconv.ParseFloat(parts[3], 64); err != nil {
			t.Errorf("no number: %q", line)
		}
		found[parts[1]+parts[2]], names[parts[1]] = parts[3], true
	}
	for series, want := range map[string]string{
		`ownql_requests_total{kind="query",operation="Me",code="OK"}`:                             "3",
		`ownql_requests_total{kind="http",operation="/graphql",code="GRAPHQL_VALIDATION_FAILED"}`: "1",
		`ownql_requests_total{kind="query",operation="Me",code="UNAUTHENTICATED"}`:                "1",
		`ownql_requests_total{kind="mutation",operation="",code="BAD_USER_INPUT"}`:                "1",
		`ownql_requests_total{kind="http",operation="",code="NOT_FOUND"}`:                         "1",
		`ownql_request_duration_seconds_count{kind="query",operation="Me"}`:                       "4",
		`ownql_sign_ins_total{route="/login",code="OK"}`:                                          "1",
		`ownql_sign_ins_total{route="/login",code="UNAUTHENTICATED"}`:                             "1",
		`ownql_sign_ins_total{route="/signup",code="OK"}`:                                         "1",
		`ownql_shed_total`:         "0",
		`ownql_requests_in_flight`: "0",
		`ownql_requests_total{kind="query",operation="Made0",code="OK"}`:   "1",
		`ownql_requests_total{kind="query",operation="Made299",code="OK"}`: "",
	} {
		if found[series] != want {
			t.Errorf("%s is %q, want %q", series, found[series], want)
		}
	}
	for _, more := range []string{`ownql_requests_total{kind="query",operation="_other",code="OK"}`, `ownql_dynamodb_calls_total{call="BatchGetItem",code="OK"}`, "ownql_dynamodb_read_units_total", "ownql_dynamodb_write_units_total", "go_goroutines", "process_resident_memory_bytes"} {
		if n, _ := strconv.ParseFloat(found[more], 64); n <= 0 {
			t.Errorf("%s is %q", more, found[more])
		}
	}

	dashboard, err := os.ReadFile(inRepository("deploy/grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(dashboard) {
		t.Error("deploy/grafana.json is no JSON")
	}
	asked := regexp.MustCompile(`\b(?:ownql|go|process)_[a-z_]+`).FindAllString(string(dashboard), -1)
	if len(asked) < 10 {
		t.Errorf("the dashboard asks for %q", asked)
	}
	for _, name := range asked {
		if !names[name] {
			t.Errorf("the dashboard asks for %s, which is not there", name)
		}
	}
}

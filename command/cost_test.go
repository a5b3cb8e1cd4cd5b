package command

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

var updateFlag = flag.Bool("update", false, "rewrite the figures of docs/cost.md")

// The prices are AWS's list prices for us-east-1, in USD, before any free tier and in the
// first tier of volume but for the HTTP API's second one. Put your own here, and have
// `go test ./command -run TestCostPage -update` write the page.
const (
	priceDate = "as published in 2025"

	priceHTTPAPI      = 1.00 / 1e6       // API Gateway HTTP API, a request
	priceHTTPAPILarge = 0.90 / 1e6       // beyond largeHTTPAPI a month
	priceLambda       = 0.20 / 1e6       // Lambda, a request
	priceGBSecond     = 0.0000133334     // arm64
	priceLogs         = 0.50 / (1 << 30) // CloudWatch Logs, a byte taken in
	priceTransfer     = 0.09 / (1 << 30) // a byte out to the internet

	largeHTTPAPI = 300e6
)

// What is assumed beside the prices.
const (
	memoryGB        = 1.0 // deploy/template.yaml's default
	secondsOfAMonth = 730 * 3600

	// Bytes a request that others than ownql log, where deploy/template.yaml has them do so: Lambda
	// platform.start and platform.report, the HTTP API the line of the template's format.
	// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
	platformLog = 450
	accessLog   = 150
)

// A costedRequest is a request of the mix, and what was measured of it.
type costedRequest struct {
	name  string
	share float64 // of all requests
	ms    float64 // that Lambda bills: assumed

	usage model.Usage
	sent  int // bytes of the answer, headers included
	log   int // bytes of the log's line
}

// TestCostPage measures what the requests of docs/cost.md cost on the embedded engine, whose
// units are DynamoDB's, and holds the page to the bill that follows.
func TestCostPage(t *testing.T) {
	want := costTables(measureCosts(t))
	const page = "../docs/cost.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- measured -->\n).*(<!-- end of what is measured -->)`)
	if !between.Match(text) {
		t.Fatalf("%s has no place for its figures", page)
	}
	updated := between.ReplaceAll(text, []byte("${1}"+strings.ReplaceAll(want, "$", "$$")+"${2}"))
	if bytes.Equal(updated, text) {
		return
	}
	if !*updateFlag {
		t.Fatalf("%s is not what is measured: `go test ./command -run TestCostPage -update` writes\n%s", page, want)
	}
	if err := os.WriteFile(page, updated, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A measuredServer is everything that a server has, on the embedded engine, and says what requests cost.
type measuredServer struct {
	url      string
	token    string
	usage    model.Usage  // of the last request
	log      bytes.Buffer // the last request's line
	answered chan struct{}
	opened   *opened
}

// newMeasuredServer serves package notes until the test is over, in dev or not.
func newMeasuredServer(t *testing.T, dev bool) *measuredServer {
	t.Helper()
	return newMeasuredServerOf(t, dev, notes.project())
}

func newMeasuredServerOf(t *testing.T, dev bool, project project) *measuredServer {
	t.Helper()
	m := &measuredServer{answered: make(chan struct{}, 1)}
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewJSONHandler(&m.log, &slog.HandlerOptions{ReplaceAttr: ofLambda})))
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	m.opened = project.on(model.Observe(engine, noop.NewTracerProvider()), "")
	if _, err := m.opened.db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := newSite(m.opened, config{
		issuer: "ownql", keys: auth.NewSecretKeys([]byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")),
		maxRequests: 1, limits: gql.DefaultLimits, tracing: noop.NewTracerProvider(), dev: dev,
	}, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	logged := web.WithLog(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site.ServeHTTP(w, r)
		m.usage = model.UsageOf(r.Context())
	}))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		logged.ServeHTTP(w, r)
		m.answered <- struct{}{}
	}))
	t.Cleanup(server.Close)
	m.url = server.URL
	account, _ := m.send(t, "/signup", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}`)
	m.token = account["access_token"].(string)
	return m
}

// send sends a request, which succeeds, and returns the answer and how many bytes that had.
func (m *measuredServer) send(t *testing.T, path, body string) (answer map[string]any, sent int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if m.token != "" {
		request.Header.Set("Authorization", "Bearer "+m.token)
	}
	m.log.Reset()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head, err := httputil.DumpResponse(response, false)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	<-m.answered // also where the answer is none that was wished for: the server waits for it
	if err != nil || json.Unmarshal(content, &answer) != nil || answer["error"] != nil || answer["errors"] != nil {
		t.Fatalf("%s: %s, %v", body, content, err)
	}
	return answer, len(head) + len(content)
}

// query is the body of a request.
func query(text string) string {
	body, err := json.Marshal(map[string]string{"query": text})
	if err != nil {
		panic(err) // it is text
	}
	return string(body)
}

// measureCosts sends each request of the mix once.
func measureCosts(t *testing.T) []*costedRequest {
	t.Helper()
	server := newMeasuredServer(t, false)
	id := ""
	for range 10 {
		answer, _ := server.send(t, "/graphql", query(`mutation { createNote(input: {title: "Weave algebraical patterns"}) { note { id } } }`))
		id = answer["data"].(map[string]any)["createNote"].(map[string]any)["note"].(map[string]any)["id"].(string)
	}
	const login = "sign-in"
	requests := []*costedRequest{
		{name: "`viewer`", share: 0.20, ms: 8},
		{name: "`viewer`, and a list of 10", share: 0.40, ms: 15},
		{name: "`node`", share: 0.25, ms: 15},
		{name: "a creation", share: 0.07, ms: 20},
		{name: "an update", share: 0.07, ms: 20},
		{name: login, share: 0.01, ms: 100},
	}
	bodies := []string{
		query(`query Viewer { viewer { id firstName lastName email } }`),
		query(`query Notes { viewer { id notes(first: 10) { edges { cursor node { id title done } } pageInfo { hasNextPage endCursor } } } }`),
		query(`query Note { node(id: "` + id + `") { ... on Note { id title done } } }`),
		query(`mutation CreateNote { createNote(input: {title: "Weave algebraical patterns"}) { note { id title done } } }`),
		query(`mutation UpdateNote { updateNote(input: {id: "` + id + `", done: true}) { note { id title done } } }`),
		`{"email":"ada@example.com","password":"correct horse"}`,
	}
	for i, r := range requests {
		path := "/graphql"
		if r.name == login {
			path, server.token = "/login", ""
		}
		_, sent := server.send(t, path, bodies[i])
		r.usage, r.sent, r.log = server.usage, roundUp(sent), roundUp(server.log.Len())
	}
	return requests
}

// costTables prints what was measured, and the bill that follows.
func costTables(requests []*costedRequest) string {
	var text strings.Builder
	fmt.Fprint(&text, "| request | of all | calls | items | read units | write units | answer, B | log, B | Lambda, ms (assumed) |\n|---|---|---|---|---|---|---|---|---|\n")
	var mean struct{ reads, writes, sent, log, seconds float64 }
	for _, r := range requests {
		fmt.Fprintf(&text, "| %s | %.0f %% | %d | %d | %v | %v | %d | %d | %v |\n",
			r.name, 100*r.share, r.usage.Calls, r.usage.Items, r.usage.ReadUnits, r.usage.WriteUnits, r.sent, r.log, r.ms)
		mean.reads += r.share * r.usage.ReadUnits
		mean.writes += r.share * r.usage.WriteUnits
		mean.sent += r.share * float64(r.sent)
		mean.log += r.share * float64(r.log)
		mean.seconds += r.share * r.ms / 1000
	}
	fmt.Fprintf(&text, "| the mean | | | | %.2f | %.2f | %.0f | %.0f | %.1f |\n\n", mean.reads, mean.writes, mean.sent, mean.log, 1000*mean.seconds)

	logged := func(bytes float64) func(float64) float64 {
		return func(n float64) float64 { return n * bytes * priceLogs }
	}
	lines := []costLine{
		{"DynamoDB, reads", func(n float64) float64 { return n * mean.reads * priceReadUnits }},
		{"DynamoDB, writes", func(n float64) float64 { return n * mean.writes * priceWriteUnits }},
		{"Lambda, requests", func(n float64) float64 { return n * priceLambda }},
		{"Lambda, time", func(n float64) float64 { return n * mean.seconds * memoryGB * priceGBSecond }},
		{"CloudWatch Logs", logged(mean.log)},
		{"data to the internet", func(n float64) float64 { return n * mean.sent * priceTransfer }},
	}
	const rate = 10000 // of which shares are told
	total, largest := costLine{"**all**", func(n float64) (sum float64) {
		for _, line := range lines {
			sum += line.bill(n)
		}
		return sum
	}}, lines[0]
	share := func(line costLine) float64 { return 100 * line.of(rate) / total.of(rate) }
	fmt.Fprint(&text, "| a month, USD | 1 request/s | 100/s | 10,000/s | share at 10,000/s |\n|---|---|---|---|---|\n")
	for _, line := range lines {
		line.print(&text, fmt.Sprintf("%.0f %%", share(line)))
		if line.of(rate) > largest.of(rate) {
			largest = line
		}
	}
	total.print(&text, "")
	for _, line := range []costLine{
		{"more by `PlatformLogs=on`", logged(platformLog)},
		{"more by `Front=http-api`", func(n float64) float64 {
			return min(n, largeHTTPAPI)*priceHTTPAPI + max(0, n-largeHTTPAPI)*priceHTTPAPILarge + logged(accessLog)(n)
		}},
	} {
		line.print(&text, "")
	}
	fmt.Fprintf(&text, "\nWhat dominates is %s, %.0f %% of the bill at 10,000 requests/s. A million requests cost $%.2f, of which DynamoDB has $%.2f;\n"+
		"$%.2f of that are the two units by which every request reads its user and its session.\n\n",
		largest.name, share(largest), 1e6*total.of(rate)/(rate*secondsOfAMonth), 1e6*(mean.reads*priceReadUnits+mean.writes*priceWriteUnits), 2e6*priceReadUnits)

	fmt.Fprintf(&text, "Prices of us-east-1, %s: DynamoDB on demand $%.3f a million read units and $%.3f a million write units; HTTP API $%.2f a\n"+
		"million requests, $%.2f beyond 300 million a month; Lambda on arm64 $%.2f a million requests and $%.10f a GB-second; logs $%.2f a\n"+
		"GB; data out $%.2f a GB. The function has %v GB, a month %d hours. Of a request Lambda logs %d bytes with `PlatformLogs=on`, and the HTTP API %d.\n",
		priceDate, 1e6*priceReadUnits, 1e6*priceWriteUnits, 1e6*priceHTTPAPI, 1e6*priceHTTPAPILarge, 1e6*priceLambda, priceGBSecond,
		priceLogs*(1<<30), priceTransfer*(1<<30), memoryGB, secondsOfAMonth/3600, platformLog, accessLog)
	return text.String()
}

// A costLine is a line of the bill, in USD for so many requests.
type costLine struct {
	name string
	bill func(requests float64) float64
}

// of returns what the line is in a month of so many requests a second.
func (l costLine) of(rate float64) float64 { return l.bill(rate * secondsOfAMonth) }

func (l costLine) print(w io.Writer, share string) {
	cells := []string{l.name}
	for _, rate := range []float64{1, 100, 10000} {
		cell := dollars(l.of(rate))
		if strings.HasPrefix(l.name, "**") {
			cell = "**" + cell + "**"
		}
		cells = append(cells, cell)
	}
	fmt.Fprintf(w, "| %s |\n", strings.TrimRight(strings.Join(append(cells, share), " | "), " "))
}

// ofLambda gives a line of the log its fields on AWS Lambda, and the same length each time.
func ofLambda(groups []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey:
		a.Value = slog.TimeValue(time.Date(2025, 11, 22, 19, 33, 19, 123456789, time.UTC))
	case "ms":
		a.Value = slog.Float64Value(12.345)
	}
	return lambdacontext.ReplaceAttr(groups, a)
}

// roundUp rounds a number of bytes, so that a word more somewhere is not another bill.
func roundUp(size int) int { return (size + 49) / 50 * 50 }

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	clientTrace = "0af7651916cd43dd8448eb211c80319c"
	clientSpan  = "b7ad6b7169203331"
)

// TestTraces has the real binary send its traces to a real receiver.
func TestTraces(t *testing.T) {
	spans := traces(t, map[string]string{"OWNQL_STORE": t.TempDir()})
	for _, call := range []string{"DynamoDB.BatchGetItem", "DynamoDB.PutItem"} {
		if below := childrenOf(spans, spanNamed(t, spans, call)); len(below) != 0 {
			t.Errorf("the embedded engine has spans below %s: %v", call, names(below))
		}
	}
}

// traces runs a server with these variables beside those of tracing, sends it a mutation
// with the client's own trace, and returns the spans of that, having held them to what they
// must be on every engine.
func traces(t *testing.T, variables map[string]string) []otlpSpan {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	receiver := newOTLPReceiver(t)
	addr := freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.url, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test")
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	stop := startServer(t, ".", env, "exec "+binary+"/ownql")
	token := signUpAda(t, addr)
	body := `{"query":"mutation Weave { createNote(input: {title: \"a secret title\"}) { note { id } } }"}`
	if answer := postTraced(t, "http://"+addr+"/graphql", token, body); !strings.Contains(answer, `"id":`) {
		t.Fatalf("the mutation answers %s", answer)
	}
	stop() // which sends what is left
	all, sent := receiver.received()
	for _, secret := range []string{token, "secret title", "ada@example.com", "correct horse", "createNote("} {
		if strings.Contains(sent, secret) {
			t.Errorf("the traces have %q", secret)
		}
	}
	spans := slices.DeleteFunc(slices.Clone(all), func(s otlpSpan) bool { return s.trace() != clientTrace })

	server := spanNamed(t, spans, "POST /graphql")
	authentication := spanNamed(t, spans, "DynamoDB.BatchGetItem")
	operation := spanNamed(t, spans, "mutation")
	write := spanNamed(t, spans, "DynamoDB.PutItem")
	prefix := variables["OWNQL_TABLE_PREFIX"]
	for _, test := range []struct {
		span       otlpSpan
		parent     string
		kind       string
		attributes map[string]string
	}{
		{server, clientSpan, "SPAN_KIND_SERVER", map[string]string{
			"http.request.method": "POST", "http.route": "/graphql", "url.path": "/graphql", "http.response.status_code": "200",
			"client.address": "127.0.0.1", "user_agent.original": strings.Repeat("u", 1000)}},
		{authentication, server.id(), "SPAN_KIND_CLIENT", map[string]string{"db.operation.name": "BatchGetItem"}},
		{operation, server.id(), "SPAN_KIND_INTERNAL", map[string]string{
			"graphql.operation.type": "mutation", "graphql.operation.name": "Weave", "graphql.document": ""}},
		{write, operation.id(), "SPAN_KIND_CLIENT", map[string]string{
			"db.system.name": "aws.dynamodb", "db.operation.name": "PutItem", "rpc.method": "DynamoDB/PutItem",
			"aws.dynamodb.table_names":       prefix + "notes",
			"aws.dynamodb.consumed_capacity": fmt.Sprintf(`{"TableName":%q,"CapacityUnits":2}`, prefix+"notes")}},
	} {
		if test.span.parent() != test.parent || test.span.Kind.String() != test.kind {
			t.Errorf("%s is %v below %s, want %s below %s", test.span.Name, test.span.Kind, test.span.parent(), test.kind, test.parent)
		}
		for name, want := range test.attributes {
			if got := test.span.attributes[name]; got != want {
				t.Errorf("%s has %s %q, want %q", test.span.Name, name, got, want)
			}
		}
		if test.span.resource["service.name"] != "ownql" || test.span.resource["deployment.environment.name"] != "test" {
			t.Errorf("%s is of %v", test.span.Name, test.span.resource)
		}
	}
	return spans
}

// TestTracesOfFailures shows what is seen of a request that fails, and nothing of its text.
func TestTracesOfFailures(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	receiver := newOTLPReceiver(t)
	addr := freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir(),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.url, "OTEL_SERVICE_NAME=weaver")
	stop := startServer(t, ".", env, "exec "+binary+"/ownql")
	token := signUpAda(t, addr)
	postTraced(t, "http://"+addr+"/graphql?query=%7Bfoo%7D&secret=inthequery", token, `{"query":"{ noSuchSecret }"}`)
	stop()
	all, sent := receiver.received()
	operation := spanNamed(t, all, "GraphQL Operation")
	if code := operation.attributes["error.type"]; code != "GRAPHQL_VALIDATION_FAILED" || operation.Status.GetCode().String() != "STATUS_CODE_ERROR" {
		t.Errorf("an invalid document has error.type %q and status %v", code, operation.Status)
	}
	if name := operation.resource["service.name"]; name != "weaver" {
		t.Errorf("the service is %q, want weaver", name)
	}
	for _, secret := range []string{"noSuchSecret", "inthequery"} {
		if strings.Contains(sent, secret) {
			t.Errorf("the traces have %q", secret)
		}
	}
}

// TestTracesOnLambda: where the process stands still between requests, the spans of one have
// been sent when the next one is served.
func TestTracesOnLambda(t *testing.T) {
	receiver := newOTLPReceiver(t)
	function := startOwnqlLambda(t, append(lambdaStore(t), "OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.url)...)
	signup := lambdaRequest{method: "POST", path: "/signup", header: asJSON(), body: `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`}
	if response := function.send(t, "http-api", signup); response.status != http.StatusCreated {
		t.Fatalf("signup: %+v", response)
	}
	function.send(t, "http-api", lambdaRequest{method: "GET", path: "/healthz"})
	spans, _ := receiver.received()
	server := spanNamed(t, spans, "POST /signup")
	if below := childrenOf(spans, server); !slices.Contains(names(below), "DynamoDB.TransactWriteItems") {
		t.Errorf("below the request are %v", names(below))
	}
}

// signUpAda makes an account and returns its token.
func signUpAda(t *testing.T, addr string) string {
	t.Helper()
	signup := `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`
	response, err := http.Post("http://"+addr+"/signup", "application/json", strings.NewReader(signup))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("sign-up: %s, %v", response.Status, err)
	}
	return answer.Token
}

// postTraced sends a GraphQL request as a part of the client's trace.
func postTraced(t *testing.T, url, token, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("X-Forwarded-For", "203.0.113.9") // which no trusted proxy says
	request.Header.Set("User-Agent", strings.Repeat("u", 5000))
	request.Header.Set("Traceparent", "00-"+clientTrace+"-"+clientSpan+"-01")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// spanNamed returns the one span of that name.
func spanNamed(t *testing.T, spans []otlpSpan, name string) otlpSpan {
	t.Helper()
	i := slices.IndexFunc(spans, func(s otlpSpan) bool { return s.Name == name })
	if i < 0 || slices.ContainsFunc(spans[i+1:], func(s otlpSpan) bool { return s.Name == name }) {
		t.Fatalf("want one span %q among %v", name, names(spans))
	}
	return spans[i]
}

func childrenOf(spans []otlpSpan, parent otlpSpan) []otlpSpan {
	return slices.DeleteFunc(slices.Clone(spans), func(s otlpSpan) bool { return s.parent() != parent.id() })
}

func names(spans []otlpSpan) []string {
	var list []string
	for _, s := range spans {
		list = append(list, s.Name)
	}
	return list
}

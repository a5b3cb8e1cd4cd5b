//go:build dynamodblocal

package e2e

import (
	"os"
	"os/exec"
	"testing"
)

// TestTracesOnDynamoDBLocal does what TestTraces does with the SDK's client, which shows each
// try and its HTTP request.
func TestTracesOnDynamoDBLocal(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	variables := serverOnDynamoDBLocal(t)
	tables := exec.Command(binary+"/ownql", "tables")
	tables.Env = os.Environ()
	for name, value := range variables {
		tables.Env = append(tables.Env, name+"="+value)
	}
	if out, err := tables.CombinedOutput(); err != nil {
		t.Fatalf("ownql tables: %v\n%s", err, out)
	}
	spans := traces(t, variables)
	for _, call := range []string{"DynamoDB.BatchGetItem", "DynamoDB.PutItem"} {
		attempts := childrenOf(spans, spanNamed(t, spans, call))
		if len(attempts) != 1 || attempts[0].Name != "Attempt" || attempts[0].attributes["operation.attempt"] != "1" {
			t.Fatalf("below %s are %v", call, names(attempts))
		}
		requests := childrenOf(spans, attempts[0])
		if len(requests) != 1 || requests[0].Name != "DoHTTPRequest" || requests[0].attributes["http.status_code"] != "200" {
			t.Errorf("below the attempt of %s are %v", call, names(requests))
		}
	}
}

//go:build newcomer && !dynamodblocal

package e2e

import (
	"os"
	"testing"
)

// The newcomer's server makes its tables itself.
const newcomerMigrates = ""

// isFirstRun: what is the same on each store is tested in this run alone.
const isFirstRun = true

func newcomerVariables(*testing.T) map[string]string { return nil }

// sharedStore returns the variables that lead several servers to one data directory, by
// the DynamoDB protocol.
func sharedStore(t *testing.T) map[string]string {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	startServer(t, ".", os.Environ(), "exec "+binary+"/ownql dynamodb --store "+t.TempDir()+" --addr "+addr)
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": "http://" + addr,
		"AWS_REGION":                "us-east-1",
		"AWS_ACCESS_KEY_ID":         "test",
		"AWS_SECRET_ACCESS_KEY":     "test",
		"OWNQL_STORE":               "dynamodb",
		"OWNQL_SECRET":              "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s",
	}
}

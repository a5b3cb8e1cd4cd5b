//go:build !dynamodblocal

package testclient

import (
	"testing"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// Cases is how many cases a test tries that makes them up.
const Cases = 1500

// Open returns the embedded engine on a directory of its own.
func Open(t testing.TB, _ Connect) dynamodbiface.DynamoDBAPI {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine
}

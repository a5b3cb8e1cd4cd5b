//go:build !dynamodblocal

package model

import (
	"testing"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// NewClient returns the embedded engine on a directory of its own.
func NewClient(t testing.TB) dynamodbiface.DynamoDBAPI {
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

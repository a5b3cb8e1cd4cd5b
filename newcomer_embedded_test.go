//go:build newcomer && !dynamodblocal

package main

import (
	"path/filepath"
	"testing"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// The newcomer's server makes its tables itself.
const newcomerMigrates = ""

func newcomerVariables(*testing.T) map[string]string { return nil }

// withClient calls use with the newcomer's data, while no server has it open.
func (p *project) withClient(t *testing.T, use func(dynamodbiface.DynamoDBAPI)) {
	t.Helper()
	engine, err := dynamolocal.Open(filepath.Join(p.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	use(engine)
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
}

//go:build newcomer && dynamodblocal

package main

import (
	"testing"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/store"
)

// The newcomer gives this command before each start.
const newcomerMigrates = "./ownql tables"

func newcomerVariables(t *testing.T) map[string]string { return serverOnDynamoDBLocal(t) }

// withClient calls use with the newcomer's data.
func (p *project) withClient(t *testing.T, use func(dynamodbiface.DynamoDBAPI)) {
	t.Helper()
	for name, value := range p.variables {
		t.Setenv(name, value)
	}
	client, err := store.NewDynamoDB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	use(client)
}

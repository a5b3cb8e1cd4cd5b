//go:build newcomer && dynamodblocal

package main

import "testing"

// The newcomer gives this command before each start.
const newcomerMigrates = "./ownql tables"

func newcomerVariables(t *testing.T) map[string]string { return serverOnDynamoDBLocal(t) }

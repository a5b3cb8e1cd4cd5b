//go:build newcomer && dynamodblocal

package e2e

import "testing"

// The newcomer gives this command before each start.
const newcomerMigrates = "./shop tables"

// isFirstRun: what is the same on each store is tested on the embedded engine alone.
const isFirstRun = false

func newcomerVariables(t *testing.T) map[string]string { return serverOnDynamoDBLocal(t) }

// sharedStore returns the variables that lead several servers to one set of tables.
func sharedStore(t *testing.T) map[string]string { return serverOnDynamoDBLocal(t) }

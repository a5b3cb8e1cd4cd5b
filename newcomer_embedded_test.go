//go:build newcomer && !dynamodblocal

package main

import "testing"

// The newcomer's server makes its tables itself.
const newcomerMigrates = ""

func newcomerVariables(*testing.T) map[string]string { return nil }

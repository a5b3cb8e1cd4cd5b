//go:build relay

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRelayGraphQLJS has graphql-js answer anew what package gql's tests take its answers to be.
func TestRelayGraphQLJS(t *testing.T) {
	modules, err := filepath.Abs(filepath.Join(relayFiles, "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(inRepository("gql/testdata/graphqljs/answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "answers.cjs")
	node.Dir = inRepository("gql/testdata/graphqljs")
	node.Env = append(os.Environ(), "NODE_PATH="+modules)
	node.Stderr = os.Stderr
	answers, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(answers, kept) {
		t.Error("graphql-js answers otherwise than gql/testdata/graphqljs/answers.json: write that anew by answers.cjs, as its first lines say, and read the diff")
	}
}

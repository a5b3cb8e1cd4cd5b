//go:build relay

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// relayFiles holds what npm puts there by `npm ci`.
const relayFiles = "testdata/relay"

// TestRelaySchema has GraphQL's reference implementation read the public schema,
// and every other that modelgen writes for its tests.
func TestRelaySchema(t *testing.T) {
	paths, err := filepath.Glob(inRepository("internal/modelgen/testdata/*/graph/schema.graphqls"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there are %d schemas, %v", len(paths), err)
	}
	for _, path := range append(paths, filepath.Join(projectDir, "graph/schema.graphqls")) {
		out, err := exec.Command("node", filepath.Join(relayFiles, "validate.mjs"), path).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

// TestRelayCompiler compiles what a page asks for of the blog of docs/schema.md, with
// Relay's directives for connections, edges and deleted records.
func TestRelayCompiler(t *testing.T) {
	artifacts := compileRelay(t, relayFiles, inRepository("internal/modelgen/testdata/blog/graph/schema.graphqls"))
	compiled, err := filepath.Glob(filepath.Join(artifacts, "*.graphql.js"))
	if err != nil || len(compiled) != 10 {
		t.Errorf("it compiles %q, %v; want 10 documents", compiled, err)
	}
}

// compileRelay compiles the documents in the folder src of an npm project with its own relay-compiler, and returns the
// directory of the artifacts.
func compileRelay(t *testing.T, project, schema string) (artifacts string) {
	t.Helper()
	src, err := filepath.Abs(filepath.Join(project, "src"))
	if err != nil {
		t.Fatal(err)
	}
	sdl, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	schema = filepath.Join(dir, "schema.graphql") // the compiler knows a schema by its ending
	if err := os.WriteFile(schema, sdl, 0o600); err != nil {
		t.Fatal(err)
	}
	artifacts = filepath.Join(dir, "artifacts")
	if err := os.Mkdir(artifacts, 0o700); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(map[string]any{
		"src": src, "schema": schema, "artifactDirectory": artifacts, "language": "javascript",
		"eagerEsModules": false, // Node.js resolves what an artifact needs by `require` alone
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "relay.config.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(project, "node_modules/.bin/relay-compiler"), file).CombinedOutput()
	if err != nil {
		t.Fatalf("relay-compiler: %v\n%s", err, out)
	}
	return artifacts
}

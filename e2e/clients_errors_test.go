//go:build relay

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestClientsErrors has each client send what is refused, with a token and with one that is none: each tells the
// application what the errors say. docs/errors.md shows the code.
func TestClientsErrors(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tracker")
	tracker := inRepository("examples/tracker")
	if err := goBuild(tracker, binary, os.Environ()); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	startServer(t, ".", append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir()), binary)
	server := clientsServer{addr: addr}
	server.signUp(t, "Ada")
	input, err := json.Marshal(map[string]any{
		"url": "http://" + addr + "/graphql", "tokens": []string{server.token, "none"},
		"artifacts": compileRelay(t, clientsFiles, filepath.Join(tracker, "graph/schema.graphqls")),
	})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join(clientsFiles, "src/errors.js"))
	var stderr bytes.Buffer
	node.Stdin, node.Stderr = bytes.NewReader(input), &stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v (`npm ci --prefix e2e/%s` installs the clients)\n%s", err, clientsFiles, stderr.String())
	}
	var found map[string][]string
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	told := []string{"at organizationId", "sign in"}
	want := map[string][]string{"fetch": told, "relay": told, "apollo": told, "urql": told}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	indent := regexp.MustCompile(`(?m)^\s+`)
	source, err := os.ReadFile(filepath.Join(clientsFiles, "src/errors.js"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := fencedBlocks(t, errorsDocument, "js")
	if len(blocks) < 5 {
		t.Fatalf("%s has %d blocks of JavaScript", errorsDocument, len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains("\n"+indent.ReplaceAllString(string(source), ""), "\n"+indent.ReplaceAllString(block, "")) {
			t.Errorf("errors.js has not these lines of %s:\n%s", errorsDocument, block)
		}
	}
}

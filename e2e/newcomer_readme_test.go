//go:build newcomer && !dynamodblocal

package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// TestREADME runs the README's commands as they are written, in their order, in a copy
// of the repository. `go run .` goes on in the background; `go test ./...` is what runs this test.
func TestREADME(t *testing.T) {
	blocks := readmeBlocks(t, "sh")
	if len(blocks) < 3 || blocks[0] != "go run ." || blocks[1] != "go test ./..." {
		t.Fatalf("the README does not begin with `go run .` and `go test ./...`, but %q", blocks)
	}
	dir := copyRepository(t)
	env := readmeEnvironment(t)
	startServer(t, dir, env, blocks[0])
	viewer := regexp.MustCompile(`{"data":{"viewer":{"id":".*","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com"}},"extensions":{"cost":{"calls":1,"items":2,"readUnits":2,"writeUnits":0}}}$`)
	for i, block := range blocks[2:] {
		out := runShell(t, dir, env, block)
		if i == 0 && !viewer.MatchString(out) {
			t.Errorf("the first query answers %s", out)
		}
		if strings.Contains(out, `"error`) {
			t.Errorf("%s\nanswers %s", block, out)
		}
	}
	if out := runShell(t, dir, env, "git status --porcelain"); out != "" {
		t.Errorf("the commands left changes:\n%s", out)
	}
}

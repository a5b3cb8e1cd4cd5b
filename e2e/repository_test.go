//go:build chromium || newcomer || deploy || dynamodblocal || dynamodbclients

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// copyRepository copies the repository's files, as git would commit them, into a repository of
// their own.
func copyRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = repositoryDir
	names, err := list.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		content, err := os.ReadFile(inRepository(name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, ".ci/") {
			mode = 0o755
		}
		if err := os.WriteFile(to, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	runShell(t, dir, os.Environ(), "git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm 'readme: begin'")
	return dir
}

// readmeBlocks returns the README's fenced commands of that kind.
func readmeBlocks(t *testing.T, kind string) []string {
	t.Helper()
	blocks := fencedBlocks(t, "README.md", kind)
	for i := range blocks {
		blocks[i] = strings.TrimSpace(blocks[i])
	}
	return blocks
}

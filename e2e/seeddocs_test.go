package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSeedOfTracker carries out the files and the commands of docs/seed.md with the tracker, and the tracker's own.
func TestSeedOfTracker(t *testing.T) {
	tracker := filepath.Join(t.TempDir(), "tracker")
	if err := goBuild(inRepository("examples/tracker"), tracker, os.Environ()); err != nil {
		t.Fatal(err)
	}
	t.Run("docs", func(t *testing.T) { testSeedDocs(t, tracker) })
	t.Run("own", func(t *testing.T) { testSeedOfTracker(t, tracker) })
}

func testSeedDocs(t *testing.T, tracker string) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "seed"), 0o755); err != nil {
		t.Fatal(err)
	}
	files := fencedBlocks(t, "docs/seed.md", "graphql")
	for i, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "seed", fmt.Sprintf("%d.graphql", i+1)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	commands := fencedBlocks(t, "docs/seed.md", "sh")
	if len(files) < 2 || len(commands) < 3 {
		t.Fatalf("docs/seed.md has %d files and %d commands", len(files), len(commands))
	}
	says := [][]string{
		{"1.graphql: 4 mutations", "2.graphql: 2 mutations", "ada@example.com    Ada Lovelace", "linus@example.com  Linus Pauling", `"correct horse"`},
		{"what was in ./data is in data/before-seed-", "1.graphql: 4 mutations"},
		{"Organization: ", "objects in "},
	}
	for i, command := range commands {
		said := runShell(t, dir, os.Environ(), strings.ReplaceAll(command, "go run . ", tracker+" "))
		for _, want := range says[i] {
			if !strings.Contains(said, want) {
				t.Errorf("%s prints\n%s\nwithout %q", command, said, want)
			}
		}
	}
}

// testSeedOfTracker carries out nothing twice.
func testSeedOfTracker(t *testing.T, tracker string) {
	dir := t.TempDir()
	files, err := filepath.Abs(inRepository("examples/tracker/seed"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2-work.graphql: 14 mutations", "2-work.graphql: done before"} {
		if said := runShell(t, dir, os.Environ(), tracker+" seed --dir "+files); !strings.Contains(said, want) {
			t.Errorf("it prints\n%s\nwithout %q", said, want)
		}
	}
	if said := runShell(t, dir, os.Environ(), tracker+" check"); !strings.Contains(said, "issues: 4 items") || !strings.Contains(said, "is whole") {
		t.Error(said)
	}
}

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExtend finds each block of Go that docs/extend.md shows in the project of ownql's tests,
// as lines one after the other: what the page shows is compiled and tested.
func TestExtend(t *testing.T) {
	var sources []string
	err := filepath.WalkDir(projectDir, func(path string, entry fs.DirEntry, err error) error {
		isSource := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_gen.go") && entry.Name() != "generated.go"
		if err != nil || !isSource {
			return err
		}
		content, err := os.ReadFile(path)
		sources = append(sources, "\n"+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	blocks := fencedBlocks(t, "docs/extend.md", "go")
	if len(blocks) < 10 || len(sources) < 5 {
		t.Fatalf("docs/extend.md has %d blocks of Go, and %s %d files", len(blocks), projectDir, len(sources))
	}
	for _, block := range blocks {
		isThere := false
		for _, source := range sources {
			isThere = isThere || strings.Contains(source, "\n"+block)
		}
		if !isThere {
			t.Errorf("no file of %s has these lines of docs/extend.md:\n%s", projectDir, block)
		}
	}
}

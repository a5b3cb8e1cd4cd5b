package modelgen

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckImports refuses the starter's packages, which an editor may well have imported.
func TestCheckImports(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/shop\n")
	write(t, filepath.Join(root, "server.go"), "package main\n\nimport \"example.com/shop/store\"\n")
	write(t, filepath.Join(root, "broken.go"), "package main\n\nimport (\n")
	write(t, filepath.Join(root, "testdata/other.go"), "package other\n\nimport \"github.com/ownql/ownql/store\"\n")
	if err := CheckImports(root); err != nil {
		t.Error(err)
	}
	write(t, filepath.Join(root, "jobs/job.go"), "package jobs\n\nimport (\n\t\"context\"\n\n\t\"github.com/ownql/ownql/store\"\n)\n")
	want := `job.go:6:2: github.com/ownql/ownql/store is of ownql's own starter, not of this project: import "example.com/shop/store"`
	if err := CheckImports(root); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	write(t, filepath.Join(root, "go.mod"), "module github.com/ownql/ownql\n")
	if err := CheckImports(root); err != nil {
		t.Errorf("ownql's own starter: %v", err)
	}
}

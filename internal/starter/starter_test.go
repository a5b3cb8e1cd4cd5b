package starter

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite project.txtar")

// byHand are the files of the starter project that are not generated, or generated in part.
var byHand = []string{
	".dockerignore", ".gitattributes",
	"deploy/Dockerfile", "deploy/ownql.service", "deploy/template.yaml",
	"gqlgen.yml", "graph/graph_test.go", "graph/resolver.go",
	"schema.graphqls", "server.go", "store/generate_test.go", "tools.go",
}

// TestFiles wants project.txtar to have the files of the starter project at the repository's
// root: what `ownql new` writes is the same.
func TestFiles(t *testing.T) {
	var archive txtar.Archive
	for _, name := range byHand {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: content})
	}
	want := txtar.Format(&archive)
	if *update {
		if err := os.WriteFile("project.txtar", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, files) {
		t.Errorf("go test ./internal/starter -update writes it anew: %s", cmp.Diff(string(want), string(files)))
	}
}

// TestCheckModule refuses module paths that would not work, and says what would.
func TestCheckModule(t *testing.T) {
	for path, isGood := range map[string]bool{
		"shop": true, "example.com/shop": true, "example.com/a-b/c_d": true,
		"": false, "my shop": false, "net": false, "context/x": false, "../shop": false,
		library: false, library + "/shop": false,
	} {
		if err := checkModule(path); (err == nil) != isGood {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// TestNotEmpty refuses a directory in which something is, and leaves it as it was.
func TestNotEmpty(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "kept")
	if err := os.WriteFile(kept, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := (Project{Dir: dir, Module: "shop"}).Write(t.Context()); err == nil {
		t.Error("it is taken")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("it holds %v, %v", entries, err)
	}
}

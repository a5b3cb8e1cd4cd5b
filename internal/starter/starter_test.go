package starter

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestFiles writes the files of the project at the repository's root under another module path:
// nothing in them is ownql's own any more but the library.
func TestFiles(t *testing.T) {
	p := Project{Dir: t.TempDir(), Module: "example.com/shop", Checkout: "../.."}
	if err := p.writeFiles(p.Checkout); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"README.md", ".gitignore", workflowFile, "go.mod"}, files...) {
		content, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, left := range []string{library + "/store", library + "/graph", "PROJECT"} {
			if bytes.Contains(content, []byte(left)) {
				t.Errorf("%s has %s", name, left)
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(p.Dir, "graph/resolver.go"))
	if err != nil || !bytes.Contains(content, []byte(`"example.com/shop/store"`)) {
		t.Errorf("graph/resolver.go does not import the project's store: %v\n%s", err, content)
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

package modelgen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// TestCompiles builds package store of each directory of testdata, in a module that has this
// one for its library; but for byhand, which TestGraph builds.
func TestCompiles(t *testing.T) {
	module := newModule(t)
	for _, dir := range cases(t, "testdata/*/schema.graphqls") {
		if filepath.Base(dir) == "byhand" {
			continue
		}
		for path, content := range tree(t, filepath.Join(dir, schema.StoreDir)) {
			write(t, filepath.Join(module, filepath.Base(dir), schema.StoreDir, path), content)
		}
	}
	build(t, module)
}

// newModule returns a directory that is the root of module example.com/projects.
func newModule(t *testing.T) string {
	t.Helper()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mod := strings.Replace(read(t, "../../go.mod"), "module "+library, "module example.com/projects", 1)
	write(t, filepath.Join(dir, "go.mod"), mod+"\nrequire "+library+" v0.0.0\n\nreplace "+library+" => "+checkout+"\n")
	write(t, filepath.Join(dir, "go.sum"), read(t, "../../go.sum"))
	return dir
}

func build(t *testing.T, module string) {
	t.Helper()
	command := exec.Command("go", "build", "./...")
	command.Dir = module
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

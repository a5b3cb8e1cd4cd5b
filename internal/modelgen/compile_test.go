package modelgen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/gogen"
	"github.com/ownql/ownql/internal/modelgen/schema"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/modelgen/sdl"
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

// TestGraph generates a project whole, with all that is in it by hand, and wants it to compile.
// Again, it changes nothing.
func TestGraph(t *testing.T) {
	module := newModule(t)
	byHand := filepath.Join(module, "byhand")
	for path, content := range tree(t, "testdata/byhand") {
		if !schema.IsGenerated([]byte(content)) && path != schema.PublicFile {
			write(t, filepath.Join(byHand, path), content)
		}
	}
	names := filepath.Join(module, "names")
	write(t, filepath.Join(names, sdl.Source), read(t, "testdata/graph/names.graphqls")) // and no resolver.go
	nothing := filepath.Join(module, "nothing")
	write(t, filepath.Join(nothing, sdl.Source), "type Query { a: Int }\n")
	for _, root := range []string{byHand, names, nothing} {
		config := strings.ReplaceAll(read(t, "../../"+schema.ConfigFile), library, "example.com/projects/"+filepath.Base(root))
		if root == names { // which changes nothing
			config += "\nresolver:\n  layout: follow-schema\n  dir: graph\n  package: graph\n"
		}
		write(t, filepath.Join(root, schema.ConfigFile), config)
		if err := Generate(root); err != nil {
			t.Fatal(err)
		}
	}
	build(t, module)
	for _, file := range []string{gogen.ResolversFile, "schema.resolvers.go"} {
		got, expected := read(t, filepath.Join(byHand, schema.GraphDir, file)), filepath.Join("testdata/graph", file+".txt")
		if *update {
			write(t, expected, got)
		} else if diff := cmp.Diff(read(t, expected), got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", file, diff)
		}
	}
	before := tree(t, byHand)
	if err := Generate(byHand); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, tree(t, byHand)); diff != "" {
		t.Errorf("generated again: %s", diff)
	}
	t.Run("go generate takes a type away", func(t *testing.T) {
		write(t, filepath.Join(byHand, "store/generate_test.go"), read(t, "../../store/generate_test.go"))
		whole := before[sdl.Source]
		start, end := strings.Index(whole, "type Page "), strings.Index(whole, "extend type Note")
		write(t, filepath.Join(byHand, sdl.Source), whole[:start])
		defer write(t, filepath.Join(byHand, sdl.Source), whole)
		if start < 0 || end < start {
			t.Fatal("there is no type Page")
		}
		store := before["store/note.go"]
		rest, _, _ := strings.Cut(store, "// PageRules")
		write(t, filepath.Join(byHand, "store/note.go"), rest)
		defer write(t, filepath.Join(byHand, "store/note.go"), store)
		generate := exec.Command("go", "generate", "./...")
		generate.Dir = byHand
		if out, err := generate.CombinedOutput(); err != nil {
			t.Fatalf("go generate: %v\n%s", err, out)
		}
		if _, err := os.Stat(filepath.Join(byHand, "store/page_gen.go")); !os.IsNotExist(err) {
			t.Errorf("its file is there: %v", err)
		}
	})
	t.Run("code that does not compile", func(t *testing.T) {
		write(t, filepath.Join(byHand, "store/other.go"), "package store\n\nvar other = Nothing{}\n")
		write(t, filepath.Join(byHand, "store/note_gen.go"), schema.Header+"\npackage store\n\nvar old = model.OfOnce\n")
		if err := Generate(byHand); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(byHand, "store/note_gen.go")); got != before["store/note_gen.go"] {
			t.Errorf("it is\n%s", got)
		}
	})
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

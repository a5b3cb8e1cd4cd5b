//go:build newcomer

package modelgen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/modelgen/gogen"
	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/modelgen/sdl"
)

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
	guarded := filepath.Join(module, "guarded")
	write(t, filepath.Join(guarded, sdl.Source), read(t, "testdata/guarded/schema.graphqls"))
	for _, root := range []string{byHand, names, nothing, guarded} {
		config := strings.ReplaceAll(read(t, "../../"+schema.ConfigFile), library, "example.com/projects/"+filepath.Base(root))
		if root == names { // which changes nothing
			config += "\nresolver:\n  layout: follow-schema\n  dir: graph\n  package: graph\n"
		}
		write(t, filepath.Join(root, schema.ConfigFile), config)
		if _, err := Generate(root); err != nil {
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
	if _, err := Generate(byHand); err != nil {
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
		if _, err := Generate(byHand); err != nil {
			t.Fatal(err)
		}
		if got := read(t, filepath.Join(byHand, "store/note_gen.go")); got != before["store/note_gen.go"] {
			t.Errorf("it is\n%s", got)
		}
	})
}

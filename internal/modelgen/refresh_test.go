//go:build newcomer

package modelgen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// TestRefreshGraph wants Refresh to do nothing where Generate would change nothing, and what Generate does
// after each edit, of what is generated too.
func TestRefreshGraph(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // os.UserCacheDir, on Linux
	goCache(t)
	module := newModule(t)
	root := filepath.Join(module, "plain") // without a type that is kept, which would take long to compile
	write(t, filepath.Join(root, sdl.Source), "type Query { a: Int }\n")
	write(t, filepath.Join(root, schema.ConfigFile), strings.ReplaceAll(read(t, "../../"+schema.ConfigFile), library, "example.com/projects/plain"))
	if err := Expand(root); err != nil {
		t.Fatal(err)
	}
	refresh := func(t *testing.T) (isFresh bool) {
		t.Helper()
		_, isFresh, err := Refresh(root)
		if err != nil {
			t.Fatal(err)
		}
		return isFresh
	}
	settle := func(t *testing.T) {
		t.Helper()
		for range 3 { // where stubs are added, once more
			if refresh(t) {
				return
			}
		}
		t.Fatal("it always has something to do")
	}
	settle(t)
	edit := func(path string, change func(string) string) func(*testing.T) {
		return func(t *testing.T) {
			write(t, filepath.Join(root, path), change(read(t, filepath.Join(root, path))))
		}
	}
	remove := func(path string) func(*testing.T) {
		return func(t *testing.T) {
			if err := os.Remove(filepath.Join(root, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	add := func(text string) func(string) string { return func(content string) string { return content + text } }
	for _, test := range []struct {
		what string
		edit func(*testing.T)
	}{
		{"the schema", edit(sdl.Source, add("\nextend type Query { more: More }\n\ntype More { text: String! }\n"))},
		{"what gqlgen wrote", edit("graph/generated.go", add("\nvar x = 1\n"))},
		{"what gqlgen wrote is gone", remove("store/models_gen.go")},
		{"what we wrote", edit("graph/resolvers_gen.go", add("\nvar x = 1\n"))},
		{"what we wrote is gone", remove("store/store_gen.go")},
		{"the public schema", edit(schema.PublicFile, add("# x\n"))},
		{"a type by hand", func(t *testing.T) {
			write(t, filepath.Join(root, "store/more.go"), "package store\n\ntype More struct{ Text string }\n")
		}},
		{"the type is gone", remove("store/more.go")},
	} {
		t.Run(test.what, func(t *testing.T) {
			test.edit(t)
			if refresh(t) {
				t.Error("nothing is done")
			}
			got := tree(t, root)
			if _, err := Generate(root); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tree(t, root), got); diff != "" {
				t.Errorf("it is not what Generate writes: %s", diff)
			}
			settle(t)
		})
	}
	t.Run("a mistake is told as often as it is asked for", func(t *testing.T) {
		edit(sdl.Source, add("\ntype Wrong { a: Nothing }\n"))(t)
		for range 2 {
			if _, isFresh, err := Refresh(root); err == nil || isFresh {
				t.Errorf("fresh: %v, %v", isFresh, err)
			}
		}
	})
}

// goCache has the go command keep its cache where it is.
func goCache(t *testing.T) {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GOCACHE") == "" {
		t.Setenv("GOCACHE", filepath.Join(home, ".cache", "go-build"))
	}
}

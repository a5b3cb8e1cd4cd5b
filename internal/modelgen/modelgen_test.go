package modelgen

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/schema"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected files of testdata")

// TestGenerate generates in a copy of each directory of testdata that has a schema,
// and wants the directory's own files: those that are not generated are input.
func TestGenerate(t *testing.T) {
	for _, dir := range cases(t, "testdata/*/schema.graphqls") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			root := copyOf(t, dir, func(path string, content []byte) bool {
				return !schema.IsGenerated(content)
			})
			if err := Expand(root); err != nil {
				t.Fatal(err)
			}
			got, want := tree(t, root), tree(t, dir)
			if *update {
				rewrite(t, dir, got, want)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDocs wants the example of docs/schema.md to be that of testdata/blog.
func TestDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(docs), "```graphql\n")
	example, _, _ := strings.Cut(rest, "```")
	blog, err := os.ReadFile("testdata/blog/schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	if example == "" || !strings.HasSuffix(string(blog), example) {
		t.Errorf("testdata/blog/schema.graphqls does not end in\n%s", example)
	}
}

// cases returns the directories of the files that the pattern matches.
func cases(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s matches nothing: %v", pattern, err)
	}
	for i, path := range paths {
		paths[i] = filepath.Dir(path)
	}
	return paths
}

// copyOf copies those files of a directory that are wanted into a new one.
func copyOf(t *testing.T, dir string, isWanted func(path string, content []byte) bool) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range tree(t, dir) {
		if isWanted(path, []byte(content)) {
			write(t, filepath.Join(root, path), content)
		}
	}
	return root
}

// tree returns the files below a directory, by their path from it.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root+"/")] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func rewrite(t *testing.T, dir string, got, want map[string]string) {
	t.Helper()
	for path := range want {
		if _, ok := got[path]; !ok {
			if err := os.Remove(filepath.Join(dir, path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, content := range got {
		write(t, filepath.Join(dir, path), content)
	}
}

package gogen

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFilesRestore(t *testing.T) {
	root := t.TempDir()
	path := func(name string) string { return filepath.Join(root, name) }
	before := map[string]string{"written": "old", "removed": "old", "kept": "old", "same": "old"}
	for name, content := range before {
		write(t, path(name), content)
	}
	var files Files
	for _, err := range []error{
		files.Write(path("written"), []byte("new")),
		files.Write(path("written"), []byte("newer")),
		files.Write(path("same"), []byte("old")),
		files.Write(path("in/made"), []byte("new")),
		files.Remove(path("removed")),
		files.Remove(path("never there")),
		files.Keep(path("kept"), path("made by another")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	write(t, path("kept"), "spoilt by another")
	write(t, path("made by another"), "new")

	want := maps.Clone(before)
	want["written"], want["kept"] = "newer", "spoilt by another"
	want["in/made"], want["made by another"] = "new", "new"
	delete(want, "removed")
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Errorf("before Restore: %s", diff)
	}
	if err := files.Restore(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, tree(t, root)); diff != "" {
		t.Errorf("after Restore: %s", diff)
	}
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
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

package devloop

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestTree sees what changed since the last look, as editors change files, and nothing else.
func TestTree(t *testing.T) {
	root := t.TempDir()
	write(t, root, "schema.graphqls", "type Query { a: Int }")
	write(t, root, "store/post.go", "package store")
	tree := &tree{root: root}
	changed, dirs := tree.look()
	if want := []string{"schema.graphqls", "store/post.go"}; !slices.Equal(changed, want) {
		t.Errorf("at first it sees %v, want %v", changed, want)
	}
	if want := []string{root, filepath.Join(root, "store")}; !slices.Equal(dirs, want) {
		t.Errorf("it has %v watched, want %v", dirs, want)
	}
	for _, test := range []struct {
		what string
		edit func()
		want []string
	}{
		{"nothing", func() {}, nil},
		{"a file", func() { write(t, root, "schema.graphqls", "type Query { b: Int }") }, []string{"schema.graphqls"}},
		{"the same again", func() { write(t, root, "schema.graphqls", "type Query { b: Int }") }, nil},
		{"as long, at the same time", func() {
			info, err := os.Stat(filepath.Join(root, "schema.graphqls"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, root, "schema.graphqls", "type Query { c: Int }")
			if err := os.Chtimes(filepath.Join(root, "schema.graphqls"), time.Time{}, info.ModTime()); err != nil {
				t.Fatal(err)
			}
		}, []string{"schema.graphqls"}},
		{"by a rename", func() {
			write(t, root, ".schema.graphqls.new", "type Query { d: Int }")
			if err := os.Rename(filepath.Join(root, ".schema.graphqls.new"), filepath.Join(root, "schema.graphqls")); err != nil {
				t.Fatal(err)
			}
		}, []string{"schema.graphqls"}},
		{"in a new directory", func() { write(t, root, "jobs/nightly/job.go", "package nightly") }, []string{"jobs/nightly/job.go"}},
		{"a template", func() { write(t, root, "mails/invitation.txt", "Hello") }, []string{"mails/invitation.txt"}},
		{"a page in Markdown", func() { write(t, root, "pages/about.md", "Hello") }, []string{"pages/about.md"}},
		{"gone", func() { os.Remove(filepath.Join(root, "store/post.go")) }, []string{"store/post.go"}},
		{"what editors keep", func() {
			write(t, root, ".post.go.swp", "x")
			write(t, root, "store/post.go~", "x")
			write(t, root, "store/#post.go#", "x")
			write(t, root, "store/4913", "x")
		}, nil},
		{"what is of no program", func() {
			write(t, root, ".git/index.go", "x")
			write(t, root, "node_modules/a/a.go", "x")
			write(t, root, "store/post_test.go", "x")
			write(t, root, "graph/testdata/policy/post.txt", "x")
			write(t, root, "README.md", "x")
		}, nil},
		{"the data directory, whatever its name", func() {
			write(t, root, "things/.gitignore", "*\n")
			write(t, root, "things/secret", "x")
		}, nil},
	} {
		t.Run(test.what, func(t *testing.T) {
			test.edit()
			if changed, _ := tree.look(); !slices.Equal(changed, test.want) {
				t.Errorf("it sees %v, want %v", changed, test.want)
			}
		})
	}
}

// TestWatch is told of a change in a directory that was made later, once for many together.
func TestWatch(t *testing.T) {
	root := t.TempDir()
	watch, err := newWatch()
	if err != nil {
		t.Fatal(err)
	}
	defer watch.close()
	tree := &tree{root: root}
	until := func(name string) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for {
			select {
			case <-watch.look:
				changed, dirs := tree.look()
				if err := watch.add(dirs); err != nil {
					t.Fatal(err)
				}
				if slices.Contains(changed, name) {
					return
				}
			case <-deadline:
				t.Fatalf("nobody tells of %s", name)
			}
		}
	}
	_, dirs := tree.look()
	if err := watch.add(dirs); err != nil {
		t.Fatal(err)
	}
	write(t, root, "later/a.go", "package later")
	until("later/a.go")
	write(t, root, "later/a.go", "package later // again")
	until("later/a.go")
	if err := os.RemoveAll(filepath.Join(root, "later")); err != nil {
		t.Fatal(err)
	}
	until("later/a.go")
	write(t, root, "later/a.go", "package later")
	until("later/a.go")
	write(t, root, "later/a.go", "package later // once more")
	until("later/a.go")
}

// TestOpenWorkDir gives a project's directory to one process at a time, and says who has it.
func TestOpenWorkDir(t *testing.T) {
	newCache(t)
	work, err := openWorkDir("/home/ada/shop")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openWorkDir("/home/ada/shop"); err == nil || err.Error() != "ownql dev runs for /home/ada/shop already (process "+strconv.Itoa(os.Getpid())+"): stop that one first" {
		t.Errorf("a second one: %v", err)
	}
	other, err := openWorkDir("/home/ada/blog")
	if err != nil {
		t.Fatalf("another project: %v", err)
	}
	defer other.close()
	if err := work.close(); err != nil {
		t.Fatal(err)
	}
	again, err := openWorkDir("/home/ada/shop")
	if err != nil {
		t.Fatalf("once it has ended: %v", err)
	}
	again.close()
}

func TestTail(t *testing.T) {
	var words tail
	for _, line := range []string{`{"time":"2026-11-30T04:35:18Z","msg":"request"}` + "\n", "time=2026 level=WARN\n", "\n", "shop: --addr 1: want\r\n", "HOST:PORT\n"} {
		words.Write([]byte(line))
	}
	if got, want := words.String(), "shop: --addr 1: want\nHOST:PORT"; got != want {
		t.Errorf("it has %q, want %q", got, want)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

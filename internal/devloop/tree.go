package devloop

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A tree is the files of a project that what is built may be of, as they were last seen.
type tree struct {
	root  string
	files map[string]file // by their path from the root, with slashes
}

type file struct {
	size    int64
	changed time.Time
	sum     [sha256.Size]byte // zero: a large one, of which size and time have to do
}

const largeFile = 4 << 20

// look sees the files anew. It returns the paths of those that are not what they were, or gone, and all
// directories that are to be watched. What cannot be read is left to those who build.
func (t *tree) look() (changed, dirs []string) {
	seen := map[string]file{}
	_ = filepath.WalkDir(t.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if entry.IsDir() {
			if path != t.root && isOutside(path, entry.Name()) {
				return fs.SkipDir
			}
			dirs = append(dirs, path)
			return nil
		}
		if !isOfInterest(entry.Name()) {
			return nil
		}
		below, err := filepath.Rel(t.root, path)
		if err != nil {
			return nil
		}
		name := filepath.ToSlash(below)
		if f, ok := t.see(path, t.files[name]); ok {
			seen[name] = f
		}
		return nil
	})
	for name, f := range seen {
		if before, ok := t.files[name]; !ok || before.sum != f.sum || before.size != f.size || f.isLarge() && before != f {
			changed = append(changed, name)
		}
	}
	for name := range t.files {
		if _, ok := seen[name]; !ok {
			changed = append(changed, name)
		}
	}
	t.files = seen
	slices.Sort(changed)
	return changed, dirs
}

func (f file) isLarge() bool { return f.size > largeFile }

// see reads a file unless it has its time and size of before.
func (t *tree) see(path string, before file) (file, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return file{}, false
	}
	f := file{size: info.Size(), changed: info.ModTime()}
	// Of one that was written just now, the time may be that of a later write, too.
	if before.size == f.size && before.changed.Equal(f.changed) && time.Since(f.changed) > time.Second {
		f.sum = before.sum
		return f, true
	}
	if f.isLarge() {
		return f, true
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return file{}, false
	}
	f.size, f.sum = int64(len(content)), sha256.Sum256(content)
	return f, true
}

// isOutside tells of a directory whether nothing in it is of the program: the data directory among them, which has
// git ignore all of it.
func isOutside(path, name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" {
		return true
	}
	ignored, err := os.ReadFile(filepath.Join(path, ".gitignore"))
	return err == nil && string(bytes.TrimSpace(ignored)) == "*"
}

// isOfInterest tells whether a program may be of such a file, by go:embed too: not what editors keep beside it, nor
// tests.
func isOfInterest(name string) bool {
	for _, prefix := range []string{".", "_", "#", "~"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{"~", ".swp", ".swx", ".tmp", ".bak", ".orig", "_test.go", "README.md", ".db", ".log", ".test", ".prof", "___"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return name != "4913" // by which Vim tries whether it may write
}

// isTemplate tells whether a server may read such a file when it starts, without having it built in.
func isTemplate(name string) bool {
	return slices.Contains([]string{".tmpl", ".gotmpl", ".txt", ".html"}, filepath.Ext(name))
}

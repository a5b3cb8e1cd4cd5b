package modelgen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
)

// Refresh is Generate, unless that was done already, and all that it reads and writes is as it was
// left: isFresh, and nothing is done. What it remembers for that is in the user's cache directory; without one,
// it always generates.
func Refresh(root string) (notes []string, isFresh bool, err error) {
	memory := memoryOf(root)
	before, err := readState(root)
	if err != nil || before.isUnknown {
		notes, err = Generate(root)
		return notes, false, err
	}
	if done, ok := memory.read(); ok && done.State == before.all() {
		return done.Notes, true, nil
	}
	if notes, err = Generate(root); err != nil {
		return notes, false, err
	}
	// What was written by hand meanwhile, a stub of ours among it, has not been read.
	if after, err := readState(root); err == nil && !after.isUnknown && after.byHand == before.byHand {
		memory.write(done{after.all(), notes})
	}
	return notes, false, nil
}

// IsFresh tells whether Refresh would do nothing.
func IsFresh(root string) bool {
	now, err := readState(root)
	if err != nil || now.isUnknown {
		return false
	}
	done, ok := memoryOf(root).read()
	return ok && done.State == now.all()
}

// memory is the file that says what was generated last in a project; empty: nothing is remembered.
type memory string

// done is what a memory has in it.
type done struct {
	State string   // what all files were
	Notes []string // what Generate said
}

func memoryOf(root string) memory {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	if root, err = filepath.Abs(root); err != nil {
		return ""
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return ""
	}
	name := sha256.Sum256([]byte(root))
	return memory(filepath.Join(cache, "ownql", "generated", hex.EncodeToString(name[:16])+".json"))
}

func (m memory) read() (d done, ok bool) {
	content, err := os.ReadFile(string(m))
	if err != nil || json.Unmarshal(content, &d) != nil {
		return done{}, false
	}
	return d, d.State != ""
}

// write does what it can: what is not remembered is generated again.
func (m memory) write(d done) {
	if m == "" {
		return
	}
	dir := filepath.Dir(string(m))
	if os.MkdirAll(dir, 0o755) != nil {
		return
	}
	content, err := json.Marshal(d)
	if err != nil {
		return
	}
	temporary, err := os.CreateTemp(dir, ".generated-*")
	if err != nil {
		return
	}
	defer os.Remove(temporary.Name()) // gone already where all went well
	_, err = temporary.Write(content)
	if closeErr := temporary.Close(); err == nil && closeErr == nil {
		_ = os.Rename(temporary.Name(), string(m))
	}
}

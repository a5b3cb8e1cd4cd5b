package devloop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ownql/ownql/internal/devstatus"
	"github.com/ownql/ownql/internal/lockfile"
)

// A workDir is what `ownql dev` keeps of a project in the user's cache directory: the programs that it builds, and
// what it tells the server. One process has it at a time.
type workDir struct {
	dir  string
	lock *os.File
}

// openWorkDir returns that of a project. The error says so where another process has it.
func openWorkDir(project string) (*workDir, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("there is nowhere to put the program that is built: %w", err)
	}
	name := sha256.Sum256([]byte(project))
	w := &workDir{dir: filepath.Join(cache, "ownql", "dev", hex.EncodeToString(name[:16]))}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, err
	}
	lockFile, byFile := filepath.Join(w.dir, "lock"), filepath.Join(w.dir, "pid")
	if w.lock, err = lockfile.Lock(lockFile); errors.Is(err, lockfile.ErrLocked) {
		by := ""
		if pid, err := os.ReadFile(byFile); err == nil {
			by = fmt.Sprintf(" (process %s)", strings.TrimSpace(string(pid)))
		}
		return nil, fmt.Errorf("ownql dev runs for %s already%s: stop that one first", project, by)
	}
	if err != nil {
		return nil, err
	}
	// What one that was killed has left is not for this one's server.
	if err := os.RemoveAll(w.status()); err != nil {
		return nil, errors.Join(err, w.close())
	}
	err = errors.Join(os.MkdirAll(w.status(), 0o700), os.WriteFile(byFile, []byte(strconv.Itoa(os.Getpid())), 0o600))
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *workDir) close() error { return w.lock.Close() }

func (w *workDir) status() string { return filepath.Join(w.dir, "status") }

func (w *workDir) statusDir() devstatus.Dir { return devstatus.Dir(w.status()) }

// built is where `go build` writes to, and finds what it wrote last.
func (w *workDir) built() string { return filepath.Join(w.dir, "built"+exe) }

// program is where the server runs from: one of two, as the other may still run.
func (w *workDir) program(number int) string {
	return filepath.Join(w.dir, fmt.Sprintf("server-%d%s", number%2, exe))
}

// copyProgram copies one that is not there in part, and not running.
func copyProgram(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(to, content, 0o700)
}

package dynamolocal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// MoveAside moves the data of a data directory into another, which is made, and may be opened as one. Whenever the
// process ends, the data is whole in one of the two. It tells whether there was any. ErrLocked: another process has
// dir open.
func MoveAside(dir, to string) (isMoved bool, err error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db, err := Open(dir) // and so no other process does
	switch {
	case errors.Is(err, ErrDamaged): // nobody has it open, and it is moved as it is
		db = nil
	case err != nil:
		return false, err
	default:
		defer db.Close()
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return false, fmt.Errorf("data directory: %w", err)
	}
	target := filepath.Join(to, fileName)
	if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("move the data to %s: it is there already", target)
	}
	if runtime.GOOS == "windows" && db != nil { // which moves no file that is open
		if err := db.Close(); err != nil {
			return false, err
		}
	}
	if err := os.Rename(path, target); err != nil {
		return false, fmt.Errorf("move the data aside: %w", err)
	}
	return true, syncDirectories(to, filepath.Join(to, ".."), dir)
}

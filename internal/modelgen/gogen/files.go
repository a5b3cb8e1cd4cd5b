package gogen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Files writes files, and can undo it: each is kept as it was when it was first
// touched. The zero Files has touched nothing.
type Files struct {
	kept []keptFile
}

type keptFile struct {
	path    string
	content []byte
	existed bool
}

// Keep remembers files as they are now, for Restore. Files that it knows already stay
// as they were first; those that do not exist will not exist again.
func (f *Files) Keep(paths ...string) error {
	for _, path := range paths {
		if slices.ContainsFunc(f.kept, func(k keptFile) bool { return k.path == path }) {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f.kept = append(f.kept, keptFile{path, content, err == nil})
	}
	return nil
}

// Write replaces a file whole. One that has that content already is not touched.
func (f *Files) Write(path string, content []byte) error {
	if err := f.Keep(path); err != nil {
		return err
	}
	return replace(path, content)
}

// Remove removes a file, which may not exist.
func (f *Files) Remove(path string) error {
	if err := f.Keep(path); err != nil {
		return err
	}
	return remove(path)
}

// Restore brings back every file as it was, and removes those that were not there. It
// goes on past errors, and returns them all.
func (f *Files) Restore() error {
	var errs []error
	for _, kept := range f.kept {
		if kept.existed {
			errs = append(errs, replace(kept.path, kept.content))
		} else {
			errs = append(errs, remove(kept.path))
		}
	}
	return errors.Join(errs...)
}

// replace writes beside the file first, so that it is never there in part.
func replace(path string, content []byte) error {
	present, err := os.ReadFile(path)
	switch {
	case err == nil && bytes.Equal(present, content):
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".modelgen-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone already where all went well
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

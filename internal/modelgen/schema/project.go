package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// Project is where a project is, on the disk and for Go.
type Project struct {
	Root       string // absolute
	ImportPath string // of the root
}

// StorePath is the import path of package store.
func (p Project) StorePath() string { return path.Join(p.ImportPath, StoreDir) }

// GraphPath is the import path of package graph.
func (p Project) GraphPath() string { return path.Join(p.ImportPath, GraphDir) }

// FindProject finds the module that a project's root is in, or below.
func FindProject(root string) (Project, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return Project{}, err
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		switch {
		case err == nil:
			module := modfile.ModulePath(content)
			if module == "" {
				return Project{}, fmt.Errorf("%s names no module: run go mod init", filepath.Join(dir, "go.mod"))
			}
			below, err := filepath.Rel(dir, root)
			return Project{root, path.Join(module, filepath.ToSlash(below))}, err
		case !errors.Is(err, fs.ErrNotExist):
			return Project{}, err
		case dir == filepath.Dir(dir):
			return Project{}, fmt.Errorf("there is no go.mod in %s or above: run go mod init", root)
		}
	}
}

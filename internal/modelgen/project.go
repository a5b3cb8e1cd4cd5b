package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// project is where a project is, on the disk and for Go.
type project struct {
	root       string // absolute
	importPath string // of the root
}

// storePath is the import path of package store.
func (p project) storePath() string { return path.Join(p.importPath, storeDir) }

// graphPath is the import path of package graph.
func (p project) graphPath() string { return path.Join(p.importPath, graphDir) }

// findProject finds the module that a project's root is in, or below.
func findProject(root string) (project, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return project{}, err
	}
	for dir := root; ; dir = filepath.Dir(dir) {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		switch {
		case err == nil:
			module := modfile.ModulePath(content)
			if module == "" {
				return project{}, fmt.Errorf("%s names no module: run go mod init", filepath.Join(dir, "go.mod"))
			}
			below, err := filepath.Rel(dir, root)
			return project{root, path.Join(module, filepath.ToSlash(below))}, err
		case !errors.Is(err, fs.ErrNotExist):
			return project{}, err
		case dir == filepath.Dir(dir):
			return project{}, fmt.Errorf("there is no go.mod in %s or above: run go mod init", root)
		}
	}
}

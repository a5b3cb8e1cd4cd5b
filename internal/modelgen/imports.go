package modelgen

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// library is ownql's module path, which its starter project has, too.
const library = "github.com/ownql/ownql"

// CheckImports refuses a project of another module that imports the packages of ownql's starter
// project: they can be imported by accident, and are of types that are not the project's. A file
// that is no Go is left to those who compile it.
func CheckImports(root string) error {
	p, err := findProject(root)
	if err != nil {
		return err
	}
	if p.importPath == library || strings.HasPrefix(p.importPath, library+"/") {
		return nil
	}
	return filepath.WalkDir(p.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			isOutside := strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || slices.Contains([]string{"testdata", "vendor", "node_modules"}, name)
			if path != p.root && isOutside {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		return p.checkImportsOf(path)
	})
}

func (p project) checkImportsOf(path string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		for _, pkg := range []string{storeDir, graphDir} {
			if imported != library+"/"+pkg {
				continue
			}
			at := set.Position(spec.Pos())
			below, err := filepath.Rel(p.root, path)
			if err != nil {
				below = path
			}
			return fmt.Errorf("%s:%d:%d: %s is of ownql's own starter, not of this project: import %q", below, at.Line, at.Column, imported, p.importPath+"/"+pkg)
		}
	}
	return nil
}

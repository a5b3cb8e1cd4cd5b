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

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// library is ownql's module path, which its starter project has, too.
const library = "github.com/ownql/ownql"

// CheckImports refuses a project of another module that imports the packages of ownql's starter
// project: they can be imported by accident, and are of types that are not the project's. A file
// that is no Go is left to those who compile it.
func CheckImports(root string) error {
	p, err := schema.FindProject(root)
	if err != nil {
		return nil // Generate says so
	}
	if p.ImportPath == library || strings.HasPrefix(p.ImportPath, library+"/") {
		return nil
	}
	return filepath.WalkDir(p.Root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			isOutside := strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || slices.Contains([]string{"testdata", "vendor", "node_modules"}, name)
			if path != p.Root && isOutside {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		return checkImportsOf(p, path)
	})
}

func checkImportsOf(p schema.Project, path string) error {
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
		for _, pkg := range []string{schema.StoreDir, schema.GraphDir} {
			if imported != library+"/"+pkg {
				continue
			}
			at := set.Position(spec.Pos())
			below, err := filepath.Rel(p.Root, path)
			if err != nil {
				below = path
			}
			return fmt.Errorf("%s:%d:%d: %s is of ownql's own starter, not of this project: import %q", below, at.Line, at.Column, imported, p.ImportPath+"/"+pkg)
		}
	}
	return nil
}

package modelgen

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates/*.gotmpl
var templateFiles embed.FS

var fileTemplates = template.Must(template.New("").
	Funcs(template.FuncMap{"article": typeWithArticle}).
	ParseFS(templateFiles, "templates/*.gotmpl"))

// imports are the packages that generated code may use, by name.
var imports = map[string]string{
	"context": "context",
	"regexp":  "regexp",
	"strconv": "strconv",
	"time":    "time",
	"graphql": "github.com/99designs/gqlgen/graphql",

	"auth":        "github.com/ownql/ownql/auth",
	"dataloadgen": "github.com/vikstrous/dataloadgen",
	"errors":      "errors",
	"store":       "github.com/ownql/ownql/store",
}

// goFile returns a Go file of a package: what the template prints, in package store without
// the methods that are written by hand there, with the imports that the rest needs.
func (s *Schema) goFile(pkg, name string, data any) ([]byte, error) {
	clause := "package " + pkg + "\n"
	text, err := printed(name, data)
	if err != nil {
		return nil, err
	}
	text = append([]byte(clause), text...)
	isLeftOut := func(name string) bool { return pkg == storeDir && s.byHand.declares(name) }
	body, err := withoutMethods(text, isLeftOut)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w\n%s", name, err, text)
	}
	used, err := importsOf(body)
	if err != nil {
		return nil, err
	}
	declaration := header + "\n" + clause + used
	return format.Source(append([]byte(declaration), bytes.TrimPrefix(body, []byte(clause))...))
}

// printed returns what a template prints.
func printed(name string, data any) ([]byte, error) {
	var text bytes.Buffer
	err := fileTemplates.ExecuteTemplate(&text, name, data)
	return text.Bytes(), err
}

// withoutMethods cuts methods and functions out of a Go file, with their comments.
func withoutMethods(content []byte, isLeftOut func(name string) bool) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, declaration := range slices.Backward(file.Decls) {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || !isLeftOut(methodName(function)) {
			continue
		}
		start := function.Pos()
		if function.Doc != nil {
			start = function.Doc.Pos()
		}
		content = slices.Delete(content, fset.Position(start).Offset, fset.Position(function.End()).Offset)
	}
	return content, nil
}

// importsOf returns the import declaration that a Go file needs.
func importsOf(content []byte) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok && imports[name.Name] != "" {
				used[imports[name.Name]] = true
			}
		}
		return true
	})
	var standard, others []string
	for path := range used {
		if strings.Contains(path, ".") {
			others = append(others, strconv.Quote(path))
		} else {
			standard = append(standard, strconv.Quote(path))
		}
	}
	slices.Sort(standard)
	slices.Sort(others)
	if len(standard) > 0 && len(others) > 0 {
		standard = append(standard, "")
	}
	all := append(standard, others...)
	switch len(all) {
	case 0:
		return "", nil
	case 1:
		return "\nimport " + all[0] + "\n", nil
	default:
		return "\nimport (\n" + strings.Join(all, "\n") + "\n)\n", nil
	}
}

package gogen

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

//go:embed templates/*.gotmpl
var templateFiles embed.FS

var fileTemplates = template.Must(template.New("").
	Funcs(template.FuncMap{
		"article": typeWithArticle, "comment": comment,
		"structFields": structFields, "createInput": createInput, "updateInput": updateInput, "absent": absent,
		"createStatements": createStatements, "updateStatements": updateStatements,
		"required": required, "enums": enums, "defaults": defaults, "patterns": patterns, "validations": validations,
		"uniques": uniques, "renames": renames, "joined": joined, "indexes": indexes, "parents": parents, "ancestors": ancestors, "ancestorFields": ancestorFields, "membership": membership, "invitation": invitation, "onOwnerDelete": onOwnerDelete, "links": links, "rules": rules, "fieldRules": fieldRules, "seenRules": seenRules, "given": given, "hooks": hooks, "bulk": bulk,
		"counters": counters, "setCounters": setCounters,
		"filterFields": filterFields, "objectFilterFields": objectFilterFields,
	}).
	ParseFS(templateFiles, "templates/*.gotmpl"))

// imports are the packages that generated code may use, by name.
var imports = map[string]string{
	"context": "context",
	"regexp":  "regexp",
	"strconv": "strconv",
	"time":    "time",

	"graphql": "github.com/99designs/gqlgen/graphql",
	"ast":     "github.com/vektah/gqlparser/v2/ast",

	"account": libraryPath + "/account",
	"gql":     libraryPath + "/gql",
	"model":   libraryPath + "/model",
}

// libraryPath is the module that generated code is for.
const libraryPath = "github.com/ownql/ownql"

// StoreFile is the file of package store that is of all types.
const StoreFile = "store_gen.go"

// Store returns the Go file of package store that is of all types.
func Store(s *schema.Schema) ([]byte, error) { return storeFile(s, "store.gotmpl", s) }

// Model returns the Go file of package store that is of one model.
func Model(s *schema.Schema, m *schema.Model) ([]byte, error) {
	return storeFile(s, "type.gotmpl", m)
}

// storeFile returns a Go file of package store: what the template prints, without the methods
// that are written by hand, with the imports that the rest needs.
func storeFile(s *schema.Schema, name string, data any) ([]byte, error) {
	text, err := printed(name, data)
	if err != nil {
		return nil, err
	}
	body, err := withoutMethods(text, s.Declares)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w\n%s", name, err, text)
	}
	used, err := importsOf(body)
	if err != nil {
		return nil, err
	}
	return goFile(body, used)
}

// goFile puts the header before a file, and the imports after its package clause.
func goFile(body []byte, imports string) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", body, parser.PackageClauseOnly)
	if err != nil {
		return nil, err
	}
	end := set.Position(file.Name.End()).Offset
	whole := slices.Concat([]byte(schema.Header+"\n"), bytes.TrimLeft(body[:end], "\n"), []byte("\n"+imports), body[end:])
	return format.Source(whole)
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
		if !ok || !isLeftOut(schema.MethodName(function)) {
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

// importsOf returns the import declaration that a file of package store needs.
func importsOf(content []byte) (string, error) {
	used, err := selected(content)
	if err != nil {
		return "", err
	}
	specs := map[string]string{}
	for name, path := range imports {
		if used[name] {
			specs[path] = name
		}
	}
	return importDeclaration(specs), nil
}

// selected returns the names of which a file selects something, as of a package.
func selected(content []byte) (map[string]bool, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if name, ok := selector.X.(*ast.Ident); ok {
				used[name.Name] = true
			}
		}
		return true
	})
	return used, nil
}

// importDeclaration imports packages, by path and name, in three groups: Go's own, others,
// and ownql's.
func importDeclaration(specs map[string]string) string {
	var groups [3][]string
	for _, path := range slices.Sorted(maps.Keys(specs)) {
		group := 0
		switch {
		case strings.HasPrefix(path, libraryPath+"/"):
			group = 2
		case strings.Contains(path, "."):
			group = 1
		}
		groups[group] = append(groups[group], importSpec(path, specs[path]))
	}
	var blocks []string
	for _, group := range groups {
		if len(group) > 0 {
			blocks = append(blocks, strings.Join(group, "\n"))
		}
	}
	if len(blocks) == 0 {
		return ""
	}
	return "\nimport (\n" + strings.Join(blocks, "\n\n") + "\n)\n"
}

// importSpec imports a package by a name.
func importSpec(path, name string) string {
	if name == schema.PackageName(path) {
		return strconv.Quote(path)
	}
	return name + " " + strconv.Quote(path)
}

// typeWithArticle puts `a` or `an` before a type's name.
func typeWithArticle(name string) string {
	if strings.Contains("AEIO", name[:1]) {
		return "an " + name
	}
	return "a " + name
}

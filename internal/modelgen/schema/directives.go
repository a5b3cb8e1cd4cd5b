package schema

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/config"
	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// ConfigFile is gqlgen's, in the project.
const ConfigFile = "gqlgen.yml"

// gqlgenDirectives are those that gqlgen carries out when it generates, once the schema
// declares them. https://gqlgen.com/config/#inline-config-with-directives
var gqlgenDirectives = []string{
	config.DirGoModel, config.DirGoField, config.DirGoTag, config.DirGoExtraField, config.DirGoEnum,
	config.DirInlineArguments, "goEmbedInterface",
}

// readConfig reads gqlgen.yml of the project at root, which may have none.
func readConfig(root string) (*config.Config, error) {
	cfg, err := config.LoadConfig(filepath.Join(root, ConfigFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &config.Config{}, nil
	case err != nil:
		return nil, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	return cfg, nil
}

// readDirectives returns the directives, as gqlgen names them in Go, that the project at
// root does something about: gqlgen carries them out, gqlgen.yml says what becomes of them,
// or package graph implements them, in a DirectiveRoot{Name: …} or by
// config.Directives.Name = ….
func readDirectives(root string, cfg *config.Config) (map[string]bool, error) {
	known := map[string]bool{}
	for _, name := range gqlgenDirectives {
		known[UpperFirst(name)] = true
	}
	for name, directive := range cfg.Directives {
		known[UpperFirst(name)] = directive.SkipRuntime || directive.Implementation != nil
	}
	paths, err := filepath.Glob(filepath.Join(root, GraphDir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if name := filepath.Base(path); name == "generated.go" || strings.HasSuffix(name, "_gen.go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read what is written by hand: %w", err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			for _, name := range implementedBy(node) {
				known[name] = true
			}
			return true
		})
	}
	return known, nil
}

// implementedBy returns the directives that a part of a Go file implements.
func implementedBy(node ast.Node) (names []string) {
	switch node := node.(type) {
	case *ast.CompositeLit:
		if typ, ok := node.Type.(*ast.Ident); !ok || typ.Name != "DirectiveRoot" {
			return nil
		}
		for _, element := range node.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok {
					names = append(names, key.Name)
				}
			}
		}
	case *ast.AssignStmt:
		for _, target := range node.Lhs {
			if field, ok := target.(*ast.SelectorExpr); ok {
				if of, ok := field.X.(*ast.SelectorExpr); ok && of.Sel.Name == "Directives" {
					names = append(names, field.Sel.Name)
				}
			}
		}
	}
	return names
}

// checkDirectives reports directives that the schema declares and nobody carries out.
func (r *reader) checkDirectives() {
	for _, directive := range r.schema.document.Directives {
		name := UpperFirst(directive.Name)
		if directive.Name == TransactionDirective && r.schema.hasTransactions() {
			r.Report(directive.Position, "@%s is what clients have mutations carried out together with: give the directive another name", directive.Name)
			continue
		}
		if slices.Contains(ours, directive.Name) || r.schema.byHand.directives[name] {
			continue
		}
		r.Report(directive.Position, "nothing carries out @%s, and what has it would fail: "+
			"write DirectiveRoot{%s: …} in New of graph/resolver.go; "+
			"or, if only clients read it, directives: {%s: {skip_runtime: true}} in %s; or remove it",
			directive.Name, name, directive.Name, ConfigFile)
	}
}

// checkArguments reports arguments that a directive has twice: the parser takes them, and
// what reads them takes the first.
// https://spec.graphql.org/October2021/#sec-Argument-Uniqueness
func (r *reader) checkArguments() {
	for _, definition := range r.schema.document.Definitions {
		used := slices.Clone(definition.Directives)
		for _, field := range definition.Fields {
			used = append(used, field.Directives...)
		}
		for _, directive := range used {
			for i, argument := range directive.Arguments {
				isSame := func(earlier *gqlast.Argument) bool { return earlier.Name == argument.Name }
				if slices.ContainsFunc(directive.Arguments[:i], isSame) {
					r.Report(argument.Position, "%s is there twice: remove one of the two", argument.Name)
				}
			}
		}
	}
}

package gogen

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"

	"github.com/ownql/ownql/internal/modelgen/schema"

	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// ownResolversFile is where a project's own resolvers are. Stubs are added to it; what is there
// stays.
const ownResolversFile = "graph/schema.resolvers.go"

// stub is a resolver that the project is to write.
type stub struct{ field *codegen.Field }

// text returns the resolver, which says that it is to be written.
func (s stub) text(qualifier types.Qualifier) string {
	field := s.field
	notImplemented := fmt.Sprintf("gql.NotImplemented(%q)", field.Object.Name+"."+field.Name)
	if field.Object.Kind != gqlast.InputObject {
		notImplemented = zero(field.TypeReference.GO, qualifier) + ", " + notImplemented
	}
	return method{field.Object.Name, field.Name, field.GoFieldName, declarationOf(field, qualifier), "return " + notImplemented}.String()
}

// zero writes the zero value of a type.
func zero(t types.Type, qualifier types.Qualifier) string {
	switch underlying := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case underlying.Info()&types.IsString != 0:
			return `""`
		case underlying.Info()&types.IsBoolean != 0:
			return "false"
		default:
			return "0"
		}
	case *types.Struct, *types.Array:
		return types.TypeString(t, qualifier) + "{}"
	default:
		return "nil"
	}
}

const ownResolversStart = "// This file is yours: `go generate` adds a resolver to it for each field that needs one, and\n" +
	"// changes nothing else here.\n\npackage graph\n"

// addStubs adds stubs to the end of the project's own resolvers.
func (w *resolverWriter) addStubs(stubs []stub) error {
	if len(stubs) == 0 {
		return nil
	}
	path := filepath.Join(w.project.Root, ownResolversFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		content, err = []byte(ownResolversStart), nil
	}
	if err != nil {
		return err
	}
	present, err := importsIn(content, w.project.GraphPath())
	if err != nil {
		return err
	}
	before := len(present.paths)
	present.add("context", "context")
	present.add(imports["gql"], "gql")
	var added bytes.Buffer
	for _, stub := range stubs {
		text := stub.text(present.name)
		text = present.rename(text)
		added.WriteString("\n" + text)
	}
	content, err = present.insert(content, before)
	if err != nil {
		return err
	}
	content, err = format.Source(append(bytes.TrimRight(content, "\n"), append([]byte("\n"), added.Bytes()...)...))
	if err != nil {
		return fmt.Errorf("%s: %w", ownResolversFile, err)
	}
	return w.files.Write(path, content)
}

// presentImports are those of a file that is there.
type presentImports struct {
	goImports
	paths []string // in order, those that are added last
}

func importsIn(content []byte, own string) (*presentImports, error) {
	file, err := parser.ParseFile(token.NewFileSet(), ownResolversFile, content, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	present := &presentImports{goImports: goImports{own: own, names: map[string]string{}}}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value) // was parsed
		name := schema.PackageName(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		present.add(path, name)
	}
	return present, nil
}

// add imports a package by a name, unless it is imported already.
func (p *presentImports) add(path, name string) {
	if p.names[path] == "" || p.names[path] == "_" {
		p.names[path] = name
		p.paths = append(p.paths, path)
	}
}

// name returns what the package is called in the file, and imports it.
func (p *presentImports) name(pkg *types.Package) string {
	name := p.goImports.name(pkg)
	if name != "" && !slices.Contains(p.paths, pkg.Path()) {
		p.paths = append(p.paths, pkg.Path())
	}
	return name
}

// rename has a stub call packages by the names that they have in the file.
func (p *presentImports) rename(text string) string {
	for _, name := range []string{"context", "gql"} {
		text = strings.ReplaceAll(text, " "+name+".", " "+p.names[imports[name]]+".")
	}
	return text
}

// insert writes the imports that were added into the file's first import declaration, or
// after its package clause.
func (p *presentImports) insert(content []byte, before int) ([]byte, error) {
	added := map[string]string{}
	var lines []string
	for _, path := range p.paths[before:] {
		added[path] = p.names[path]
		lines = append(lines, importSpec(path, p.names[path]))
	}
	if len(lines) == 0 {
		return content, nil
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, ownResolversFile, content, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	at, text := set.Position(file.Name.End()).Offset, "\n"+importDeclaration(added)
	if len(file.Decls) > 0 {
		if end := set.Position(file.Decls[0].End()).Offset; content[end-1] == ')' {
			at, text = end-1, strings.Join(lines, "\n")+"\n"
		}
	}
	return slices.Concat(content[:at], []byte(text), content[at:]), nil
}

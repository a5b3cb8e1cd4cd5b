package gogen

import (
	"github.com/ownql/ownql/internal/modelgen/schema"

	_ "embed"
	"errors"
	"fmt"
	"go/format"
	"go/types"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"

	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// resolverWriter is the plugin of gqlgen that writes the resolvers: those that are generated
// into a file of their own, and stubs for those that are the project's to write.
type resolverWriter struct {
	schema  *schema.Schema
	files   *Files
	project schema.Project
	tables  *objectTables // of the types that gqlgen has last told of
}

// Name is called by gqlgen.
func (*resolverWriter) Name() string { return "ownql" }

// MutateConfig is called by gqlgen once it has written its own Go types, without the fields that
// resolvers answer. A method may do so as well from here on.
func (w *resolverWriter) MutateConfig(cfg *config.Config) error {
	for _, computed := range w.schema.ComputedElsewhere() {
		if computed.IsMethod {
			delete(cfg.Models[computed.Type].Fields, computed.Field)
		}
	}
	hideInputFields(w.schema, cfg)
	return nil
}

// GenerateCode is called by gqlgen once it knows the Go types of everything.
func (w *resolverWriter) GenerateCode(data *codegen.Data) error {
	generated, stubs := w.newImports(), []stub{}
	var (
		typeNames []string
		methods   []method
		own       []string // fields that the project resolves itself
		guards    = map[string]string{}
	)
	for _, object := range slices.Concat(data.Objects, data.Inputs) {
		if !object.HasResolvers() {
			continue
		}
		typeNames = append(typeNames, object.Name)
		var byHand []*codegen.Field
		for _, field := range object.Fields {
			if !field.IsResolver {
				continue
			}
			if w.schema.Resolves(object.Name, field.GoFieldName) {
				own, byHand = append(own, object.Name+"."+field.Name), append(byHand, field)
				continue
			}
			body := hiddenAnswer(w.schema, field)
			if body == "" {
				body = answer(w.schema, object.Name, field.Name, argumentNames(field))
			}
			if body == "" {
				byHand = append(byHand, field)
				own, stubs = append(own, object.Name+"."+field.Name), append(stubs, stub{field})
				continue
			}
			methods = append(methods, method{object.Name, field.Name, field.GoFieldName, declarationOf(field, generated.name), body})
		}
		guards[object.Name] = guardType(w.schema, object.Name, byHand, func(f *codegen.Field) string { return declarationOf(f, generated.name) })
	}
	text := resolversGo(typeNames, guards, w.schema.UsedScalars(), answersGo(w.schema, methods, own), methods)
	content, err := generated.file(text)
	if err != nil {
		return fmt.Errorf("generate graph/%s: %w\n%s", ResolversFile, err, text)
	}
	if err := w.files.Write(filepath.Join(w.project.Root, schema.GraphDir, ResolversFile), content); err != nil {
		return err
	}
	w.tables = newObjectTables(data, w.newImports(), w.schema)
	return w.addStubs(stubs)
}

// ResolversFile is that of the generated resolvers, in package graph.
const ResolversFile = "resolvers_gen.go"

// resolverFile is where a project has the type Resolver.
const resolverFile = "graph/resolver.go"

//go:embed templates/resolver.go.txt
var resolverStart string

// WriteResolver writes the type Resolver for a project that has none.
func WriteResolver(s *schema.Schema, files *Files, root string) error {
	project, err := schema.FindProject(root)
	if err != nil || s.HasResolver() {
		return err
	}
	path := filepath.Join(project.Root, filepath.FromSlash(resolverFile))
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	content, err := format.Source([]byte(strings.ReplaceAll(resolverStart, "PROJECT", project.ImportPath)))
	if err != nil {
		return err
	}
	return files.Write(path, content)
}

// goImports are the imports of a file of package graph, by path.
type goImports struct {
	own      string // the package's own path
	names    map[string]string
	reserved []string // what else is called so in the file
}

// reserve keeps packages from getting names that the file has for something else.
func (i *goImports) reserve(names ...string) { i.reserved = append(i.reserved, names...) }

// newImports returns those that generated bodies may use, and the project's store.
func (w *resolverWriter) newImports() *goImports {
	i := &goImports{own: w.project.GraphPath(), names: map[string]string{}}
	for name, path := range imports {
		i.names[path] = name
	}
	i.names[w.project.StorePath()] = schema.StoreDir
	return i
}

// name returns what the package is called in the file, and imports it.
func (i *goImports) name(pkg *types.Package) string {
	if pkg.Path() == i.own {
		return ""
	}
	if name := i.names[pkg.Path()]; name != "" {
		return name
	}
	name := pkg.Name()
	isTaken := func(name string) bool {
		return slices.Contains(i.reserved, name) || slices.Contains(slices.Collect(maps.Values(i.names)), name)
	}
	for number := 2; isTaken(name); number++ {
		name = fmt.Sprintf("%s%d", pkg.Name(), number)
	}
	i.names[pkg.Path()] = name
	return name
}

// file returns a generated file with the imports that it uses.
func (i *goImports) file(text string) ([]byte, error) {
	used, err := selected([]byte(text))
	if err != nil {
		return nil, err
	}
	specs := map[string]string{}
	for path, name := range i.names {
		if used[name] {
			specs[path] = name
		}
	}
	return goFile([]byte(text), importDeclaration(specs))
}

// byType finds model.ConnectionOf[*Post] and the like, which are model.Connection[Post] to people.
var byType = regexp.MustCompile(`\b(model\.[A-Za-z]+)Of\[\*`)

// declarationOf returns a resolver's parameters and results.
func declarationOf(field *codegen.Field, qualifier types.Qualifier) string {
	typeOf := func(t types.Type) string { return byType.ReplaceAllString(types.TypeString(t, qualifier), "$1[") }
	parameters := []string{"ctx context.Context"}
	if field.Object.Kind == gqlast.InputObject {
		return fmt.Sprintf("(ctx context.Context, obj %s, data %s) error", typeOf(field.Object.Reference()), typeOf(field.TypeReference.GO))
	}
	if !field.Object.Root {
		parameters = append(parameters, "obj "+typeOf(field.Object.Reference()))
	}
	for i, name := range argumentNames(field) {
		parameters = append(parameters, name+" "+typeOf(field.Args[i].TypeReference.GO))
	}
	return fmt.Sprintf("(%s) (%s, error)", strings.Join(parameters, ", "), typeOf(field.TypeReference.GO))
}

// argumentNames returns the names of the field's arguments in Go, none of which hides what a
// body uses.
func argumentNames(field *codegen.Field) []string {
	names := make([]string, len(field.Args))
	for i, argument := range field.Args {
		names[i] = argument.VarName
		if isHiding(names[i]) {
			names[i] += "_"
		}
	}
	return names
}

// isHiding tells whether a parameter's name means something else in a resolver.
func isHiding(name string) bool {
	return imports[name] != "" || slices.Contains([]string{"ctx", "r", "obj", "data", "store", "item", "err"}, name)
}

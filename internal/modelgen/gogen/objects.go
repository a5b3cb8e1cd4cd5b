package gogen

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// ObjectsFile is that of the tables of object types, in package graph.
const ObjectsFile = "objects_gen.go"

// objectTables are the object types that [gql.MarshalObject] answers from tables, in place of what gqlgen writes for them.
type objectTables struct {
	imports *goImports
	nameOf  func(packagePath string) string
	objects []*codegen.Object
	schema  *schema.Schema

	values    []string         // the cases of MarshalValue
	valueOf   map[string]int   // its number, by the function that marshals
	arguments []*codegen.Field // of each number from 1, one of the fields that have those
	numberOf  map[string]int   // its number, by what the arguments are
}

// tableVariables are what functions of the file call something, which no package must be called there.
var tableVariables = []string{"ctx", "value", "selections", "v", "ok", "arguments", "given", "group", "field", "args", "of", "e", "ec", "obj", "sel", "name", "node", "w"}

// newObjectTables returns those of the types that can have one: their fields have no directives that are Go, and are answered by
// Go fields, methods and resolvers.
func newObjectTables(data *codegen.Data, imports *goImports, s *schema.Schema) *objectTables {
	imports.reserve(tableVariables...)
	t := &objectTables{imports: imports, schema: s, nameOf: data.Config.Packages.NameForPackage, valueOf: map[string]int{}, numberOf: map[string]int{}}
	cfg := data.Config
	if cfg.Exec.Layout != config.ExecLayoutSingleFile || cfg.OmitPanicHandler || cfg.UseFunctionSyntaxForExecutionContext ||
		cfg.Federation.IsDefined() || len(data.AllDirectives.LocationDirectives("FIELD")) > 0 {
		return t
	}
	for _, object := range data.Objects {
		if hasTable(object) {
			t.objects = append(t.objects, object)
		}
	}
	return t
}

func hasTable(object *codegen.Object) bool {
	return !object.Stream && !object.IsMap() && !slices.ContainsFunc(object.Fields, isGqlgens)
}

// isGqlgens tells whether only gqlgen's own code answers a field.
func isGqlgens(f *codegen.Field) bool {
	return f.HasDirectives() || f.IsBatch() || f.IsMap() || f.HasHaser || f.VOkFunc || f.TypeReference.IsRoot ||
		codegen.GetInlineArgsMetadata(f.Object.Name, f.Name) != nil ||
		slices.ContainsFunc(f.Args, func(a *codegen.FieldArgument) bool {
			empty, ok := types.Unalias(a.TypeReference.GO).(*types.Interface)
			return len(a.ImplDirectives()) > 0 || ok && empty.Empty()
		})
}

// write writes the tables, and takes out of the file that gqlgen has written what they stand for.
func (t *objectTables) write(w *resolverWriter, generated string) error {
	path := filepath.Join(w.project.Root, schema.GraphDir, ObjectsFile)
	if len(t.objects) == 0 {
		return w.files.Remove(path)
	}
	content, err := os.ReadFile(generated)
	if err != nil {
		return err
	}
	text := t.text()
	file, err := t.imports.file(text)
	if err != nil {
		return fmt.Errorf("generate graph/%s: %w\n%s", ObjectsFile, err, text)
	}
	if err := w.files.Write(path, file); err != nil {
		return err
	}
	content, err = withoutMethods(content, t.standsFor())
	if err != nil {
		return err
	}
	if content, err = withUsedImports(withInputsIfTaken(content), t.nameOf); err != nil {
		return err
	}
	return w.files.Write(generated, content)
}

// inputsMap finds where gqlgen's code makes a map of all functions that read inputs, for each operation anew.
var inputsMap = regexp.MustCompile(`(?m)^\tinputUnmarshalMap := (graphql\.BuildUnmarshalerMap\((?:\n\t\t[\w.]+,)+\n\t\))$`)

// withInputsIfTaken has the map be empty for operations that take none.
func withInputsIfTaken(content []byte) []byte {
	return inputsMap.ReplaceAll(content, []byte("\tinputUnmarshalMap := graphql.BuildUnmarshalerMap()\n"+
		"\tif ec.takesInput() {\n\t\tinputUnmarshalMap = $1\n\t}"))
}

// standsFor returns a function that tells whether the tables stand for a function of gqlgen's.
func (t *objectTables) standsFor() func(function string) bool {
	names := map[string]bool{}
	add := func(name string) { names["executionContext."+name] = true }
	for _, object := range t.objects {
		add("_" + object.Name)
		add("childFields_" + object.Name)
		for _, field := range object.Fields {
			add("_" + object.Name + "_" + field.Name)
			add(field.FieldContextFunc())
			if len(field.Args) > 0 && t.arguments[t.numberOf[argumentsKey(field)]-1] != field {
				add(field.ArgsFunc())
			}
		}
	}
	return func(function string) bool { return names[function] }
}

// text returns the file, without its imports.
func (t *objectTables) text() string {
	var tables strings.Builder
	for _, object := range t.objects {
		t.object(&tables, object)
	}
	var b strings.Builder
	b.WriteString("package graph\n\nvar _ gql.Execution = (*executionContext)(nil)\n\n")
	b.WriteString("// ObjectNamed is of [gql.Execution].\nfunc (ec *executionContext) ObjectNamed(name string) *gql.Object {\nswitch name {\n")
	for _, object := range t.objects {
		fmt.Fprintf(&b, "case %q:\nreturn &%s\n", object.Name, tableName(object))
	}
	b.WriteString("}\nreturn nil\n}\n\n")
	b.WriteString("// NodeObject is of [gql.Execution].\nfunc (ec *executionContext) NodeObject(node model.Node) *gql.Object {\n")
	for _, object := range t.objects {
		if implements(object, "Node") {
			fmt.Fprintf(&b, "if obj, ok := node.(%s); ok && obj != nil {\nreturn &%s\n}\n", t.typeText(object.Reference()), tableName(object))
		}
	}
	b.WriteString("return nil\n}\n\n")
	b.WriteString("// MarshalValue is of [gql.Execution].\n" +
		"func (ec *executionContext) MarshalValue(ctx context.Context, value int, selections ast.SelectionSet, v any) graphql.Marshaler {\nswitch value {\n")
	for i, value := range t.values {
		fmt.Fprintf(&b, "case %d:\n%s", i, value)
	}
	b.WriteString("}\nreturn gql.MarshalOther(ctx, v)\n}\n\n")
	b.WriteString("// UnmarshalArguments is of [gql.Execution].\n" +
		"func (ec *executionContext) UnmarshalArguments(ctx context.Context, arguments int, given map[string]any) (map[string]any, error) {\nswitch arguments {\n")
	for i, field := range t.arguments {
		fmt.Fprintf(&b, "case %d:\n", i+1)
		if name := textsArgument(field); name != "" {
			fmt.Fprintf(&b, "if args := gql.TextsArgument(given, %q); args != nil {\nreturn args, nil\n}\n", name)
		}
		fmt.Fprintf(&b, "return ec.%s(ctx, given)\n", field.ArgsFunc())
	}
	b.WriteString("}\npanic(\"there are no such arguments\")\n}\n\n")
	b.WriteString("// DeferGroup is of [gql.Execution].\nfunc (ec *executionContext) DeferGroup(group graphql.DeferredGroup) {\n" +
		"gql.CountDeferred(&ec.Deferred, group)\nec.ProcessDeferredGroup(group)\n}\n\n")
	b.WriteString("// takesInput tells whether the operation may need the functions that read inputs.\n" +
		"func (ec *executionContext) takesInput() bool {\nreturn gql.TakesInput(ec.OperationContext)\n}\n\n")
	b.WriteString(tables.String())
	return b.String()
}

// textsArgument returns the name of the one argument that a field has, where that is a list of texts or ids, none of them null, and
// strings in Go; empty: it is not so.
func textsArgument(field *codegen.Field) string {
	if len(field.Args) != 1 {
		return ""
	}
	argument := field.Args[0]
	of := argument.TypeReference
	if of.GQL.Elem == nil || !of.GQL.NonNull || !of.GQL.Elem.NonNull || of.GQL.Elem.Elem != nil || len(argument.ImplDirectives()) > 0 || argument.Default != nil ||
		!types.Identical(of.GO, types.NewSlice(types.Typ[types.String])) {
		return ""
	}
	if of = of.Elem(); of.Unmarshaler == nil || of.Unmarshaler.Pkg() == nil || of.Unmarshaler.Pkg().Path() != imports["graphql"] {
		return ""
	}
	return argument.Name
}

func implements(object *codegen.Object, name string) bool {
	return slices.ContainsFunc(object.Implements, func(d *ast.Definition) bool { return d.Name == name })
}

func tableName(object *codegen.Object) string { return "table_" + object.Name }

// object writes the table of one type, and the functions that gqlgen's code calls for it.
func (t *objectTables) object(b *strings.Builder, object *codegen.Object) {
	name, table := object.Name, tableName(object)
	parameter, of := "", "nil"
	if !object.Root {
		parameter, of = ", obj "+t.typeText(object.Reference()), "obj"
	}
	fmt.Fprintf(b, "func (ec *executionContext) _%s(ctx context.Context, sel ast.SelectionSet%s) graphql.Marshaler {\n", name, parameter)
	fmt.Fprintf(b, "return gql.MarshalObject(ctx, ec, ec.OperationContext, &%s, sel, %s)\n}\n\n", table, of)
	fmt.Fprintf(b, "func (ec *executionContext) childFields_%s(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {\n", name)
	fmt.Fprintf(b, "return %s.FieldContext(ctx, ec, ec.OperationContext, field)\n}\n\n", table)

	fmt.Fprintf(b, "var %s = gql.Object{\nName: %q,\nImplements: %s,\n", table, name, object.Implementors())
	if object.Root {
		b.WriteString("IsRoot: true,\n")
	}
	var plain, resolved strings.Builder // the cases of the fields
	usesExecution := false
	for i, field := range object.Fields {
		if statement := t.plainField(field); statement != "" {
			fmt.Fprintf(&plain, "case %d:\n%s\n", i, statement)
			continue
		}
		fmt.Fprintf(&resolved, "case %d:\n%s\n", i, t.resolution(field))
		usesExecution = usesExecution || field.IsResolver || field.GoReceiverName == "ec"
	}
	if resolved.Len() > 0 {
		fmt.Fprintf(b, "Resolve: resolve_%s,\n", name)
	}
	if plain.Len() > 0 {
		fmt.Fprintf(b, "Plain: plain_%s,\n", name)
	}
	b.WriteString("Fields: []gql.ObjectField{\n")
	for _, field := range object.Fields {
		fmt.Fprintf(b, "{%s},\n", t.field(field))
	}
	b.WriteString("},\n}\n\n")

	if resolved.Len() > 0 {
		fmt.Fprintf(b, "func resolve_%s(ctx context.Context, e gql.Execution, field int, args map[string]any, of any) (any, error) {\n", name)
		if usesExecution {
			b.WriteString("ec := e.(*executionContext)\n")
		}
		if !object.Root { // each field is of it, or of a resolver that takes it
			fmt.Fprintf(b, "obj := of.(%s)\n", t.typeText(object.Reference()))
		}
		fmt.Fprintf(b, "switch field {\n%s}\npanic(\"there is no such field\")\n}\n\n", resolved.String())
	}
	if plain.Len() > 0 {
		fmt.Fprintf(b, "func plain_%s(w *gql.FieldWriter, field int, of any) {\n", name)
		fmt.Fprintf(b, "obj := of.(%s)\nswitch field {\n%s}\n}\n\n", t.typeText(object.Reference()), plain.String())
	}
}

func (t *objectTables) typeText(of types.Type) string {
	return byType.ReplaceAllString(types.TypeString(of, t.imports.name), "$1[")
}

// field returns the row of a field.
func (t *objectTables) field(field *codegen.Field) string {
	parts := []string{
		fmt.Sprintf("Name: %q", field.Name), fmt.Sprintf("Type: %q", field.TypeReference.Definition.Name), fmt.Sprintf("Value: %d", t.value(field.TypeReference)),
	}
	if len(field.Args) > 0 {
		key := argumentsKey(field)
		if t.numberOf[key] == 0 {
			t.arguments = append(t.arguments, field)
			t.numberOf[key] = len(t.arguments)
		}
		parts = append(parts, fmt.Sprintf("Arguments: %d", t.numberOf[key]))
	}
	for _, flag := range []struct {
		name string
		is   bool
	}{
		{"IsNonNull", field.TypeReference.GQL.NonNull},
		{"IsMethod", field.IsMethod() || field.IsResolver},
		{"IsResolver", field.IsResolver},
		{"IsConcurrent", field.IsConcurrent()},
		{"IsPlain", t.plainField(field) != ""},
	} {
		if flag.is {
			parts = append(parts, flag.name+": true")
		}
	}
	return strings.Join(parts, ", ")
}

// value returns the number of a type in MarshalValue.
func (t *objectTables) value(of *config.TypeReference) int {
	function := of.MarshalFunc()
	if number, ok := t.valueOf[function]; ok {
		return number
	}
	t.valueOf[function] = len(t.values)
	t.values = append(t.values, fmt.Sprintf("if v, ok := v.(%s); ok {\nreturn ec.%s(ctx, selections, v)\n}\n", t.typeText(of.GO), function))
	return t.valueOf[function]
}

// argumentsKey is the same for fields whose arguments gqlgen reads in the same way.
func argumentsKey(field *codegen.Field) string {
	var key strings.Builder
	for _, argument := range field.Args {
		fmt.Fprintf(&key, "%s %s\n", argument.Name, argument.TypeReference.UnmarshalFunc())
	}
	return key.String()
}

// resolution returns the statement that answers a field.
func (t *objectTables) resolution(field *codegen.Field) string {
	var arguments []string
	switch {
	case field.IsResolver && field.Object.Root:
		arguments = []string{"ctx"}
	case field.IsResolver:
		arguments = []string{"ctx", "obj"}
	case field.MethodHasContext:
		arguments = []string{"ctx"}
	}
	for _, argument := range field.Args {
		arguments = append(arguments, fmt.Sprintf("args[%q].(%s)", argument.Name, t.typeText(argument.TypeReference.GO)))
	}
	called := "(" + strings.Join(arguments, ", ") + ")"
	switch {
	case field.IsResolver:
		return "return ec.Resolvers." + templates.UcFirst(field.Object.Name) + "()." + field.GoFieldName + called
	case field.IsMethod() && !field.NoErr:
		return "return " + field.GoReceiverName + "." + field.GoFieldName + called
	case field.IsMethod():
		return "return " + field.GoReceiverName + "." + field.GoFieldName + called + ", nil"
	}
	return "return " + field.GoReceiverName + "." + field.GoFieldName + ", nil"
}

// withUsedImports returns a Go file, formatted, without the imports that it does not use. nameOf tells the name of the package
// with that path.
func withUsedImports(content []byte, nameOf func(path string) string) ([]byte, error) {
	used, err := selected(content)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", content, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(content, []byte("\n"))
	for _, spec := range slices.Backward(file.Imports) {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		name := nameOf(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if line := set.Position(spec.Pos()).Line - 1; name != "_" && !used[name] {
			lines = slices.Delete(lines, line, line+1)
		}
	}
	return format.Source(bytes.Join(lines, []byte("\n")))
}

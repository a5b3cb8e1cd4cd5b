package modelgen

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
)

// resolversFile is where gqlgen puts resolvers, by gqlgen.yml.
const resolversFile = "graph/schema.resolvers.go"

// generateGraph runs gqlgen, as gqlgen.yml says, on the public schema that has just been
// written. It binds each model's id to its global id, and gives its resolvers their
// bodies; one that is there already stays as it is.
func (s *Schema) generateGraph(files *Files, root string) error {
	for _, path := range []string{"graph/generated.go", "graph/models_gen.go", resolversFile, "graph/prelude.resolvers.go"} {
		if err := files.Keep(filepath.Join(root, path)); err != nil {
			return err
		}
	}
	if err := s.pruneResolvers(files, filepath.Join(root, resolversFile)); err != nil {
		return err
	}
	// gqlgen takes paths from where it stands.
	before, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	defer os.Chdir(before)
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		return fmt.Errorf("gqlgen.yml: %w", err)
	}
	bindIntrospection(cfg)
	for _, model := range s.Models {
		bind(cfg, model.Name, "id", config.TypeMapField{FieldName: "GlobalID"})
	}
	for _, resolver := range s.Resolvers() {
		bind(cfg, resolver.Type, resolver.Field, config.TypeMapField{Resolver: true})
	}
	return api.Generate(cfg, api.AddPlugin(resolverBodies{s}))
}

// bindIntrospection says what the types of introspection are in Go. Otherwise gqlgen takes
// store.Field, where the schema has a type of that name, for __Field.
func bindIntrospection(cfg *config.Config) {
	for _, name := range []string{"Schema", "Type", "Field", "Directive", "EnumValue", "InputValue"} {
		cfg.Models.Add("__"+name, "github.com/99designs/gqlgen/graphql/introspection."+name)
	}
	for _, name := range []string{"TypeKind", "DirectiveLocation"} {
		cfg.Models.Add("__"+name, "github.com/99designs/gqlgen/graphql.String")
	}
}

// bind says what answers a field, as gqlgen.yml could.
func bind(cfg *config.Config, typeName, field string, to config.TypeMapField) {
	entry := cfg.Models[typeName]
	if entry.Fields == nil {
		entry.Fields = map[string]config.TypeMapField{}
	}
	entry.Fields[field] = to
	cfg.Models[typeName] = entry
}

// resolverBodies is gqlgen's plugin that writes the bodies of the models' resolvers.
// They use nothing but package graph, because gqlgen adds no imports for them.
type resolverBodies struct{ schema *Schema }

// Name is called by gqlgen.
func (resolverBodies) Name() string { return "ownql" }

// Implement is called by gqlgen for each resolver, with the body that it has. What is
// written by hand stays.
func (p resolverBodies) Implement(previous string, field *codegen.Field) string {
	var (
		name           = field.Object.Name + "." + field.Name
		notImplemented = fmt.Sprintf("panic(fmt.Errorf(\"not implemented: %s\"))", name)
		resolver, ok   = p.schema.Resolver(field.Object.Name, field.Name)
	)
	previous = strings.TrimSpace(previous)
	switch {
	case ok && (previous == "" || previous == notImplemented || p.schema.isGeneratedBody(previous)):
		return resolver.body(field)
	case previous == "":
		return notImplemented
	}
	return previous
}

// isGeneratedBody tells whether a body is one that the generator wrote, for the field as it
// was at the time. One of the same form that calls a method of the user's own is not.
func (s *Schema) isGeneratedBody(body string) bool {
	match := generatedBody.FindStringSubmatch(body)
	if match == nil {
		return false
	}
	method := match[2] + match[3]
	isOurs := func(resolver Resolver) bool { return resolver.Method == method }
	return !s.byHand.declares("Store."+method) || slices.ContainsFunc(s.Resolvers(), isOurs)
}

// body is one line.
func (r Resolver) body(field *codegen.Field) string {
	const page = "pageOf(first, after, last, before, sortDirection)"
	store := storeOf(field.Object)
	switch r.Kind {
	case ResolveOwner:
		return "return loadersFrom(ctx).users.Load(ctx, obj.OwnerID)"
	case ResolveParent:
		return fmt.Sprintf("return loadersFrom(ctx).%s.Load(ctx, obj.%s)", r.Model.GoField(), r.Relation.GoName())
	case ResolveChildren, ResolveOwned:
		return fmt.Sprintf("return %s.%s(ctx, callerFrom(ctx), obj.ID, %s)", store, r.Method, page)
	case ResolveUnique:
		return fmt.Sprintf("return orNull(%s.%s(ctx, callerFrom(ctx), %s))", store, r.Method, field.Args[0].VarName)
	case ResolveIndex:
		return fmt.Sprintf("return %s.%s(ctx, callerFrom(ctx), %s, %s)", store, r.Method, field.Args[0].VarName, page)
	case ResolveCreate, ResolveUpdate, ResolveDelete:
		return fmt.Sprintf("return r.%s(ctx, input)", lowerFirst(r.Method))
	}
	panic(fmt.Sprintf("resolver kind %d", r.Kind))
}

// storeOf is how a type's resolvers get at the store. The resolver of a field called store
// is a method Store, which hides that of the embedded Resolver.
func storeOf(object *codegen.Object) string {
	isStore := func(field *codegen.Field) bool { return field.IsResolver && field.GoFieldName == "Store" }
	if slices.ContainsFunc(object.Fields, isStore) {
		return "r.Resolver.Store"
	}
	return "r.Store"
}

package schema

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// resolved is a field that a resolver answers.
type resolved struct {
	typeName, field string
	at              *ast.Position
	instead         string // what to write
}

// resolvedFields returns the generated fields, and of those that are written by hand the
// root types' and the computed ones.
func (r *reader) resolvedFields() []resolved {
	const another = "give the field another name"
	var all []resolved
	for _, definition := range r.schema.document.Definitions {
		if isRoot(definition) {
			for _, field := range definition.Fields {
				all = append(all, resolved{definition.Name, field.Name, field.Position, another})
			}
		}
	}
	for _, model := range r.schema.Models {
		all = append(all, computed(model.Name, model.Fields, another)...)
	}
	all = append(all, computed("User", r.schema.User.Fields, another)...)
	for _, resolver := range r.schema.Resolvers() {
		instead := another
		switch resolver.Kind {
		case ResolveOwned, ResolveAll:
			instead = `write @model(plural: "…")`
		case ResolveIndex, ResolveTypeIndex:
			instead = "give queryField another name"
		}
		all = append(all, resolved{resolver.Type, resolver.Field, resolver.position(), instead})
	}
	return all
}

func computed(typeName string, fields Fields, instead string) []resolved {
	var all []resolved
	for _, field := range fields {
		if field.Kind == KindComputed {
			all = append(all, resolved{typeName, field.Name, field.position(), instead})
		}
	}
	return all
}

// checkResolvers reports fields that package graph could have no method for: a type's
// resolvers have each name once.
func (r *reader) checkResolvers() {
	seen := map[string]string{}
	for _, resolved := range r.resolvedFields() {
		goName := templates.ToGo(resolved.field)
		key := resolved.typeName + "." + goName
		if other := seen[key]; other != "" && other != resolved.field && !r.Has(resolved.at.Line) {
			r.Report(resolved.at, "the resolvers of %s.%s and %[1]s.%[3]s would both be the method %[4]s in Go: %[5]s", resolved.typeName, resolved.field, other, goName, resolved.instead)
		}
		seen[key] = resolved.field
	}
}

// checkGoFields reports fields whose name in Go another field has, or a method. To gqlgen,
// names that differ in case alone are one. others are names that are there already, in Go
// and in words.
func (r *reader) checkGoFields(fields []*Field, others map[string]string) {
	type named struct{ name, goName string }
	seen := map[string]named{}
	for goName, name := range others {
		seen[strings.ToLower(goName)] = named{name, goName}
	}
	for _, field := range fields {
		name, goName := field.Name, field.GoName()
		if field.Kind == KindBelongsTo {
			name = "the id of " + name
		}
		switch other := seen[strings.ToLower(goName)]; other.goName {
		case "":
		case goName:
			r.Report(field.position(), "%s and %s would both be %s in Go: give the field another name", name, other.name, goName)
		default:
			r.Report(field.position(), "%s and %s would be %s and %s in Go, which gqlgen takes for one: give the field another name", name, other.name, goName, other.goName)
		}
		seen[strings.ToLower(goName)] = named{name, goName}
	}
}

// declared is a name that package store would declare.
type declared struct {
	name string
	by   string
	at   *ast.Position
}

// declared returns every name that generated files of package store declare, ours and
// gqlgen's.
func (r *reader) declared() []declared {
	var all []declared
	for _, definition := range r.schema.document.Definitions {
		at := definition.Position
		add := func(name string) { all = append(all, declared{name, definition.Name, at}) }
		switch model := r.schema.Model(definition.Name); {
		case model != nil:
			for _, name := range model.GoTypes() {
				add(GoTypeName(name))
			}
		case isRoot(definition), definition.Kind == ast.Scalar, r.isGenerated(definition.Name):
		case definition.Name == "User":
			for _, name := range StoreTypes {
				add(name)
			}
		case r.schema.Object(definition.Name) != nil:
			object := r.schema.Object(definition.Name)
			add(object.GoName())
			add(object.GoInput())
		case definition.Kind == ast.Enum:
			r.addEnum(definition, add)
		case r.schema.byHand.isBoundByHand(definition.Name):
		default: // gqlgen's
			add(templates.ToGo(definition.Name))
		}
	}
	return all
}

// isGenerated tells whether the public schema has a type of the name that is not the user's.
func (r *reader) isGenerated(name string) bool {
	return LibraryTypes[name] != "" || slices.ContainsFunc(r.schema.generatedTypes(), func(t generatedType) bool { return t.name == name })
}

// addEnum adds what an enum declares, ours or gqlgen's.
func (r *reader) addEnum(definition *ast.Definition, add func(name string)) {
	goName := templates.ToGo(definition.Name)
	if r.schema.isKept(definition.Name) {
		goName = GoTypeName(definition.Name)
	} else if r.schema.byHand.isBoundByHand(definition.Name) {
		return
	}
	add(goName)
	for _, value := range definition.EnumValues {
		add(goName + templates.ToGo(value.Name))
	}
}

// checkGoNames reports what package store would declare twice: by hand and here, or
// for two types.
func (r *reader) checkGoNames() {
	seen := map[string]string{"Store": "Store", "New": "New"}
	for _, name := range r.declared() {
		file, byHand := r.schema.byHand.names[name.name]
		other, twice := seen[name.name]
		switch {
		case r.Has(name.at.Line): // the same in the schema's words, likely
		case byHand:
			r.Report(name.at, "%s would be %s in Go, which %s declares already: give one of them another name", name.by, name.name, file)
		case twice && (name.name == "Store" || name.name == "New"):
			r.Report(name.at, "%s would be %s in Go, which package store has itself: give the type another name", name.by, name.name)
		case twice && other == name.by:
			r.Report(name.at, "two values of %s would both be %s in Go: give one of them another name", name.by, name.name)
		case twice:
			r.Report(name.at, "%s and %s would both be %s in Go: give one of them another name", other, name.by, name.name)
		}
		seen[name.name] = name.by
	}
	r.checkGqlgenNames()
}

// checkGqlgenNames reports types that gqlgen takes for one: it makes its own names of theirs.
func (r *reader) checkGqlgenNames() {
	seen := map[string]string{}
	for _, definition := range r.schema.document.Definitions {
		goName := templates.ToGo(definition.Name)
		if other := seen[goName]; other != "" && other != definition.Name && !r.Has(definition.Position.Line) {
			r.Report(definition.Position, "gqlgen takes %s and %s for one, %s: give one of them another name", other, definition.Name, goName)
		}
		seen[goName] = definition.Name
	}
}

// checkMethods reports methods of Store that are there already: by hand, with other
// parameters, so that they are not meant; or as another's.
func (r *reader) checkMethods() {
	seen := map[string]bool{viewerUpdate: true, "DB": true, "Users": true}
	for _, model := range r.schema.Models {
		seen[model.GoPlural()] = true
		seen[model.RulesMethod()] = true
		for _, h := range hooks {
			seen[model.HookMethod(h)] = true
		}
	}
	isIndex := func(resolver Resolver) bool {
		return resolver.Kind == ResolveIndex || resolver.Kind == ResolveTypeIndex
	}
	all := r.schema.Resolvers()
	for _, resolver := range slices.Concat(slices.DeleteFunc(slices.Clone(all), isIndex), r.indexes(all)) {
		if resolver.Method == "" {
			continue
		}
		at, name := resolver.position(), resolver.Method
		byHand := r.schema.byHand.methods["Store."+name]
		switch {
		case isIndex(resolver) && seen[name] && !r.Has(at.Line):
			r.Report(at, "the method %s of Store does something else: give queryField another name", name)
		case r.schema.byHand.declares("Store."+name) && byHand.parameters != resolver.parameters():
			r.Report(at, "Store has a method %s(%s) already (%s), and %s needs %[1]s(%[5]s): give %[4]s another name", name, byHand.parameters, byHand.at, resolver.what(), resolver.parameters())
		}
		seen[name] = true
	}
}

// indexes returns those that are of an @index.
func (r *reader) indexes(all []Resolver) []Resolver {
	return slices.DeleteFunc(slices.Clone(all), func(resolver Resolver) bool {
		return resolver.Kind != ResolveIndex && resolver.Kind != ResolveTypeIndex
	})
}

// parametersOfGqlgen are those that it gives to resolvers, or to what counts their cost.
var parametersOfGqlgen = []string{"ctx", "childComplexity"}

// checkArgumentNames reports arguments that have the name of a parameter of gqlgen's own, where
// it passes them on.
func (r *reader) checkArgumentNames() {
	check := func(what string, arguments ast.ArgumentDefinitionList, taken ...string) {
		for _, argument := range arguments {
			if slices.Contains(taken, argument.Name) {
				r.Report(argument.Position, "gqlgen gives %s a parameter %s of its own: give the argument another name", what, argument.Name)
			}
		}
	}
	for _, definition := range r.schema.document.Definitions {
		taken := slices.Clone(parametersOfGqlgen)
		if !isRoot(definition) {
			taken = append(taken, "obj")
		}
		for _, field := range definition.Fields {
			check("a resolver", field.Arguments, taken...)
		}
	}
	for _, directive := range r.schema.document.Directives {
		check("what carries out a directive", directive.Arguments, "ctx", "obj", "next")
	}
}

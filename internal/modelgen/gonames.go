package modelgen

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
// root types' and the models' own.
func (r *reader) resolvedFields() []resolved {
	const another = "give the field another name"
	var all []resolved
	for _, definition := range r.schema.document.Definitions {
		if slices.Contains([]string{"Query", "Mutation", "Subscription"}, definition.Name) {
			for _, field := range definition.Fields {
				all = append(all, resolved{definition.Name, field.Name, field.Position, another})
			}
		}
	}
	for _, model := range r.schema.Models {
		for _, field := range model.Fields {
			if field.Kind == KindComputed && !r.schema.byHand.declares(model.GoName()+"."+field.GoName()) {
				all = append(all, resolved{model.Name, field.Name, field.position(), another})
			}
		}
	}
	for _, resolver := range r.schema.Resolvers() {
		instead := another
		switch resolver.Kind {
		case ResolveOwned:
			instead = `write @model(plural: "…")`
		case ResolveIndex:
			instead = "give queryField another name"
		}
		all = append(all, resolved{resolver.Type, resolver.Field, resolver.position(), instead})
	}
	return all
}

// checkResolvers reports fields and types that package graph could have no method for:
// a type's resolvers embed Resolver, and have each name once. Resolver itself has a method
// for each type that has resolvers, by the type's name.
func (r *reader) checkResolvers() {
	seen := map[string]string{}
	for _, resolved := range r.resolvedFields() {
		goName := templates.ToGo(resolved.field)
		key := resolved.typeName + "." + goName
		other := seen[key]
		switch {
		case r.has(resolved.at.Line):
		case goName == "Resolver":
			r.report(resolved.at, "the resolver of %s.%s would be the method Resolver in Go, beside the Resolver that is embedded there: %s", resolved.typeName, resolved.field, resolved.instead)
		case other != "" && other != resolved.field:
			r.report(resolved.at, "the resolvers of %s.%s and %[1]s.%[3]s would both be the method %[4]s in Go: %[5]s", resolved.typeName, resolved.field, other, goName, resolved.instead)
		}
		seen[key] = resolved.field
	}
	for _, model := range r.schema.Models {
		if r.schema.byHand.resolver[model.GoName()] && !r.has(model.definition.Position.Line) {
			r.report(model.definition.Position, "graph.Resolver would have a method %[2]s for %[1]s, and has a field of that name: give the type another name", model.Name, model.GoName())
		}
	}
}

// checkGoFields reports fields whose name in Go another field has, or a method. To gqlgen,
// names that differ in case alone are one. others are names that are there already, in Go
// and in words.
func (r *reader) checkGoFields(fields []*Field, marks []string, others map[string]string) {
	type named struct{ name, goName string }
	seen := map[string]named{}
	for goName, name := range others {
		seen[strings.ToLower(goName)] = named{name, goName}
	}
	for _, mark := range marks {
		seen[strings.ToLower("Is"+mark)] = named{"the method Is" + mark, "Is" + mark}
	}
	for _, field := range fields {
		name, goName := field.Name, field.GoName()
		if field.Kind == KindBelongsTo {
			name = "the id of " + name
		}
		switch other := seen[strings.ToLower(goName)]; other.goName {
		case "":
		case goName:
			r.report(field.position(), "%s and %s would both be %s in Go: give the field another name", name, other.name, goName)
		default:
			r.report(field.position(), "%s and %s would be %s and %s in Go, which gqlgen takes for one: give the field another name", name, other.name, goName, other.goName)
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

func (r *reader) declared() []declared {
	var all []declared
	for _, model := range r.schema.Models {
		for _, name := range model.goTypes() {
			all = append(all, declared{name, model.Name, model.definition.Position})
		}
		for _, parent := range model.Parents() {
			all = append(all, declared{parent.IndexVariable(), model.Name, parent.position()})
		}
		for _, index := range model.Indexes() {
			all = append(all, declared{index.GoVariable(), model.Name, index.position})
		}
	}
	for _, object := range r.schema.Objects {
		all = append(all, declared{object.GoName(), object.Name, object.definition.Position}, declared{object.GoName() + "Input", object.Name, object.definition.Position})
	}
	for _, enum := range r.schema.Enums {
		position := r.types[enum.Name].Position
		all = append(all, declared{enum.GoName(), enum.Name, position})
		for _, value := range enum.Values {
			all = append(all, declared{enum.GoValue(value), enum.Name, position})
		}
	}
	return all
}

// checkGoNames reports what package store would declare twice: by hand and here, or
// for two types.
func (r *reader) checkGoNames() {
	seen := map[string]string{}
	for _, name := range r.declared() {
		file, byHand := r.schema.byHand.names[name.name]
		other, twice := seen[name.name]
		switch {
		case r.has(name.at.Line): // the same in the schema's words, likely
		case byHand:
			r.report(name.at, "%s would be %s in Go, which store/%s declares already: give one of them another name", name.by, name.name, file)
		case twice && other == name.by:
			r.report(name.at, "two values of %s would both be %s in Go: give one of them another name", name.by, name.name)
		case twice:
			r.report(name.at, "%s and %s would both be %s in Go: give one of them another name", other, name.by, name.name)
		}
		seen[name.name] = name.by
	}
}

// checkMethods reports methods of Store that are there already: by hand, with other
// parameters, so that they are not meant; or, for an @index, as another's.
func (r *reader) checkMethods() {
	seen := map[string]bool{}
	check := func(method storeMethod) {
		seen[method.name] = true
		byHand := r.schema.byHand.methods["Store."+method.name]
		if r.schema.byHand.declares("Store."+method.name) && byHand != method.parameters {
			r.report(method.at, "Store has a method %s(%s) already, and %s needs %[1]s(%[4]s): give %[3]s another name", method.name, byHand, method.of, method.parameters)
		}
	}
	for _, model := range r.schema.Models {
		for _, method := range model.methods() {
			check(method)
		}
	}
	for _, model := range r.schema.Models {
		for _, index := range model.Indexes() {
			if seen[index.Method()] && !r.has(index.position.Line) {
				r.report(index.position, "the method %s of Store does something else: give queryField another name", index.Method())
			}
			check(index.method())
		}
	}
}

// checkIndexes reports an @index whose variable means something else.
func (r *reader) checkIndexes() {
	for _, model := range r.schema.Models {
		for _, index := range model.Indexes() {
			if r.has(index.position.Line) {
				continue
			}
			variable := index.GoVariable()
			if file, byHand := r.schema.byHand.names[variable]; byHand {
				r.report(index.position, "%s would have the variable %s in Go, which store/%s declares already: give queryField another name", model.Name, variable, file)
			} else if index.isHidden() {
				r.report(index.position, "%s would have the variable %s in Go, which means something else there: give queryField another name, such as %q", model.Name, variable, index.Field.usualQuery())
			}
		}
	}
}

// isHidden tells whether the index's variable means something else where it is used, or
// where it is declared: models are the type of all models.
func (i *Index) isHidden() bool {
	name := i.GoVariable()
	isParent := func(parent *Field) bool { return parent.GoVariable() == name || parent.IndexVariable() == name }
	return meansElse(name) || name == "models" || name == "init" ||
		name == i.Field.GoVariable() || slices.ContainsFunc(i.Field.Model.Parents(), isParent)
}

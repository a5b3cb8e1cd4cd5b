package modelgen

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// resolverFields are those of graph.Resolver. gqlgen gives it a method for each type that
// has resolvers, by the type's name.
var resolverFields = []string{"Store", "Accounts"}

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
// a type's resolvers embed Resolver, and have each name once.
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
		if slices.Contains(resolverFields, model.GoName()) && !r.has(model.definition.Position.Line) {
			r.report(model.definition.Position, "graph.Resolver would have a method %[2]s for %[1]s, and has a field of that name: give the type another name", model.Name, model.GoName())
		}
	}
}

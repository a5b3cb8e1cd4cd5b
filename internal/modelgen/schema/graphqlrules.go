package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// checkGraphQL reports what GraphQL's own rules forbid, unless its line has a problem already.
// Hand-written fields may have generated types, so those are declared for it, and interfaces
// are held to the public types of models.
func (r *reader) checkGraphQL(text string) {
	again := &reader{} // its problems are known
	document, err := again.readDocument(text)
	if err != nil {
		return // it was read before
	}
	document.Extensions, document.Schema, document.SchemaExtension = nil, nil, nil // reported before
	own, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "directives.graphqls", Input: directives})
	if err != nil {
		panic(err) // it is ours
	}
	for _, definition := range own.Definitions {
		if other := r.types[definition.Name]; other != nil && definition.Position.Src.Name == "directives.graphqls" {
			r.Report(other.Position, "%s is a type of the directives' arguments: give the type another name", definition.Name)
		}
	}
	r.addAccounts(document)
	r.expand(document)
	for _, generated := range r.schema.generatedTypes() {
		if document.Definitions.ForName(generated.name) == nil {
			document.Definitions = append(document.Definitions, sdl.Stub(generated.kind, generated.name))
		}
	}
	document.Definitions = slices.Concat(own.Definitions, document.Definitions)
	document.Directives = slices.Concat(own.Directives, document.Directives)
	r.Validate(document)
}

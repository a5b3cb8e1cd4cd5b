package modelgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// checkGraphQL reports what GraphQL's own rules forbid, unless its line has a problem already.
// Hand-written fields may have generated types, so those are declared for it, and interfaces
// are held to the public types of models.
func (r *reader) checkGraphQL(sdl string) {
	again := &reader{} // its problems are known
	document, err := again.readDocument(sdl)
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
			r.report(other.Position, "%s is a type of the directives' arguments: give the type another name", definition.Name)
		}
	}
	r.addAccounts(document)
	r.expand(document)
	for _, generated := range r.schema.generatedTypes() {
		if document.Definitions.ForName(generated.name) == nil {
			document.Definitions = append(document.Definitions, generated.stub())
		}
	}
	document.Definitions = slices.Concat(own.Definitions, document.Definitions)
	document.Directives = slices.Concat(own.Directives, document.Directives)
	r.validate(document)
}

// validate reports what is wrong with a document. The validator tells one thing at a time: what
// it tells of is taken out, until nothing is wrong with the rest.
func (r *reader) validate(document *ast.SchemaDocument) {
	bare := map[*ast.Definition]bool{}
	for {
		_, err := validator.ValidateSchemaDocument(document)
		if err == nil {
			return
		}
		problem := problemsOf(err)[0]
		if problem.file == source && !r.has(problem.Line) {
			r.report(&ast.Position{Line: problem.Line, Column: problem.Column}, "%s", problem.Message)
		}
		if !takeOut(document, problem, bare) {
			return
		}
	}
}

// takeOut takes out of a document what a problem is about. It returns false where it finds
// nothing there. bare are the types of which it has left no more than the name.
func takeOut(document *ast.SchemaDocument, problem Problem, bare map[*ast.Definition]bool) bool {
	isAt := func(position *ast.Position) bool {
		return position != nil && position.Src != nil && position.Src.Name == problem.file &&
			position.Line == problem.Line && position.Column == problem.Column
	}
	for _, list := range directiveLists(document) {
		before := len(*list)
		*list = slices.DeleteFunc(*list, func(directive *ast.Directive) bool {
			return isAt(directive.Position) || slices.ContainsFunc(directive.Arguments, func(argument *ast.Argument) bool { return isAt(argument.Position) })
		})
		if len(*list) < before {
			return true
		}
	}
	for i, definition := range document.Definitions {
		switch {
		case takeOutOf(definition, isAt):
			return true
		case isAt(definition.Position) && bare[definition]:
			document.Definitions = slices.Delete(document.Definitions, i, i+1)
			return true
		case isAt(definition.Position):
			bare[definition] = true
			makeBare(definition)
			return true
		}
	}
	return takeOutDirective(document, isAt)
}

// takeOutOf takes out a field, an argument or a value, or gives it another type. Without the
// field, whether the type is what its interfaces want cannot be told.
func takeOutOf(definition *ast.Definition, isAt func(*ast.Position) bool) bool {
	for i, field := range definition.Fields {
		switch {
		case isAt(field.Position):
			definition.Fields, definition.Interfaces = slices.Delete(definition.Fields, i, i+1), nil
			if len(definition.Fields) == 0 {
				makeBare(definition)
			}
			return true
		case isAt(field.Type.Position):
			field.Type, definition.Interfaces = ast.NamedType("String", nil), nil
			return true
		case takeOutArgument(&field.Arguments, isAt):
			return true
		}
	}
	for i, value := range definition.EnumValues {
		if isAt(value.Position) {
			definition.EnumValues = slices.Delete(definition.EnumValues, i, i+1)
			return true
		}
	}
	return false
}

func takeOutArgument(arguments *ast.ArgumentDefinitionList, isAt func(*ast.Position) bool) bool {
	for i, argument := range *arguments {
		switch {
		case isAt(argument.Position):
			*arguments = slices.Delete(*arguments, i, i+1)
			return true
		case isAt(argument.Type.Position):
			argument.Type = ast.NamedType("String", nil)
			return true
		}
	}
	return false
}

func takeOutDirective(document *ast.SchemaDocument, isAt func(*ast.Position) bool) bool {
	for i, directive := range document.Directives {
		switch {
		case isAt(directive.Position):
			document.Directives = slices.Delete(document.Directives, i, i+1)
			return true
		case takeOutArgument(&directive.Arguments, isAt):
			return true
		}
	}
	return false
}

// makeBare leaves of a type what others refer to, its name.
func makeBare(definition *ast.Definition) {
	bare := generatedType{definition.Name, "", definition.Kind}.stub()
	definition.Interfaces, definition.Types, definition.TypePositions, definition.Directives = nil, nil, nil, nil
	definition.Fields, definition.EnumValues = bare.Fields, bare.EnumValues
}

package sdl

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// Validate reports what is wrong with a document. The validator tells one thing at a time: what
// it tells of is taken out, until nothing is wrong with the rest.
func (p *Problems) Validate(document *ast.SchemaDocument) {
	p.checkInterfaces(document)
	bare := map[*ast.Definition]bool{}
	for {
		_, err := validator.ValidateSchemaDocument(document)
		if err == nil {
			return
		}
		problem := ProblemsOf(err)[0]
		if problem.File == Source && !p.Has(problem.Line) {
			p.Report(&ast.Position{Line: problem.Line, Column: problem.Column}, "%s", problem.Message)
		}
		if !takeOut(document, problem, bare) {
			return
		}
	}
}

// checkInterfaces reports interfaces that are not declared, and takes them out.
func (p *Problems) checkInterfaces(document *ast.SchemaDocument) {
	for _, definition := range document.Definitions {
		definition.Interfaces = slices.DeleteFunc(definition.Interfaces, func(name string) bool {
			if document.Definitions.ForName(name) != nil {
				return false
			}
			if position := definition.Position; position.Src.Name == Source && !p.Has(position.Line) {
				p.Report(position, "undefined type %s: declare it, or correct the name", name)
			}
			return true
		})
	}
}

// takeOut takes out of a document what a problem is about. It returns false where it finds
// nothing there. bare are the types of which it has left no more than the name.
func takeOut(document *ast.SchemaDocument, problem Problem, bare map[*ast.Definition]bool) bool {
	isAt := func(position *ast.Position) bool {
		return position != nil && position.Src != nil && position.Src.Name == problem.File &&
			position.Line == problem.Line && position.Column == problem.Column
	}
	for _, list := range DirectiveLists(document) {
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
	bare := Stub(definition.Kind, definition.Name)
	definition.Interfaces, definition.Types, definition.TypePositions, definition.Directives = nil, nil, nil, nil
	definition.Fields, definition.EnumValues = bare.Fields, bare.EnumValues
}

// Stub is a definition that stands for a type where only its name matters.
func Stub(kind ast.DefinitionKind, name string) *ast.Definition {
	position := &ast.Position{Line: 1, Column: 1, Src: &ast.Source{Name: "stub"}}
	stub := &ast.Definition{Kind: kind, Name: name, Position: position}
	switch kind {
	case ast.Scalar, ast.Union:
		return stub
	case ast.Enum:
		stub.EnumValues = ast.EnumValueList{{Name: "ASC", Position: position}}
		return stub
	}
	stub.Fields = ast.FieldList{{Name: "stub", Type: ast.NamedType("String", position), Position: position}}
	return stub
}

// DirectiveLists returns every list of directives of a document.
func DirectiveLists(document *ast.SchemaDocument) []*ast.DirectiveList {
	var all []*ast.DirectiveList
	ofArguments := func(arguments ast.ArgumentDefinitionList) {
		for _, argument := range arguments {
			all = append(all, &argument.Directives)
		}
	}
	for _, definition := range slices.Concat(document.Definitions, document.Extensions) {
		all = append(all, &definition.Directives)
		for _, field := range definition.Fields {
			all = append(all, &field.Directives)
			ofArguments(field.Arguments)
		}
		for _, value := range definition.EnumValues {
			all = append(all, &value.Directives)
		}
	}
	for _, directive := range document.Directives {
		ofArguments(directive.Arguments)
	}
	return all
}

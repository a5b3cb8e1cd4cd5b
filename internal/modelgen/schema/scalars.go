package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/decimal"
)

// scalars are those that a field can have: GraphQL's own, and ownql's.
var scalars = []string{"String", "Int", "Float", "Boolean", "ID", "DateTime", "Date", "Decimal", "JSON"}

// LibraryScalars are those of ownql's that a project may have of its own, with their Go types.
var LibraryScalars = map[string]string{"Date": "model.Date", "Decimal": "model.Decimal", "JSON": "model.JSON"}

// isLibraryScalar tells whether a name is that of one of LibraryScalars, and not of a type of the project.
func (s *Schema) isLibraryScalar(name string) bool {
	if LibraryScalars[name] == "" {
		return false
	}
	definition := s.document.Definitions.ForName(name)
	return definition == nil || definition.Kind == ast.Scalar && !s.byHand.bound[name] && !s.byHand.isBoundByHand(name)
}

// UsedScalars returns those of LibraryScalars that the public schema has.
func (s *Schema) UsedScalars() []string {
	used := map[string]bool{}
	for _, definition := range s.document.Definitions {
		used[definition.Name] = definition.Kind == ast.Scalar
		for _, field := range definition.Fields {
			used[field.Type.Name()] = true
			for _, argument := range field.Arguments {
				used[argument.Type.Name()] = true
			}
		}
	}
	for _, directive := range s.document.Directives {
		for _, argument := range directive.Arguments {
			used[argument.Type.Name()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(scalars), func(name string) bool { return !used[name] || !s.isLibraryScalar(name) })
}

// addedScalars returns the scalars of ownql's that the public schema has and schema.graphqls leaves out.
func (s *Schema) addedScalars() (added []*ast.Definition) {
	if s.needsDateTime() {
		added = append(added, dateTime())
	}
	for _, name := range s.UsedScalars() {
		if s.document.Definitions.ForName(name) == nil {
			added = append(added, scalarDefinition(name))
		}
	}
	return added
}

// describedScalar returns the definition of a scalar of ownql's that schema.graphqls has, with what that
// does not say.
func (s *Schema) describedScalar(definition *ast.Definition) *ast.Definition {
	described, own := *definition, scalarDefinition(definition.Name)
	described.Description = or(definition.Description, own.Description)
	if definition.Directives.ForName("specifiedBy") == nil {
		described.Directives = slices.Concat(definition.Directives, own.Directives)
	}
	return &described
}

// scalarDefinition is the scalar of that name of LibraryScalars.
func scalarDefinition(name string) *ast.Definition {
	definition := &ast.Definition{Kind: ast.Scalar, Name: name}
	specified := func(url string) {
		definition.Directives = ast.DirectiveList{{Name: "specifiedBy", Arguments: ast.ArgumentList{
			{Name: "url", Value: &ast.Value{Kind: ast.StringValue, Raw: url}},
		}}}
	}
	switch name {
	case "Date":
		definition.Description = "A day of the Gregorian calendar, from 0001 to 9999, as RFC 3339 text: `2026-11-28`."
		specified("https://www.rfc-editor.org/rfc/rfc3339#section-5.6")
	case "Decimal":
		definition.Description = "A decimal number, exactly, as text, since numbers lose digits in most clients: `\"12.5\"`. It has at most 38 significant digits and a size from 1e-130 to 9.99e125, or is 0. " +
			"It is answered in full, without an exponent and without zeros at the end of a fraction. Numbers are taken as well as text."
	case "JSON":
		definition.Description = "A value of JSON, of at most 100 KB as text and 64 levels. The fields of its objects have no order."
		specified("https://www.rfc-editor.org/rfc/rfc8259")
	}
	return definition
}

// isScalar tells whether the field is of the scalar of that name of ownql's or GraphQL's own.
func (f *Field) isScalar(name string) bool {
	return f.Kind == KindScalar && f.TypeName == name && !f.IsCustom
}

// IsDecimal tells whether the field's values are Decimals.
func (f *Field) IsDecimal() bool { return f.isScalar("Decimal") }

// IsNumber tells whether the field's values are numbers to DynamoDB.
func (f *Field) IsNumber() bool {
	return f.isScalar("Int") || f.isScalar("Float") || f.isScalar("Decimal")
}

// IsOpaque tells whether nothing is known of the field's values but whether there is one.
func (f *Field) IsOpaque() bool { return f.IsCustom || f.isScalar("JSON") }

// isCustomScalar tells whether package store has a scalar of the project's own, which reads and writes
// itself.
func (r *reader) isCustomScalar(name string) bool {
	goName := GoTypeName(name)
	return r.schema.byHand.declares(goName+".MarshalGQL") && r.schema.byHand.declares(goName+".UnmarshalGQL") && !r.schema.byHand.bound[name]
}

// wantsDecimal says what to write where a text is no Decimal.
func wantsDecimal(value string) string {
	switch _, err := decimal.Parse(value); err {
	case nil:
		return ""
	case decimal.ErrForm:
		return "a number"
	case decimal.ErrDigits:
		return "a number of at most 38 significant digits"
	default:
		return "a number that DynamoDB keeps: 0, or of a size from 1e-130 to 9.99e125"
	}
}

// customScalars returns the scalars of names that are the project's own, in the file's order.
func (s *Schema) customScalars() (names []string) {
	for _, definition := range s.document.Definitions {
		if definition.Kind == ast.Scalar && !slices.Contains(scalars, definition.Name) { // whose names come anyway
			names = append(names, definition.Name)
		}
	}
	return names
}

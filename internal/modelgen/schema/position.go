package schema

import "github.com/vektah/gqlparser/v2/ast"

// At returns where schema.graphqls has a type, its field or enum value, or an argument of that; nil: it is generated.
// An argument that is generated is where its field is.
func (s *Schema) At(typeName, fieldName, argument string) *ast.Position {
	definition := s.document.Definitions.ForName(typeName)
	if definition == nil {
		return nil
	}
	if fieldName == "" {
		return definition.Position
	}
	if value := definition.EnumValues.ForName(fieldName); value != nil {
		return value.Position
	}
	field := definition.Fields.ForName(fieldName)
	if field == nil {
		return nil
	}
	if found := field.Arguments.ForName(argument); found != nil {
		return found.Position
	}
	return field.Position
}

// FieldsByHand returns the names of the fields that schema.graphqls has of a type, less those of Relay and accounts.
func (s *Schema) FieldsByHand(typeName string) (names []string) {
	definition := s.document.Definitions.ForName(typeName)
	if definition == nil {
		return nil
	}
	for _, field := range definition.Fields {
		if _, isHouse := house[field.Name]; !isHouse {
			names = append(names, field.Name)
		}
	}
	return names
}

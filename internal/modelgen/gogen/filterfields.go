package gogen

import (
	"fmt"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// filterFields returns what filters have to know of a model's fields, as Go, a line each.
func filterFields(m *schema.Model) []string {
	lines := fieldLiterals(m.Filterable())
	for _, list := range m.Linked() {
		lines = append(lines, fmt.Sprintf("{Name: %q, Type: model.LinkField}", list.Name))
	}
	return lines
}

// links returns what filters have to know of what is linked, as Go, a line each.
func links(m *schema.Model) []string {
	var lines []string
	for _, list := range m.Linked() {
		unique := list.LinkUnique()
		key := "from, to"
		if unique.Fields[0].Field == list.Far {
			key = "to, from"
		}
		lines = append(lines, fmt.Sprintf("{Field: %q, By: s.%s, From: %q, To: %q, Unique: %q, Key: func(from, to string) string { return model.UniqueKey(%s) }}",
			list.Name, list.Through.GoPlural(), list.Inverse.Attribute(), list.Far.Attribute(), unique.Name(), key))
	}
	return lines
}

// objectFilterFields returns what filters have to know of a plain object's fields.
func objectFilterFields(s *schema.Schema, o *schema.Object) []string {
	return fieldLiterals(s.Filterable(o.Name, o.Fields))
}

func fieldLiterals(fields schema.Fields) []string {
	var lines []string
	for _, field := range fields {
		parts := []string{fmt.Sprintf("Name: %q", field.Name)}
		add := func(holds bool, part string) {
			if holds {
				parts = append(parts, part)
			}
		}
		fieldType := filterFieldType(field)
		add(field.Attribute() != field.Name, fmt.Sprintf("Attribute: %q", field.Attribute()))
		add(fieldType != "TextField", "Type: model."+fieldType)
		add(field.List, "List: true")
		add(field.Nullable, "Nullable: true")
		add(field.Kind == schema.KindObject, fmt.Sprintf("Object: %q", field.TypeName))
		lines = append(lines, "{"+strings.Join(parts, ", ")+"}")
	}
	return lines
}

// filterFieldType is the model.FieldType of a field.
func filterFieldType(f *schema.Field) string {
	switch f.Kind {
	case schema.KindBelongsTo:
		return "ParentField"
	case schema.KindObject:
		return "ObjectField"
	case schema.KindEnum:
		return "EnumField"
	}
	if f.IsOpaque() {
		return "JSONField"
	}
	switch f.TypeName {
	case "Date", "Decimal":
		return f.TypeName + "Field"
	case "Int", "Float":
		return "NumberField"
	case "Boolean":
		return "BooleanField"
	case "DateTime":
		return "TimeField"
	default:
		return "TextField"
	}
}

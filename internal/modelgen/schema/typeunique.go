package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// TypeUnique is a @unique of a type: no two objects have the same values of all the fields.
type TypeUnique struct {
	Fields []IndexPart
}

// Name stands for the fields in the table of unique values.
func (u *TypeUnique) Name() string { return u.join(func(p IndexPart) string { return p.Name }) }

// FormerName is what stood for them before a field was renamed; empty: none was.
func (u *TypeUnique) FormerName() string {
	former := u.join(func(p IndexPart) string {
		if p.Field != nil && p.Field.Formerly != "" {
			return p.Field.Formerly
		}
		return p.Name
	})
	if former == u.Name() {
		return ""
	}
	return former
}

func (u *TypeUnique) join(name func(IndexPart) string) string {
	names := make([]string, len(u.Fields))
	for i, part := range u.Fields {
		names[i] = name(part)
	}
	return strings.Join(names, "+")
}

// readTypeUniques reads a type's own @unique directives.
func (r *reader) readTypeUniques(model *Model) {
	for _, directive := range model.definition.Directives.ForNames("unique") {
		unique := &TypeUnique{}
		fields := directive.Arguments.ForName("fields")
		if fields == nil {
			r.Report(directive.Position, `@unique of a type names the fields that are unique together: write @unique(fields: ["…", "…"])`)
			continue
		}
		isGood := r.indexParts(fields, func(value *ast.Value) bool {
			part, ok := r.uniqueField(model, value)
			unique.Fields = append(unique.Fields, part)
			return ok
		})
		switch {
		case !isGood:
		case len(unique.Fields) == 1:
			r.Report(directive.Position, "one field is unique by itself: write @unique on the field")
		case slices.ContainsFunc(model.TypeUniques, func(other *TypeUnique) bool { return other.Name() == unique.Name() }):
			r.Report(directive.Position, "%s has this @unique already: remove one of the two", model.Name)
		default:
			model.TypeUniques = append(model.TypeUniques, unique)
		}
	}
}

func (r *reader) uniqueField(model *Model, value *ast.Value) (IndexPart, bool) {
	if value.Raw == owner {
		return IndexPart{Name: owner}, true
	}
	field := model.Field(value.Raw)
	switch {
	case field == nil || !field.Stored():
		r.Report(value.Position, "%s has no field %s that is kept: name one of its fields, or owner", model.Name, value.Raw)
	case field.List, field.Kind == KindObject, field.TypeName == "Float", field.IsOpaque():
		r.Report(value.Position, "%s cannot be @unique: only a String, an ID, an Int, a Decimal, a Boolean, a DateTime, a Date, an enum or a relation can", field.definition.Type)
	default:
		return IndexPart{Field: field, Name: field.Name}, true
	}
	return IndexPart{}, false
}

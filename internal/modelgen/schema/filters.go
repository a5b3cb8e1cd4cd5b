package schema

import (
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// This file makes the inputs by which lists are filtered: one for each model, for each plain object
// and each enum that their fields have, and those that all types share. To gqlgen all are one Go
// type, which knows its fields from package store: see gogen's bindFilters.

// FilterGoType is what every filter is in Go, in the library.
const FilterGoType = "model.Filter"

// combiners are the fields of a filter that are no field's.
var combiners = []string{"and", "or", "not"}

// FilterName is the input by which lists of the model are filtered.
func (m *Model) FilterName() string { return m.Name + "Filter" }

// Filterable returns the fields that a filter may have conditions on: those that everybody reads as
// they are kept. What code of the project answers or guards may be another, and so may the meaning of
// `and`, `or` and `not`.
func (s *Schema) Filterable(typeName string, fields Fields) Fields {
	return fields.Stored().selected(func(f *Field) bool {
		return !slices.Contains(combiners, f.Name) && !s.Resolves(typeName, templates.ToGo(f.Name)) &&
			!hasOwnDirective(f.definition.Directives) && !s.isGuarded(f.TypeName)
	})
}

// Filterable returns those of the model's fields.
func (m *Model) Filterable() Fields { return m.schema.Filterable(m.Name, m.Fields) }

// hasOwnDirective tells whether one is the project's own, which may guard what has it.
func hasOwnDirective(list ast.DirectiveList) bool {
	return slices.ContainsFunc(list, func(d *ast.Directive) bool {
		return !slices.Contains(ours, d.Name) && !slices.Contains(builtIn, d.Name) && !slices.Contains(gqlgenDirectives, d.Name)
	})
}

// isGuarded tells whether a type has a directive of the project's own.
func (s *Schema) isGuarded(typeName string) bool {
	definition := s.document.Definitions.ForName(typeName)
	return definition != nil && s.Model(typeName) == nil && hasOwnDirective(definition.Directives)
}

// FilterObjects returns the plain objects that filters have conditions on, however deep, in the
// file's order.
func (s *Schema) FilterObjects() []*Object {
	seen := map[string]bool{}
	var visit func(typeName string, fields Fields)
	visit = func(typeName string, fields Fields) {
		for _, field := range s.Filterable(typeName, fields) {
			if object := s.Object(field.TypeName); object != nil && !field.List && !seen[object.Name] {
				seen[object.Name] = true
				visit(object.Name, object.Fields)
			}
		}
	}
	for _, model := range s.Models {
		visit(model.Name, model.Fields)
	}
	return slices.DeleteFunc(slices.Clone(s.Objects), func(o *Object) bool { return !seen[o.Name] })
}

// filterNames returns every filter, with what it is for.
func (s *Schema) filterNames() []generatedType {
	var names []generatedType
	for _, definition := range s.sharedFilters() {
		names = append(names, generatedType{definition.Name, s.filterOwner(definition.Name), ast.InputObject})
	}
	for _, model := range s.Models {
		names = append(names, generatedType{model.FilterName(), model.Name, ast.InputObject})
	}
	for _, object := range s.FilterObjects() {
		names = append(names, generatedType{object.Name + "Filter", object.Name, ast.InputObject})
	}
	return names
}

// FilterNames returns the name of every filter.
func (s *Schema) FilterNames() []string {
	var names []string
	for _, generated := range s.filterNames() {
		names = append(names, generated.name)
	}
	return names
}

// filterOwner is the enum that a filter is for, or all of them.
func (s *Schema) filterOwner(name string) string {
	for _, enum := range s.Enums {
		if name == enum.Name+"Filter" || name == enum.Name+"ListFilter" {
			return enum.Name
		}
	}
	return "filters"
}

// filter returns the input by which lists of the model are filtered.
func (s *Schema) filter(m *Model) *ast.Definition {
	name := m.FilterName()
	input := inputOf(name, fmt.Sprintf("What %s must be. All that is given must hold; what is absent or null says nothing.", m.ProsePlural()),
		field("and", "["+name+"!]", "All of these hold. Where there is none, that says nothing."),
		field("or", "["+name+"!]", "One of these holds. Where there is none, nothing is found."),
		field("not", name, "This does not hold."),
		field("id", "IDFilter", "The global id."))
	for _, f := range s.Filterable(m.Name, m.Fields) {
		input.Fields = append(input.Fields, field(f.Name, f.filterName(), f.describe()))
	}
	for _, f := range m.Linked() {
		input.Fields = append(input.Fields, field(f.Name, linkFilter, f.describe()))
	}
	input.Fields = append(input.Fields,
		field("createdAt", "DateTimeFilter", "When the "+m.Prose()+" was made."),
		field("updatedAt", "DateTimeFilter", "When the "+m.Prose()+" was last changed."))
	return input
}

// objectFilter returns the filter of a plain object.
func (s *Schema) objectFilter(o *Object) *ast.Definition {
	input := inputOf(o.Name+"Filter", fmt.Sprintf("What %s must be. All that is given must hold. Where it is null, so are its fields.", withArticle(words(o.Name))))
	for _, f := range s.Filterable(o.Name, o.Fields) {
		input.Fields = append(input.Fields, field(f.Name, f.filterName(), f.describe()))
	}
	if o.Field("exists") == nil {
		input.Fields = append(input.Fields, field("exists", "Boolean", filterOperators["exists"]))
	}
	return input
}

// filterName is the input of conditions on the field.
func (f *Field) filterName() string {
	name := f.TypeName
	switch {
	case f.Kind == KindBelongsTo:
		return "IDFilter"
	case f.Kind == KindObject && f.List:
		return "ObjectListFilter"
	case f.List:
		name += "List"
	}
	return name + "Filter"
}

// sharedFilters returns the inputs of conditions that fields of several types have, as far as one
// has them, and those of enums.
func (s *Schema) sharedFilters() []*ast.Definition {
	if len(s.Models) == 0 {
		return nil
	}
	used := map[string]*Field{"IDFilter": {TypeName: "ID"}, "DateTimeFilter": {TypeName: "DateTime"}}
	note := func(typeName string, fields Fields) {
		for _, f := range s.Filterable(typeName, fields) {
			if f.Kind != KindObject || f.List {
				used[f.filterName()] = f
			}
		}
	}
	for _, model := range s.Models {
		note(model.Name, model.Fields)
	}
	for _, object := range s.FilterObjects() {
		note(object.Name, object.Fields)
	}
	var filters []*ast.Definition
	add := func(name string) {
		if f := used[name]; f != nil {
			filters = append(filters, f.conditions(name))
		}
	}
	for _, name := range slices.Concat(scalars, s.customScalars()) {
		for _, filter := range []string{name + "Filter", name + "ListFilter"} {
			if f := used[filter]; f != nil && f.Enum == nil { // there may be an enum that is called Date
				add(filter)
			}
		}
	}
	for _, enum := range s.Enums {
		add(enum.Name + "Filter")
		add(enum.Name + "ListFilter")
	}
	add("ObjectListFilter")
	if slices.ContainsFunc(s.Models, func(m *Model) bool { return len(m.Linked()) > 0 }) {
		filters = append(filters, linkFilterOf())
	}
	return filters
}

// filterOperators are the operators of conditions, with what they say.
var filterOperators = map[string]string{
	"eq":         "It is this; with null, it is null.",
	"ne":         "It is not this, and may be null; with null, it is not null.",
	"in":         "It is one of these, at most 100. Where there is none, nothing is found.",
	"lt":         "It comes before this.",
	"le":         "It is this, or comes before it.",
	"gt":         "It comes after this.",
	"ge":         "It is this, or comes after it.",
	"between":    "It is the first or the second of these, or comes between them.",
	"beginsWith": "It begins so, to the letter.",
	"contains":   "This is within it, to the letter.",
	"exists":     "It is not null; with false, it is null.",
}

// conditions returns the input of conditions on fields such as this one.
func (f *Field) conditions(name string) *ast.Definition {
	about := map[string]string{
		"ID": "an ID", "String": "text", "Int": "a whole number", "Float": "a number",
		"Boolean": "true or false", "DateTime": "a moment", "Date": "a day", "Decimal": "a number", "JSON": "a document",
	}[f.TypeName]
	switch {
	case f.Kind == KindObject:
		about = "a list of objects"
	case f.List:
		about = "a list of " + f.TypeName
	case f.Kind == KindBelongsTo:
		about = "an ID"
	case f.IsCustom:
		about = withArticle(f.TypeName)
	case f.Kind == KindEnum:
		about = "a value of the enum " + f.TypeName
	}
	input := inputOf(name, "What "+about+" must be. All that is given must hold.")
	for _, operator := range f.operators() {
		says := filterOperators[operator]
		typ := f.TypeName
		switch {
		case operator == "exists":
			typ = "Boolean"
		case f.Kind == KindBelongsTo:
			typ = "ID"
		}
		switch {
		case operator == "in", operator == "between":
			typ = "[" + typ + "!]"
		case operator == "contains" && f.List:
			says = "It has this."
		}
		input.Fields = append(input.Fields, field(operator, typ, says))
	}
	return input
}

// operators returns the names of the operators that conditions on the field have.
func (f *Field) operators() []string {
	switch {
	case f.Kind == KindObject, f.IsOpaque():
		return []string{"exists"}
	case f.List:
		return []string{"contains", "exists"}
	case f.Kind == KindEnum, f.Kind == KindBelongsTo, f.TypeName == "ID":
		return []string{"eq", "ne", "in", "exists"}
	case f.isScalar("Boolean"):
		return []string{"eq", "ne", "exists"}
	case f.TypeName == "String":
		return []string{"eq", "ne", "in", "lt", "le", "gt", "ge", "between", "beginsWith", "contains", "exists"}
	default:
		return []string{"eq", "ne", "in", "lt", "le", "gt", "ge", "between", "exists"}
	}
}

// filters returns the filters that are no model's.
func (s *Schema) filters() []*ast.Definition {
	var filters []*ast.Definition
	for _, object := range s.FilterObjects() {
		filters = append(filters, s.objectFilter(object))
	}
	return append(filters, s.sharedFilters()...)
}

func inputOf(name, about string, fields ...*ast.FieldDefinition) *ast.Definition {
	input := object(name, about, fields...)
	input.Kind = ast.InputObject
	return input
}

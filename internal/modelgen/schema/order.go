package schema

import (
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
)

// Order is the orders that one list has beside its own: those of the indexes of its type that find
// objects by what the list's objects have in common, and by nothing else.
type Order struct {
	Name    string // of the input
	Indexes []*TypeIndex

	model *Model
}

// FieldsName is the enum of the orders.
func (o *Order) FieldsName() string { return o.Name + "Field" }

// OrderName is the order that the index gives to lists: `PRIORITY_DESC_DUE_DATE`; empty: none.
func (i *TypeIndex) OrderName() string {
	var words []string
	for _, part := range i.Sort {
		words = append(words, screaming(part.Name))
		if part.Descending {
			words = append(words, "DESC")
		}
	}
	return strings.Join(words, "_")
}

// screaming returns a name as the value of an enum: `dueDate` as `DUE_DATE`.
func screaming(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(runes[i-1]) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToUpper(r))
	}
	return out.String()
}

// orderOf returns the orders of a list of the model, whose objects have the same value of an
// attribute, or, where that is empty, which has all; nil: there are none.
func orderOf(m *Model, attribute, name string) *Order {
	order := &Order{Name: name, model: m}
	for _, index := range m.TypeIndexes {
		isOfList := index.IsOfAll() && attribute == ""
		if len(index.Fields) == 1 {
			isOfList = index.Fields[0].Attribute() == attribute
		}
		if isOfList && len(index.Sort) > 0 {
			order.Indexes = append(order.Indexes, index)
		}
	}
	if len(order.Indexes) == 0 {
		return nil
	}
	return order
}

// order returns the orders of a list of children: `ProjectIssuesOrder`.
func (f *Field) order() *Order {
	return orderOf(f.Target, f.Inverse.Attribute(), f.Model.Name+UpperFirst(f.Name)+"Order")
}

// order returns the orders of the list that the resolver answers.
func (r Resolver) order() *Order {
	switch r.Kind {
	case ResolveChildren:
		return r.On.Field(r.Field).order()
	case ResolveOwned:
		return orderOf(r.Model, "ownerId", "User"+UpperFirst(r.Field)+"Order")
	case ResolveAll:
		attribute := ""
		if r.Model.isOwnersAlone() {
			attribute = "ownerId"
		}
		return orderOf(r.Model, attribute, UpperFirst(r.Field)+"Order")
	case ResolveIndex:
		if r.Index.joined() != nil {
			return nil
		}
		return orderOf(r.Model, r.Index.Field.Attribute(), UpperFirst(r.Field)+"Order")
	}
	return nil
}

// HasOrders tells whether the list that the resolver answers has orders beside its own.
func (r Resolver) HasOrders() bool { return r.order() != nil }

// Orders returns those of every list.
func (s *Schema) Orders() []*Order {
	var all []*Order
	for _, resolver := range s.Resolvers() {
		if order := resolver.order(); order != nil {
			all = append(all, order)
		}
	}
	return all
}

// definitions returns the input and the enum.
func (o *Order) definitions() []*ast.Definition {
	direction := field("direction", "SortDirection", "Which end of it is the beginning of the list.")
	direction.DefaultValue = &ast.Value{Raw: "ASC", Kind: ast.EnumValue}
	input := object(o.Name, "An order of "+o.model.ProsePlural()+".", field("field", o.FieldsName()+"!", "What they are ordered by."), direction)
	input.Kind = ast.InputObject
	fields := &ast.Definition{Kind: ast.Enum, Name: o.FieldsName(), Description: "What " + o.model.ProsePlural() + " can be ordered by. What is null comes last in `ASC`; `DESC` is the same from its end."}
	for _, index := range o.Indexes {
		isThere := func(v *ast.EnumValueDefinition) bool { return v.Name == index.OrderName() }
		if !slices.ContainsFunc(fields.EnumValues, isThere) {
			fields.EnumValues = append(fields.EnumValues, &ast.EnumValueDefinition{Name: index.OrderName(), Description: UpperFirst(inOrder(index.Sort)) + "."})
		}
	}
	return []*ast.Definition{input, fields}
}

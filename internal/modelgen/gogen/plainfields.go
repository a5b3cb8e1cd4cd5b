package gogen

import (
	"go/types"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"
)

// plainField returns the statement by which a [gql.FieldWriter] takes the value of a field; empty: the field is not plain.
func (t *objectTables) plainField(field *codegen.Field) string {
	if field.IsResolver || len(field.Args) > 0 || field.Object.Root || field.Object.IsReserved() || field.GoReceiverName != "obj" {
		return ""
	}
	if model := t.schema.Model(field.Object.Name); model != nil && field.IsMethod() && field.GoFieldName == "GlobalID" {
		return "w.GlobalID(" + strconv.Quote(model.IDName()) + ", " + field.GoReceiverName + ".ID)"
	}
	value := field.GoReceiverName + "." + field.GoFieldName
	switch {
	case field.IsMethod() && isOwnMethod(field):
		value += "()"
	case !field.IsVariable():
		return ""
	}
	return t.taking(field.TypeReference, value, field.IsVariable())
}

// isOwnMethod tells whether a method answers a field that is known to be quick, and not to fail.
func isOwnMethod(field *codegen.Field) bool {
	if !field.NoErr || field.MethodHasContext {
		return false
	}
	method, _, _ := types.LookupFieldOrMethod(field.Object.Reference(), true, nil, field.GoFieldName)
	if method == nil || method.Pkg() == nil {
		return false
	}
	return field.GoFieldName == "GlobalID" || method.Pkg().Path() == imports["account"]
}

// taking returns the statement for a value of a type.
func (t *objectTables) taking(of *config.TypeReference, value string, isAddressable bool) string {
	if of.GQL.Elem != nil {
		return t.takingList(of, value)
	}
	if of.Definition.IsCompositeType() {
		table := t.tableOf(of)
		switch {
		case table == nil:
		case types.Identical(table.Reference(), of.GO):
			return "gql.Pointer(w, " + value + ")"
		case isAddressable && types.Identical(table.Reference(), types.NewPointer(of.GO)):
			return "gql.Embedded(w, &" + value + ")"
		}
		return ""
	}
	if of.IsPtr() {
		if function := t.function(of.Elem()); function != "" {
			return "gql.Nullable(w, " + value + ", " + function + ")"
		}
		return ""
	}
	switch function := t.function(of); {
	case function == "":
		return ""
	case strings.HasPrefix(function, "gql."):
		return "gql.Enum(w, " + value + ")"
	default:
		return "w." + strings.TrimPrefix(function, "(*gql.FieldWriter).") + "(" + value + ")"
	}
}

func (t *objectTables) takingList(of *config.TypeReference, value string) string {
	if !of.IsSlice() || of.GQL.Elem.Elem != nil {
		return ""
	}
	in := of.Elem()
	if !of.Definition.IsCompositeType() {
		if function := t.function(in); function != "" && !in.IsPtr() {
			return "gql.List(w, " + value + ", " + function + ")"
		}
		return ""
	}
	table := t.tableOf(of)
	switch {
	case table == nil:
	case types.Identical(table.Reference(), in.GO):
		return "gql.Pointers(w, " + value + ")"
	case types.Identical(table.Reference(), types.NewPointer(in.GO)):
		return "gql.EmbeddedList(w, " + value + ")"
	}
	return ""
}

// tableOf returns the object type that a field has, of which there is a table.
func (t *objectTables) tableOf(of *config.TypeReference) *codegen.Object {
	for _, object := range t.objects {
		if object.Name == of.Definition.Name && !object.Root {
			if _, isPointer := object.Reference().(*types.Pointer); isPointer {
				return object
			}
		}
	}
	return nil
}

// function returns what of gql.FieldWriter takes a scalar, or an enum, whose Go type is no pointer; empty: gqlgen marshals it, or
// the type itself in a way of its own.
func (t *objectTables) function(of *config.TypeReference) string {
	const method = "(*gql.FieldWriter)."
	if of.IsContext && of.IsMarshaler || of.HasEnumValues() || of.IsPtr() {
		return ""
	}
	if of.IsMarshaler {
		for _, scalar := range []string{"DateTime", "Date", "Decimal", "JSON"} {
			if isNamed(of.GO, imports["model"], scalar) {
				return method + scalar
			}
		}
		return ""
	}
	if of.Marshaler == nil || of.Marshaler.Pkg() == nil {
		return ""
	}
	basic, isBasic := types.Unalias(of.GO).(*types.Basic)
	switch of.Marshaler.Pkg().Path() + "." + of.Marshaler.Name() {
	case imports["graphql"] + ".MarshalString", imports["graphql"] + ".MarshalID":
		if isBasic && basic.Kind() == types.String {
			return method + "String"
		}
		if under, ok := of.GO.Underlying().(*types.Basic); ok && under.Kind() == types.String {
			return "gql.Enum[" + t.typeText(of.GO) + "]"
		}
	case imports["graphql"] + ".MarshalBoolean":
		if isBasic && basic.Kind() == types.Bool {
			return method + "Boolean"
		}
	case imports["graphql"] + ".MarshalInt", imports["gql"] + ".MarshalInt":
		if isBasic && basic.Kind() == types.Int {
			return method + "Int"
		}
	case imports["graphql"] + ".MarshalFloatContext":
		if isBasic && basic.Kind() == types.Float64 {
			return method + "Float"
		}
	}
	return ""
}

func isNamed(of types.Type, path, name string) bool {
	named, ok := types.Unalias(of).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path && named.Obj().Name() == name
}

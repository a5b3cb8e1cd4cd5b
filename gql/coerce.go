package gql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceVariables returns the values of an operation's variables, as graphql-js's
// getVariableValues does: checked against their types, with the defaults of what is absent, and as
// what the types are in Go: int64, float64, string and bool, []any and map[string]any. given is
// JSON with its numbers as json.Number, and is left as it is.
// https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values
func coerceVariables(schema *ast.Schema, operation *ast.OperationDefinition, given map[string]any) (map[string]any, gqlerror.List) {
	c := coercion{schema: schema}
	values := make(map[string]any, len(operation.VariableDefinitions))
	for _, variable := range operation.VariableDefinitions {
		at := place{name: "$" + variable.Variable, kind: "variable", at: variable.Position}
		value, isGiven := given[variable.Variable]
		switch {
		case isGiven:
			values[variable.Variable] = c.value(variable.Type, value, &at)
		case variable.DefaultValue != nil:
			values[variable.Variable] = c.literal(variable.Type, variable.DefaultValue)
		case variable.Type.NonNull:
			c.refuse(&at, isAbsent(variable.Type))
		}
	}
	return values, c.errs.list
}

// checkNulls refuses the null of a variable where the operation uses it for what cannot be null:
// a document may use it there because it has a default, for when it is absent.
// https://spec.graphql.org/October2021/#sec-All-Variable-Usages-are-Allowed.Allowing-optional-variables-when-default-values-exist
func checkNulls(usages []nullableUsage, values map[string]any) (errs gqlerror.List) {
	for _, usage := range usages {
		if value, ok := values[usage.variable]; ok && value == nil {
			at := place{name: "$" + usage.variable, kind: "variable"}
			errs = append(errs, at.refuse(isNull(usage.wanted), usage.at))
		}
	}
	return errs
}

// A nullableUsage is a place in a document where a variable that may be null stands for what may
// not.
type nullableUsage struct {
	variable string
	wanted   *ast.Type
	at       *ast.Position
}

func isNull(t *ast.Type) refusal   { return isNone("null is no " + t.String()) }
func isAbsent(t *ast.Type) refusal { return isNone("it is absent, and must be a " + t.String()) }

// noEnumValue refuses what is none of an enum's names.
func noEnumValue(def *ast.Definition) refusal {
	return isNone("it is none of the names of the enum " + def.Name)
}

// noObject refuses what is no input object.
func noObject(def *ast.Definition) refusal {
	return isNone("a " + def.Name + " is an object")
}

// noSuchField refuses a field that an input object does not have.
func noSuchField(def *ast.Definition) refusal {
	return isNone(def.Name + " has no such field")
}

// notOneOf refuses an input object that is to have one field alone.
func notOneOf(def *ast.Definition) refusal {
	return isNone("a " + def.Name + " has exactly one field, which is not null")
}

func isOneOf(def *ast.Definition) bool { return def.Directives.ForName("oneOf") != nil }

// typenameField is what clients find in each object, and send back with it.
const typenameField = "__typename"

// coercion coerces values, and gathers what is wrong.
type coercion struct {
	schema *ast.Schema
	errs   errorList
}

func (c *coercion) refuse(at *place, r refusal) {
	if !c.errs.isFull() {
		c.errs.add(at.refuse(r, nil))
	}
}

// value coerces a value of JSON. Where that is wrong, it says so to c.errs.
func (c *coercion) value(t *ast.Type, value any, at *place) any {
	if value == nil {
		if t.NonNull {
			c.refuse(at, isNull(t))
		}
		return nil
	}
	if c.errs.isFull() {
		return nil
	}
	if t.Elem != nil {
		items, ok := value.([]any)
		if !ok {
			return []any{c.value(t.Elem, value, at)}
		}
		return c.list(t.Elem, items, at)
	}
	switch def := c.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject:
		return c.object(def, value, at)
	case ast.Enum:
		if name, ok := value.(string); !ok || def.EnumValues.ForName(name) == nil {
			c.refuse(at, noEnumValue(def))
		}
		return value
	default:
		coerced, refused := scalarOfJSON(scalarName(def), value)
		if refused.reason != "" {
			c.refuse(at, refused)
		}
		return coerced
	}
}

// list coerces what is in a list.
func (c *coercion) list(of *ast.Type, items []any, at *place) []any {
	coerced := make([]any, len(items))
	scalar := c.scalarOf(of)
	for i, item := range items {
		if scalar != "" && item != nil {
			if value, refused := scalarOfJSON(scalar, item); refused.reason == "" {
				coerced[i] = value // without a place, of which there might be many
				continue
			}
		}
		at := at.item(i)
		coerced[i] = c.value(of, item, &at)
	}
	return coerced
}

// scalarOf returns the name of the scalar that a type is; empty: it is none.
func (c *coercion) scalarOf(t *ast.Type) string {
	if t.Elem != nil {
		return ""
	}
	switch def := c.schema.Types[t.NamedType]; def.Kind {
	case ast.InputObject, ast.Enum:
		return ""
	default:
		return scalarName(def)
	}
}

func (c *coercion) object(def *ast.Definition, value any, at *place) any {
	given, ok := value.(map[string]any)
	if !ok {
		c.refuse(at, noObject(def))
		return nil
	}
	coerced := make(map[string]any, len(given))
	known := 0
	for _, field := range def.Fields {
		value, isGiven := given[field.Name]
		switch {
		case isGiven:
			known++
			at := at.field(field.Name)
			coerced[field.Name] = c.value(field.Type, value, &at)
		case field.DefaultValue != nil:
			coerced[field.Name] = c.literal(field.Type, field.DefaultValue)
		case field.Type.NonNull:
			at := at.field(field.Name)
			c.refuse(&at, isAbsent(field.Type))
		}
	}
	if _, ok := given[typenameField]; ok {
		known++
	}
	if known < len(given) {
		c.refuseUnknown(def, given, at)
	}
	if isOneOf(def) && !hasOneValue(coerced) {
		c.refuse(at, notOneOf(def))
	}
	return coerced
}

// refuseUnknown refuses the fields of an object that are none of its type, by name.
func (c *coercion) refuseUnknown(def *ast.Definition, given map[string]any, at *place) {
	var unknown []string
	for name := range given {
		if name != typenameField && def.Fields.ForName(name) == nil {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		at := at.field(name)
		c.refuse(&at, noSuchField(def))
	}
}

func hasOneValue(object map[string]any) bool {
	for _, value := range object {
		return len(object) == 1 && value != nil
	}
	return false
}

// literal returns the value of a literal that is valid and without variables: a default.
func (c *coercion) literal(t *ast.Type, value *ast.Value) any {
	if value.Kind == ast.NullValue {
		return nil
	}
	if t.Elem != nil {
		if value.Kind != ast.ListValue {
			return []any{c.literal(t.Elem, value)}
		}
		items := make([]any, len(value.Children))
		for i, child := range value.Children {
			items[i] = c.literal(t.Elem, child.Value)
		}
		return items
	}
	def := c.schema.Types[t.NamedType]
	if def.Kind != ast.InputObject {
		if value.Kind == ast.IntValue || value.Kind == ast.FloatValue { // the schema's own defaults are not settled
			settled := *value
			settleScalarLiteral(scalarName(def), &settled)
			value = &settled
		}
		constant, _ := value.Value(nil)
		return constant
	}
	object := map[string]any{}
	for _, field := range def.Fields {
		given := value.Children.ForName(field.Name)
		if given == nil {
			given = field.DefaultValue
		}
		if given != nil {
			object[field.Name] = c.literal(field.Type, given)
		}
	}
	return object
}

package gql

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/jsontext"
	"github.com/ownql/ownql/model"
)

// What the built-in scalars are, for whoever sends something else.
// https://spec.graphql.org/October2021/#sec-Scalars
var (
	noInt      = isNone("an Int is a whole number from -2147483648 to 2147483647")
	beyondInt  = isOutside(noInt.reason)
	noFloat    = isNone("a Float is a number")
	beyondSize = isOutside("a Float is a number of at most about 1.8e308")
	noString   = isNone("a String is text in quotes")
	noBoolean  = isNone("a Boolean is true or false")
	noID       = isNone("an ID is text in quotes, or a whole number")
)

// scalarName returns the name of a scalar that is known here, empty for a project's own: what that is,
// nobody knows before gqlgen calls its Go type.
func scalarName(def *ast.Definition) string {
	if def.BuiltIn || def.Name == "DateTime" {
		return def.Name
	}
	return ""
}

// scalarOfJSON coerces a value of a variable to the scalar of that name, as graphql-js does, but
// for whole numbers as IDs: those keep digits that JavaScript's numbers lose.
func scalarOfJSON(name string, value any) (any, refusal) {
	switch name {
	case "Int":
		number, ok := value.(json.Number)
		if !ok {
			return nil, noInt
		}
		return intOf(string(number))
	case "Float":
		number, ok := value.(json.Number)
		if !ok {
			return nil, noFloat
		}
		return floatOf(string(number))
	case "String":
		if _, ok := value.(string); !ok {
			return nil, noString
		}
	case "Boolean":
		if _, ok := value.(bool); !ok {
			return nil, noBoolean
		}
	case "ID":
		switch value := value.(type) {
		case string:
		case json.Number:
			return idOf(string(value))
		default:
			return nil, noID
		}
	case "Decimal":
		if number, ok := value.(json.Number); ok {
			value = string(number)
		}
		return value, checkOurs(name, value)
	case "DateTime", "Date", "JSON":
		return value, checkOurs(name, value)
	}
	return value, refusal{}
}

// intOf reads an Int. JSON has one kind of number: 1.0 and 1e2 are whole.
func intOf(text string) (any, refusal) {
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return n, refusal{}
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !math.IsInf(f, 0), f != math.Trunc(f):
		return nil, noInt
	case f < math.MinInt32, f > math.MaxInt32:
		return nil, beyondInt
	}
	return int64(f), refusal{}
}

func floatOf(text string) (any, refusal) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, beyondSize
	}
	return f, refusal{}
}

// idOf returns a whole number as the text that it is as an ID.
func idOf(text string) (any, refusal) {
	if !strings.ContainsAny(text, ".eE") {
		if text == "-0" {
			return "0", refusal{}
		}
		return text, refusal{}
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil, f != math.Trunc(f):
		return nil, noID
	case f == 0:
		return "0", refusal{}
	case math.Abs(f) < 1e21:
		return strconv.FormatFloat(f, 'f', -1, 64), refusal{}
	}
	return strconv.FormatFloat(f, 'e', -1, 64), refusal{} // JavaScript's own form of it
}

// checkOurs tells why a value is none of that scalar of ownql's.
func checkOurs(name string, value any) refusal {
	var scalar interface{ UnmarshalGQL(any) error }
	switch name {
	case "Date":
		scalar = new(model.Date)
	case "Decimal":
		scalar = new(model.Decimal)
	case "JSON":
		scalar = new(model.JSON)
	default:
		scalar = new(model.DateTime)
	}
	if err := scalar.UnmarshalGQL(value); err != nil {
		return isOutside(err.Error())
	}
	return refusal{}
}

// jsonOf returns the JSON that a literal is, with null for its variables.
func jsonOf(value *ast.Value) (any, refusal) {
	switch value.Kind {
	case ast.IntValue, ast.FloatValue:
		return json.Number(value.Raw), refusal{}
	case ast.EnumValue:
		return nil, isNone("JSON has no names: text is in quotes")
	case ast.ListValue:
		items := make([]any, len(value.Children))
		for i, child := range value.Children {
			var refused refusal
			if items[i], refused = jsonOf(child.Value); refused.reason != "" {
				return nil, refused
			}
		}
		return items, refusal{}
	case ast.ObjectValue:
		fields := make(map[string]any, len(value.Children))
		for _, child := range value.Children {
			var refused refusal
			if fields[child.Name], refused = jsonOf(child.Value); refused.reason != "" {
				return nil, refused
			}
		}
		return fields, refusal{}
	}
	constant, _ := value.Value(nil)
	return constant, refusal{}
}

// checkScalarLiteral tells why a literal is none of the scalar of that name, as graphql-js does.
func checkScalarLiteral(name string, value *ast.Value) refusal {
	isText := value.Kind == ast.StringValue || value.Kind == ast.BlockValue
	switch name {
	case "Int":
		if value.Kind != ast.IntValue {
			return noInt
		}
		_, refused := intOf(value.Raw)
		return refused
	case "Float":
		if value.Kind != ast.IntValue && value.Kind != ast.FloatValue {
			return noFloat
		}
		_, refused := floatOf(value.Raw)
		return refused
	case "String":
		if !isText {
			return noString
		}
	case "Boolean":
		if value.Kind != ast.BooleanValue {
			return noBoolean
		}
	case "ID":
		if !isText && value.Kind != ast.IntValue {
			return noID
		}
	case "DateTime", "Date", "Decimal":
		var text any // nil: no text
		if isText || name == "Decimal" && (value.Kind == ast.IntValue || value.Kind == ast.FloatValue) {
			text = value.Raw
		}
		return checkOurs(name, text)
	case "JSON":
		constant, refused := jsonOf(value)
		if refused.reason != "" {
			return refused
		}
		return checkOurs(name, constant)
	default:
		return checkNumbers(value)
	}
	return refusal{}
}

// checkNumbers refuses numbers of a project's own scalar that no Go type can hold.
func checkNumbers(value *ast.Value) refusal {
	if value.Kind == ast.IntValue || value.Kind == ast.FloatValue {
		_, refused := floatOf(value.Raw)
		return refused
	}
	for _, child := range value.Children {
		if refused := checkNumbers(child.Value); refused.reason != "" {
			return refused
		}
	}
	return refusal{}
}

// settleScalarLiteral makes of a literal that is one of the scalar of that name what gqlparser and
// gqlgen then read as such: they take any whole number for an int64.
func settleScalarLiteral(name string, value *ast.Value) {
	isNumber := value.Kind == ast.IntValue || value.Kind == ast.FloatValue
	switch {
	case name == "Decimal" && isNumber:
		value.Kind = ast.StringValue
	case name == "JSON" && isNumber:
		value.Kind, value.Raw = ast.StringValue, jsontext.Number(value.Raw)
	case name == "JSON":
		for _, child := range value.Children {
			settleScalarLiteral(name, child.Value)
		}
	case value.Kind != ast.IntValue:
		for _, child := range value.Children {
			settleScalarLiteral("", child.Value) // of a project's own scalar
		}
	case name == "ID":
		value.Kind = ast.StringValue
	case name == "Float":
		value.Kind = ast.FloatValue
	default:
		if _, err := strconv.ParseInt(value.Raw, 10, 64); err != nil {
			value.Kind = ast.FloatValue
		}
	}
}

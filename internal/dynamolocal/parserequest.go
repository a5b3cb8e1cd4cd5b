package dynamolocal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Where a request's JSON is not of its operation's types, AWS answers with a SerializationException,
// whose messages are those of the framework that DynamoDB is written in. They depend on the type that
// should be there, and on whether it is a member of a structure, or an element of a list or a map.

// unmarshalJSON reads what the protocol sends into an input of the SDK's. A member that the input does
// not have is refused by name.
func unmarshalJSON(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil || d.More() {
		return errNotJSON
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return errNotJSON
	}
	return structFromJSON(object, reflect.ValueOf(into).Elem())
}

var errNotJSON = serialization("")

func serialization(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "SerializationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// A place is where a value stands.
type place int

const (
	ofStructure place = iota
	ofCollection
)

var attributeValueType = reflect.TypeFor[types.AttributeValue]()

// fromJSON sets v to the value of the tree; null leaves it unset.
func fromJSON(tree any, v reflect.Value, at place) error {
	if tree == nil {
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return fromJSON(tree, v.Elem(), at)
	}
	switch tree := tree.(type) {
	case map[string]any:
		switch {
		case v.Type() == attributeValueType:
			value, err := valueFromJSON(tree)
			if err == nil {
				v.Set(reflect.ValueOf(value))
			}
			return err
		case v.Kind() == reflect.Struct:
			return structFromJSON(tree, v)
		case v.Kind() == reflect.Map:
			return mapFromJSON(tree, v)
		}
		return serialization("Start of structure or map found where not expected")
	case []any:
		if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 {
			return serialization("Unrecognized collection type %s", javaType(v.Type()))
		}
		v.Set(reflect.MakeSlice(v.Type(), len(tree), len(tree)))
		for i, e := range tree {
			if err := fromJSON(e, v.Index(i), ofCollection); err != nil {
				return err
			}
		}
		return nil
	}
	isStructure := v.Kind() == reflect.Struct || v.Type() == attributeValueType
	switch {
	case isScalar(v.Type()):
		return scalarFromJSON(tree, v)
	case at == ofCollection && isStructure:
		return serialization("Unexpected value type in payload")
	case at == ofCollection:
		return serialization("class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class " +
			"(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')")
	}
	return serialization("Unexpected field type")
}

func structFromJSON(object map[string]any, v reflect.Value) error {
	var unknown error
	for _, name := range sortedNames(object) {
		field, known := v.Type().FieldByName(name)
		if !known || !field.IsExported() {
			unknown = unsupported(name)
			continue
		}
		if err := fromJSON(object[name], v.FieldByIndex(field.Index), ofStructure); err != nil {
			return err
		}
	}
	return unknown
}

func mapFromJSON(object map[string]any, v reflect.Value) error {
	v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
	for _, name := range sortedNames(object) {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := fromJSON(object[name], element, ofCollection); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(name), element)
	}
	return nil
}

// valueFromJSON reads {"S":"text"}. Types that there are not are ignored.
func valueFromJSON(object map[string]any) (types.AttributeValue, error) {
	var values []types.AttributeValue
	for _, name := range sortedNames(object) {
		member, known := memberTypes[name]
		if !known || object[name] == nil {
			continue
		}
		v := reflect.New(member)
		if err := fromJSON(object[name], v.Elem().FieldByName("Value"), ofStructure); err != nil {
			return nil, err
		}
		values = append(values, v.Interface().(types.AttributeValue))
	}
	switch len(values) {
	case 0:
		return invalidValue(errEmptyValue), nil
	case 1:
		return values[0], nil
	}
	for _, v := range values {
		if _, err := normalize(v, 0); err != nil {
			return invalidValue(err), nil
		}
	}
	return invalidValue(errTwoTypes), nil
}

// memberTypes are the types of values by their names.
var memberTypes = map[string]reflect.Type{
	"S":    reflect.TypeFor[types.AttributeValueMemberS](),
	"N":    reflect.TypeFor[types.AttributeValueMemberN](),
	"B":    reflect.TypeFor[types.AttributeValueMemberB](),
	"SS":   reflect.TypeFor[types.AttributeValueMemberSS](),
	"NS":   reflect.TypeFor[types.AttributeValueMemberNS](),
	"BS":   reflect.TypeFor[types.AttributeValueMemberBS](),
	"M":    reflect.TypeFor[types.AttributeValueMemberM](),
	"L":    reflect.TypeFor[types.AttributeValueMemberL](),
	"BOOL": reflect.TypeFor[types.AttributeValueMemberBOOL](),
	"NULL": reflect.TypeFor[types.AttributeValueMemberNULL](),
}

// scalarFromJSON reads a text, a binary, a number or a truth value. A number loses its fraction, and a
// truth value may be a text.
func scalarFromJSON(tree any, v reflect.Value) error {
	text, isText := tree.(string)
	switch kind := v.Kind(); {
	case kind == reflect.Slice:
		if !isText {
			return serialization("only base-64-encoded strings are convertible to bytes")
		}
		return binaryFromJSON(text, v)
	case kind == reflect.String && isText:
		if text == "" && v.Type() != reflect.TypeFor[string]() {
			text = emptyEnum
		}
		v.SetString(text)
		return nil
	case kind == reflect.Bool && isText:
		switch strings.ToUpper(text) {
		case "TRUE", "1", "YES":
			v.SetBool(true)
		case "FALSE", "0", "NO":
			v.SetBool(false)
		default:
			return serialization("Unexpected token received from parser")
		}
		return nil
	}
	switch tree := tree.(type) {
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(tree)
			return nil
		}
	case json.Number:
		if v.CanInt() {
			if f, err := tree.Float64(); err == nil && !v.OverflowInt(int64(math.Floor(f))) {
				i, err := tree.Int64()
				if err != nil {
					i = int64(math.Floor(f))
				}
				v.SetInt(i)
				return nil
			}
		}
	}
	return serialization("%s cannot be converted to %s", tokenOf(tree), scalarName(v.Type()))
}

// emptyEnum is an empty text for a value of an enumeration, which the SDK's types cannot tell from none.
const emptyEnum = "\x00"

func binaryFromJSON(text string, v reflect.Value) error {
	if len(text)%4 != 0 {
		return serialization("Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(text))
	}
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return serialization("Invalid last non-pad Base64 character dectected")
	}
	v.SetBytes(b)
	return nil
}

// tokenOf is how AWS calls a text, a number or a truth value of JSON.
func tokenOf(tree any) string {
	switch tree := tree.(type) {
	case bool:
		return strings.ToUpper(fmt.Sprint(tree)) + "_VALUE"
	case json.Number:
		if strings.ContainsAny(tree.String(), ".eE") {
			return "DECIMAL_VALUE"
		}
		return "NUMBER_VALUE"
	}
	return "STRING_VALUE"
}

func isScalar(t reflect.Type) bool { return scalarName(t) != "" }

// scalarName is how AWS calls the type of a text, a number or a truth value, empty for any other.
func scalarName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "String"
	case reflect.Bool:
		return "Boolean"
	case reflect.Int32:
		return "Integer"
	case reflect.Int64:
		return "Long"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "ByteBuffer"
		}
	}
	return ""
}

// javaType is how AWS calls a type where a list is none of it.
func javaType(t reflect.Type) string {
	if t.Kind() == reflect.Map {
		return "java.util.Map<java.lang.String, " + javaName(t.Elem()) + ">"
	}
	return "class " + javaName(t)
}

func javaName(t reflect.Type) string {
	switch name := scalarName(t); {
	case name == "ByteBuffer":
		return "java.nio.ByteBuffer"
	case name != "":
		return "java.lang." + name
	case t.Kind() == reflect.Slice:
		return "java.util.List<" + javaName(t.Elem()) + ">"
	case t.Kind() == reflect.Map:
		return javaType(t)
	}
	return "com.amazonaws.dynamodb.v20120810." + t.Name()
}

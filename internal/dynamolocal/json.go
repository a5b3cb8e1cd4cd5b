package dynamolocal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// marshalJSON is v, an output of the SDK's or a part of an input, in the DynamoDB JSON
// protocol: a member for each exported field that is set, under the name of its json tag if it has one,
// [types.AttributeValue] as
// {"S":"text"}, times in seconds since 1970, binaries in base64, map keys in order.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func marshalJSON(v any) ([]byte, error) {
	tree, err := toJSON(reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err = e.Encode(tree)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// toJSON is v as encoding/json would have it.
func toJSON(v reflect.Value) (any, error) {
	if v.CanInterface() {
		switch v := v.Interface().(type) {
		case types.AttributeValue:
			return valueToJSON(v)
		case time.Time:
			return json.Number(fmt.Sprintf("%d.%03d", v.Unix(), v.Nanosecond()/1e6)), nil
		case []byte:
			return v, nil
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return toJSON(v.Elem())
	case reflect.Struct:
		object := map[string]any{}
		for i := range v.NumField() {
			field, name := v.Field(i), v.Type().Field(i).Name
			if !v.Type().Field(i).IsExported() || name == "ResultMetadata" || isUnset(field) {
				continue
			}
			member, err := toJSON(field)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if tag := v.Type().Field(i).Tag.Get("json"); tag != "" {
				name = tag
			}
			object[name] = member
		}
		return object, nil
	case reflect.Map:
		object := make(map[string]any, v.Len())
		for _, key := range v.MapKeys() {
			member, err := toJSON(v.MapIndex(key))
			if err != nil {
				return nil, err
			}
			object[key.String()] = member
		}
		return object, nil
	case reflect.Slice:
		array := make([]any, v.Len())
		for i := range array {
			var err error
			if array[i], err = toJSON(v.Index(i)); err != nil {
				return nil, err
			}
		}
		return array, nil
	}
	return v.Interface(), nil
}

// isUnset is whether a field of an input or output is not a member of its JSON.
func isUnset(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.String:
		return v.IsZero()
	}
	return false
}

// valueToJSON is v under its type's name.
func valueToJSON(v types.AttributeValue) (any, error) {
	if v == nil {
		return nil, errEmptyValue
	}
	content, err := toJSON(reflect.ValueOf(v).Elem().FieldByName("Value"))
	return map[string]any{typeName(v): content}, err
}

// unmarshalJSON reads what the protocol sends into an input of the SDK's. A member that the
// input does not have is refused by name.
func unmarshalJSON(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return serialization("the request is not JSON: %v", err)
	}
	if d.More() {
		return serialization("something follows the JSON of the request")
	}
	return fromJSON(tree, reflect.ValueOf(into).Elem())
}

var attributeValueType = reflect.TypeFor[types.AttributeValue]()

// fromJSON sets v to the value of the tree; null leaves it unset.
func fromJSON(tree any, v reflect.Value) error {
	if tree == nil {
		return nil
	}
	if v.Type() == attributeValueType {
		value, err := valueFromJSON(tree)
		if value != nil {
			v.Set(reflect.ValueOf(value))
		}
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fromJSON(tree, v.Elem())
	case reflect.Struct:
		if object, ok := tree.(map[string]any); ok {
			return structFromJSON(object, v)
		}
	case reflect.Map:
		if object, ok := tree.(map[string]any); ok {
			v.Set(reflect.MakeMapWithSize(v.Type(), len(object)))
			for name, member := range object {
				element := reflect.New(v.Type().Elem()).Elem()
				if err := fromJSON(member, element); err != nil {
					return err
				}
				v.SetMapIndex(reflect.ValueOf(name), element)
			}
			return nil
		}
	case reflect.Slice:
		if text, ok := tree.(string); ok && v.Type().Elem().Kind() == reflect.Uint8 {
			b, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return serialization("a binary is not base64")
			}
			v.SetBytes(b)
			return nil
		}
		if array, ok := tree.([]any); ok {
			v.Set(reflect.MakeSlice(v.Type(), len(array), len(array)))
			for i, e := range array {
				if err := fromJSON(e, v.Index(i)); err != nil {
					return err
				}
			}
			return nil
		}
	case reflect.String:
		if text, ok := tree.(string); ok {
			v.SetString(text)
			return nil
		}
	case reflect.Bool:
		if b, ok := tree.(bool); ok {
			v.SetBool(b)
			return nil
		}
	case reflect.Int32, reflect.Int64:
		if n, ok := tree.(json.Number); ok {
			if i, err := n.Int64(); err == nil && !v.OverflowInt(i) {
				v.SetInt(i)
				return nil
			}
		}
	}
	return serialization("a %s where there should be a %s", kindOfJSON(tree), v.Kind())
}

func structFromJSON(object map[string]any, v reflect.Value) error {
	for name, member := range object {
		field, known := v.Type().FieldByName(name)
		if !known || !field.IsExported() {
			return unsupported(name)
		}
		if err := fromJSON(member, v.FieldByIndex(field.Index)); err != nil {
			return err
		}
	}
	return nil
}

// valueFromJSON reads {"S":"text"}.
func valueFromJSON(tree any) (types.AttributeValue, error) {
	object, ok := tree.(map[string]any)
	if !ok {
		return nil, serialization("a %s where there should be an attribute value", kindOfJSON(tree))
	}
	if len(object) > 1 {
		return nil, validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for name, content := range object {
		member, known := memberTypes[name]
		if !known {
			return nil, serialization("%s is not a type of attribute value", name)
		}
		v := reflect.New(member)
		err := fromJSON(content, v.Elem().FieldByName("Value"))
		return v.Interface().(types.AttributeValue), err
	}
	return nil, errEmptyValue
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

func kindOfJSON(tree any) string {
	switch tree.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	}
	return "number"
}

func serialization(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "SerializationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

package dynamolocal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
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

package otlp

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is one of OTLP's, field by field: those that are not there have their default. It is written as Protocol
// Buffers or as JSON.
type message []field

// A field has a message's number and name of it. Its value is a string, bytes, base64Bytes, bool, float64, int64, uint32, fixed32,
// fixed64, enum, message or []message.
type field struct {
	number protowire.Number
	name   string
	value  any
}

type (
	bytes       []byte // hexadecimal in JSON
	base64Bytes []byte // base64 in JSON
	fixed32     uint32
	fixed64     uint64
	enum        int32
)

// given returns the fields that have no default. It must not be asked of a message that is one of several by the field that it
// has, such as an AnyValue.
func (m message) given() message {
	return slices.DeleteFunc(m, func(f field) bool {
		switch value := f.value.(type) {
		case string:
			return value == ""
		case uint32:
			return value == 0
		case enum:
			return value == 0
		case []message:
			return len(value) == 0
		}
		return false
	})
}

// proto appends the message in Protocol Buffers' wire format.
// https://protobuf.dev/programming-guides/encoding/
func (m message) proto(b []byte) []byte {
	for _, f := range m {
		tag := func(of protowire.Type) { b = protowire.AppendTag(b, f.number, of) }
		switch value := f.value.(type) {
		case string:
			tag(protowire.BytesType)
			b = protowire.AppendString(b, strings.ToValidUTF8(value, "\uFFFD"))
		case bytes:
			tag(protowire.BytesType)
			b = protowire.AppendBytes(b, value)
		case base64Bytes:
			tag(protowire.BytesType)
			b = protowire.AppendBytes(b, value)
		case bool:
			tag(protowire.VarintType)
			b = protowire.AppendVarint(b, protowire.EncodeBool(value))
		case float64:
			tag(protowire.Fixed64Type)
			b = protowire.AppendFixed64(b, math.Float64bits(value))
		case int64:
			tag(protowire.VarintType)
			b = protowire.AppendVarint(b, uint64(value))
		case uint32:
			tag(protowire.VarintType)
			b = protowire.AppendVarint(b, uint64(value))
		case enum:
			tag(protowire.VarintType)
			b = protowire.AppendVarint(b, uint64(value))
		case fixed32:
			tag(protowire.Fixed32Type)
			b = protowire.AppendFixed32(b, uint32(value))
		case fixed64:
			tag(protowire.Fixed64Type)
			b = protowire.AppendFixed64(b, uint64(value))
		case message:
			tag(protowire.BytesType)
			b = protowire.AppendBytes(b, value.proto(nil))
		case []message:
			for _, one := range value {
				tag(protowire.BytesType)
				b = protowire.AppendBytes(b, one.proto(nil))
			}
		default:
			panic(fmt.Sprintf("a field of OTLP's cannot be a %T", value))
		}
	}
	return b
}

// MarshalJSON writes the message as OTLP has it in JSON: 64-bit integers are strings, and enums numbers.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
func (m message) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range m {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, f.name), ':')
		value := f.value
		switch v := value.(type) {
		case bytes:
			value = hex.EncodeToString(v)
		case int64:
			value = strconv.FormatInt(v, 10)
		case fixed64:
			value = strconv.FormatUint(uint64(v), 10)
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				value = map[bool]string{math.IsNaN(v): "NaN", math.IsInf(v, 1): "Infinity", math.IsInf(v, -1): "-Infinity"}[true]
			}
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
	}
	return append(b, '}'), nil
}

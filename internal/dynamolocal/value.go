package dynamolocal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// maxDepth is how deep lists and maps may nest in an item, itself included.
const maxDepth = 32

// normalizeItem is a copy of it with every number printed as AWS prints it. The error is the
// ValidationException for the first value that DynamoDB cannot hold.
func normalizeItem(it item) (item, error) {
	return normalizeMap(it, 1)
}

func normalizeMap(it item, depth int) (item, error) {
	normal := make(item, len(it))
	for name, v := range it {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		n, err := normalize(v, depth)
		if err != nil {
			return nil, err
		}
		normal[name] = n
	}
	return normal, nil
}

// checkAttributeName refuses what cannot be the name of an attribute.
func checkAttributeName(name string) error {
	switch {
	case name == "":
		return validation("Empty attribute name")
	case len(name) > maxNameSize:
		return validation("Attribute name is too large, must be less than %d bytes", maxNameSize+1)
	}
	return nil
}

func normalize(v types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, validation("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberB, *types.AttributeValueMemberBOOL:
		return v, nil
	case *types.AttributeValueMemberN:
		n, err := parseNumber(v.Value)
		if err != nil {
			return nil, err
		}
		if s := n.String(); s != v.Value {
			return &types.AttributeValueMemberN{Value: s}, nil
		}
		return v, nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return nil, invalidParameter("Null attribute value types must have the value of true")
		}
		return v, nil
	case *types.AttributeValueMemberSS:
		if len(v.Value) == 0 {
			return nil, invalidParameter("An string set  may not be empty")
		}
		if !distinct(v.Value) {
			return nil, invalidParameter("Input collection [%s] contains duplicates.", strings.Join(v.Value, ", "))
		}
		return v, nil
	case *types.AttributeValueMemberNS:
		if len(v.Value) == 0 {
			return nil, invalidParameter("An number set  may not be empty")
		}
		normal := make([]string, len(v.Value))
		for i, e := range v.Value {
			n, err := parseNumber(e)
			if err != nil {
				return nil, err
			}
			normal[i] = n.String()
		}
		if !distinct(normal) {
			return nil, validation("Input collection contains duplicates")
		}
		return &types.AttributeValueMemberNS{Value: normal}, nil
	case *types.AttributeValueMemberBS:
		if len(v.Value) == 0 {
			return nil, invalidParameter("Binary sets should not be empty")
		}
		if _, elements := setOf(v); !distinct(elements) {
			return nil, invalidParameter("Input collection [%s]of type BS contains duplicates.", base64List(v.Value))
		}
		return v, nil
	case *types.AttributeValueMemberM:
		m, err := normalizeMap(v.Value, depth+1)
		return &types.AttributeValueMemberM{Value: m}, err
	case *types.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			n, err := normalize(e, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = n
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	}
	if unknown, ok := v.(*types.UnknownUnionMember); ok {
		return nil, validation("%s", unknown.Value)
	}
	return nil, errEmptyValue
}

// invalidValue is a value of the request's JSON that is none: without a type, or with several. What is
// wrong with it is told where values are looked at.
func invalidValue(err error) types.AttributeValue {
	v := &types.UnknownUnionMember{}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		v.Value = []byte(api.ErrorMessage())
	}
	return v
}

var (
	errEmptyValue = validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	errTwoTypes   = validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
)

// base64List is how messages print a set of binaries.
func base64List(set [][]byte) string {
	texts := make([]string, len(set))
	for i, b := range set {
		texts[i] = base64.StdEncoding.EncodeToString(b)
	}
	return join(texts)
}

// distinct is whether no element is there twice.
func distinct(set []string) bool {
	seen := make(map[string]bool, len(set))
	for _, e := range set {
		seen[e] = true
	}
	return len(seen) == len(set)
}

// typeName is v's type as attribute_type and AWS's messages name it.
func typeName(v types.AttributeValue) string {
	switch v.(type) {
	case *types.AttributeValueMemberS:
		return "S"
	case *types.AttributeValueMemberN:
		return "N"
	case *types.AttributeValueMemberB:
		return "B"
	case *types.AttributeValueMemberSS:
		return "SS"
	case *types.AttributeValueMemberNS:
		return "NS"
	case *types.AttributeValueMemberBS:
		return "BS"
	case *types.AttributeValueMemberM:
		return "M"
	case *types.AttributeValueMemberL:
		return "L"
	case *types.AttributeValueMemberBOOL:
		return "BOOL"
	}
	return "NULL"
}

// compare orders two strings, numbers or binaries; ok is false for any other pair.
func compare(a, b types.AttributeValue) (order int, ok bool) {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			n, _ := scanNumber(a.Value)
			m, _ := scanNumber(b.Value)
			return n.compare(m), true
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value), true
		}
	}
	return 0, false
}

// equal is whether two normalized values are the same; the order within a set is none.
func equal(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberBOOL:
		b, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberNULL:
		_, ok := b.(*types.AttributeValueMemberNULL)
		return ok
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		if !ok || len(a.Value) != len(b.Value) {
			return false
		}
		for name, v := range a.Value {
			if w, ok := b.Value[name]; !ok || !equal(v, w) {
				return false
			}
		}
		return true
	case *types.AttributeValueMemberL:
		b, ok := b.(*types.AttributeValueMemberL)
		return ok && slices.EqualFunc(a.Value, b.Value, equal)
	}
	kind, set := setOf(a)
	otherKind, other := setOf(b)
	return kind != "" && kind == otherKind && len(set) == len(other) && len(union(set, other)) == len(set)
}

// setOf is a set's type name and elements; "" for what is not a set.
func setOf(v types.AttributeValue) (kind string, elements []string) {
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		return "SS", v.Value
	case *types.AttributeValueMemberNS:
		return "NS", v.Value
	case *types.AttributeValueMemberBS:
		elements = make([]string, len(v.Value))
		for i, e := range v.Value {
			elements[i] = string(e)
		}
		return "BS", elements
	}
	return "", nil
}

// newSet is the inverse of setOf.
func newSet(kind string, elements []string) types.AttributeValue {
	switch kind {
	case "SS":
		return &types.AttributeValueMemberSS{Value: elements}
	case "NS":
		return &types.AttributeValueMemberNS{Value: elements}
	}
	list := make([][]byte, len(elements))
	for i, e := range elements {
		list[i] = []byte(e)
	}
	return &types.AttributeValueMemberBS{Value: list}
}

// union is a's elements, then b's that are not in a.
func union(a, b []string) []string {
	return append(slices.Clone(a), difference(b, a)...)
}

// difference is a's elements that are not in b.
func difference(a, b []string) []string {
	in := make(map[string]bool, len(b))
	for _, s := range b {
		in[s] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return in[s] })
}

// clone copies v as deep as lists and maps go.
func clone(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: cloneItem(v.Value)}
	case *types.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i, e := range v.Value {
			list[i] = clone(e)
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	return v
}

func cloneItem(it item) item {
	c := make(item, len(it))
	for name, v := range it {
		c[name] = clone(v)
	}
	return c
}

// depth is how deep lists and maps nest in v.
func depth(v types.AttributeValue) int {
	deepest := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		for _, e := range v.Value {
			deepest = max(deepest, 1+depth(e))
		}
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			deepest = max(deepest, 1+depth(e))
		}
	}
	return deepest
}

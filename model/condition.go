package model

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A condition is what a filter says of an item, or a part of that. Of an item that lacks the field,
// only exists says anything: all else is false, so that its negation is true, as in DynamoDB. What
// filters have beside is made of these: `eq` is in, `ne` is not in, `between` is ge and le.
type condition struct {
	op     operator
	parts  []*condition // of and, or and not
	path   fieldPath    // of the rest
	values []types.AttributeValue
}

// An operator is that of a condition, in the words of filters.
type operator string

const (
	opAnd operator = "and" // true without parts
	opOr  operator = "or"  // false without parts
	opNot operator = "not"

	opIn         operator = "in" // one of the values; false without any
	opLt         operator = "lt"
	opLe         operator = "le"
	opGt         operator = "gt"
	opGe         operator = "ge"
	opBeginsWith operator = "beginsWith"
	opContains   operator = "contains" // a list has the value, or text has it within
	opExists     operator = "exists"   // it is not null
)

func negated(c *condition) *condition { return &condition{op: opNot, parts: []*condition{c}} }

// isAlways tells whether the condition says nothing.
func (c *condition) isAlways() bool {
	return c.op == opAnd && !slices.ContainsFunc(c.parts, func(part *condition) bool { return !part.isAlways() })
}

// A digest is a SHA-256 of what a condition says.
type digest [sha256.Size]byte

// digest returns that of the condition. Those that say the same in another order have the same. It
// does not grow with what the condition is made of, as text would.
func (c *condition) digest() digest {
	var parts []digest
	switch c.op {
	case opAnd:
		parts = c.terms(nil)
	case opOr, opNot:
		for _, part := range c.parts {
			parts = append(parts, part.digest())
		}
	default:
		for _, value := range c.values {
			kind, text := keyText(value)
			hash := sha256.New()
			io.WriteString(hash, kind)
			io.WriteString(hash, text)
			parts = append(parts, digest(hash.Sum(nil)))
		}
	}
	slices.SortFunc(parts, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	hash := sha256.New()
	for _, field := range c.path {
		io.WriteString(hash, field.Name+".")
	}
	io.WriteString(hash, string(c.op)+"(")
	for _, part := range slices.Compact(parts) {
		hash.Write(part[:])
	}
	return digest(hash.Sum(nil))
}

// terms appends the digests of what all must hold, without the brackets around some of them.
func (c *condition) terms(to []digest) []digest {
	for _, part := range c.parts {
		if part.op == opAnd {
			to = part.terms(to)
		} else {
			to = append(to, part.digest())
		}
	}
	return to
}

// each goes through the conditions that are of a field.
func (c *condition) each(do func(*condition)) {
	if c == nil {
		return
	}
	if len(c.path) > 0 {
		do(c)
	}
	for _, part := range c.parts {
		part.each(do)
	}
}

// clone returns a copy that may be changed.
func (c *condition) clone() *condition {
	copied := *c
	copied.values = slices.Clone(c.values)
	copied.parts = make([]*condition, len(c.parts))
	for i, part := range c.parts {
		copied.parts[i] = part.clone()
	}
	return &copied
}

// A truth is what a condition is of an item, as one caller sees it. Only what is true matches.
type truth uint8

const (
	isFalse truth = iota
	isUnknown
	isTrue
)

func truthOf(holds bool) truth {
	if holds {
		return isTrue
	}
	return isFalse
}

func (t truth) negated() truth { return isTrue - t }

// A view is an item as a caller sees it.
type view struct {
	item    dynamo.Item
	hidden  map[string]bool            // the fields of it that the caller may not read
	parents map[string]map[string]bool // by attribute: the ids of those that the caller may read
	links   links
}

// of tells whether the condition holds for what a caller sees of an item. What it says of a field that
// is hidden is unknown, and stays so when it is negated.
func (c *condition) of(seen view) truth {
	switch c.op {
	case opAnd:
		least := isTrue
		for _, part := range c.parts {
			least = min(least, part.of(seen))
		}
		return least
	case opOr:
		most := isFalse
		for _, part := range c.parts {
			most = max(most, part.of(seen))
		}
		return most
	case opNot:
		return c.parts[0].of(seen).negated()
	}
	if seen.hidden[c.path[0].Name] {
		return isUnknown
	}
	return truthOf(c.holds(seen.value(c.path)))
}

// value returns what the caller reads there: a parent that the caller may not read is null.
func (v view) value(path fieldPath) types.AttributeValue {
	if path[0].Type == LinkField {
		_, id := keyText(v.item["id"])
		return &types.AttributeValueMemberL{Value: v.links[path[0].Name][id]}
	}
	value := path.valueIn(v.item)
	if readable, isAsked := v.parents[path[0].attribute()]; isAsked && path[0].Type == ParentField {
		if id, _ := value.(*types.AttributeValueMemberS); id == nil || !readable[id.Value] {
			return nil
		}
	}
	return value
}

// holds tells whether the condition of a field holds for its value; nil is null.
func (c *condition) holds(value types.AttributeValue) bool {
	if c.op == opExists {
		return value != nil
	}
	is := func(wanted types.AttributeValue) bool {
		order, isComparable := compareValues(value, wanted)
		return isComparable && order == 0
	}
	switch c.op {
	case opIn:
		return slices.ContainsFunc(c.values, is)
	case opContains:
		switch value := value.(type) {
		case *types.AttributeValueMemberS:
			part, ok := c.values[0].(*types.AttributeValueMemberS)
			return ok && strings.Contains(value.Value, part.Value)
		case *types.AttributeValueMemberL:
			return slices.ContainsFunc(value.Value, func(element types.AttributeValue) bool {
				order, isComparable := compareValues(element, c.values[0])
				return isComparable && order == 0
			})
		}
		return false
	case opBeginsWith:
		text, isText := value.(*types.AttributeValueMemberS)
		prefix, ok := c.values[0].(*types.AttributeValueMemberS)
		return isText && ok && strings.HasPrefix(text.Value, prefix.Value)
	}
	order, isComparable := compareValues(value, c.values[0])
	if !isComparable {
		return false
	}
	switch c.op {
	case opLt:
		return order < 0
	case opLe:
		return order <= 0
	case opGt:
		return order > 0
	default:
		return order >= 0
	}
}

// compareValues orders two values as DynamoDB does: numbers by value, text by its bytes. Values of
// different types, and nil, are not comparable.
func compareValues(a, b types.AttributeValue) (order int, isComparable bool) {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumbers(a.Value, b.Value)
		}
	case *types.AttributeValueMemberBOOL:
		if b, ok := b.(*types.AttributeValueMemberBOOL); ok && a.Value == b.Value {
			return 0, true
		}
	}
	return 0, false
}

// compareNumbers orders two numbers as DynamoDB writes them, of up to 38 digits. Where they are of two
// floats, those are in the same order.
func compareNumbers(a, b string) (order int, isComparable bool) {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	switch {
	case errX != nil || errY != nil:
		return 0, false
	case x != y:
		return cmp.Compare(x, y), true
	case a == b:
		return 0, true
	}
	p, isNumber := new(big.Rat).SetString(a)
	q, areNumbers := new(big.Rat).SetString(b)
	if !isNumber || !areNumbers {
		return 0, false
	}
	return p.Cmp(q), true
}

// keyText returns a value as text, with the letter of its type.
func keyText(value types.AttributeValue) (kind, text string) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return "S", value.Value
	case *types.AttributeValueMemberN:
		return "N", value.Value
	case *types.AttributeValueMemberBOOL:
		return "BOOL", strconv.FormatBool(value.Value)
	}
	return "", ""
}

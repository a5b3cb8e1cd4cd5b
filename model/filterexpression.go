package model

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// What a FilterExpression may be, with some room.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters
const (
	maxExpressionSize      = 3500 // bytes; of 4 KB
	maxExpressionOperators = 250  // of 300
	maxExpressionValue     = 4096 // bytes of a text
)

// An expression is what DynamoDB is told of a condition, in guregu's form: `$` for a name, `?` for a
// value. The zero expression says nothing: it leaves every item.
type expression struct {
	text      string
	arguments []any
	isNever   bool // there is no such item

	size      int // bytes, at most
	operators int
}

var never = expression{isNever: true}

func (e expression) saysNothing() bool { return !e.isNever && e.text == "" }

func (e expression) fits() bool {
	return e.size <= maxExpressionSize && e.operators <= maxExpressionOperators
}

// and returns that both hold. What is too long it leaves out.
func (e expression) and(other expression) expression {
	switch {
	case e.isNever || other.isNever:
		return never
	case e.saysNothing():
		return other
	case other.saysNothing():
		return e
	}
	if both := e.joined(" AND ", other); both.fits() {
		return both
	}
	return e
}

// or returns that one of them holds. What is too long says nothing.
func (e expression) or(other expression) expression {
	switch {
	case e.isNever:
		return other
	case other.isNever:
		return e
	case e.saysNothing() || other.saysNothing():
		return expression{}
	}
	if either := e.joined(" OR ", other); either.fits() {
		return either
	}
	return expression{}
}

func (e expression) joined(by string, other expression) expression {
	return expression{
		text:      "(" + e.text + ")" + by + "(" + other.text + ")",
		arguments: append(append([]any{}, e.arguments...), other.arguments...),
		size:      e.size + other.size + len(by) + 4,
		operators: e.operators + other.operators + 1,
	}
}

// A teller makes expressions of conditions, for the query of one list.
type teller struct {
	index     Index
	hash      types.AttributeValue
	known     map[string]types.AttributeValue // what all items have; nil is null
	absent    dynamo.Item                     // what an item is read as that has nothing
	isRenamed func(name string) bool          // DynamoDB does not know the newest value of the attribute
}

// tell returns what is to be told so that no item is left out for which the condition is what is
// wanted, true or false. It says nothing of the attributes of the index's key, which DynamoDB refuses
// there; what the first of those is, is known.
func (t teller) tell(c *condition, wanted bool) expression {
	switch c.op {
	case opNot:
		return t.tell(c.parts[0], !wanted)
	case opAnd, opOr:
		if (c.op == opAnd) == wanted {
			all := expression{}
			for _, part := range c.parts {
				all = all.and(t.tell(part, wanted))
			}
			return all
		}
		one := never
		for _, part := range c.parts {
			one = one.or(t.tell(part, wanted))
		}
		return one
	}
	isSeenByAll := c.path[0].Type != ParentField || c.op != opExists
	switch {
	case c.op == opIn && len(c.values) == 0:
		return constant(!wanted)
	case t.isRenamed(c.path[0].attribute()):
		return expression{}
	case len(c.path) == 1 && isSeenByAll && t.isKnown(c.path[0]):
		return constant(c.holds(t.known[c.path[0].attribute()]) == wanted)
	case c.path.isOf(t.index.Hash) && isSeenByAll:
		return constant(c.holds(t.hash) == wanted)
	case c.path.isOf(t.index.Hash), c.path.isOf(t.index.Sort), !isSeenByAll && !wanted, !c.isTellable():
		return expression{}
	}
	return t.tellOfField(c, wanted)
}

// isKnown tells whether the hash key of what is read says which value the items have of a field.
func (t teller) isKnown(field *Field) bool {
	_, isKnown := t.known[field.attribute()]
	return isKnown && !field.List
}

func constant(holds bool) expression {
	if holds {
		return expression{}
	}
	return never
}

// tellOfField is tell of a condition on one field. An item may lack it, or have null there.
func (t teller) tellOfField(c *condition, wanted bool) expression {
	name := c.name()
	absent := name.call("attribute_not_exists").or(name.call("attribute_type", "NULL"))
	mayBeAbsent := t.isOfAbsent(c, wanted)
	if c.op == opExists {
		switch {
		case wanted && mayBeAbsent:
			return expression{} // it is never null
		case wanted:
			return name.call("attribute_exists")
		case mayBeAbsent:
			return absent
		default:
			return never
		}
	}
	is := c.expression(name)
	switch {
	case !wanted && mayBeAbsent:
		return absent.or(is.negated())
	case !wanted:
		return name.call("attribute_exists").and(is.negated())
	case mayBeAbsent:
		return absent.or(is)
	default:
		return is
	}
}

// isOfAbsent tells whether the condition is what is wanted of an item that lacks the field, or one of
// the objects around it.
func (t teller) isOfAbsent(c *condition, wanted bool) bool {
	for known := range c.path {
		item := dynamo.Item{}
		for name, value := range t.absent {
			item[name] = value
		}
		at := map[string]types.AttributeValue(item)
		for _, field := range c.path[:known] {
			object := map[string]types.AttributeValue{}
			at[field.attribute()] = &types.AttributeValueMemberM{Value: object}
			at = object
		}
		if c.holds(c.path.valueIn(item)) == wanted {
			return true
		}
	}
	return false
}

// isTellable tells whether DynamoDB takes the condition's values, and judges them as Go does.
func (c *condition) isTellable() bool {
	if c.path[0].Type == LinkField {
		return false
	}
	for _, value := range c.values {
		switch value := value.(type) {
		case *types.AttributeValueMemberS:
			if value.Value == "" && c.op != opIn || len(value.Value) > maxExpressionValue {
				return false
			}
		case *types.AttributeValueMemberN:
			if !isKey(value, maxNumberSize) { // of any size, it has the same limits
				return false
			}
		}
	}
	return true
}

// name returns the path of the condition's field.
func (c *condition) name() expression {
	var name expression
	for i, field := range c.path {
		if i > 0 {
			name.text += "."
		}
		name.text += "$"
		name.arguments = append(name.arguments, field.attribute())
		name.size += 3 + (8*len(field.attribute())+4)/5 // in base 32
	}
	return name
}

// call returns a function of the name, and what else it takes.
func (e expression) call(function string, arguments ...any) expression {
	call := expression{
		text:      function + "(" + e.text + strings.Repeat(", ?", len(arguments)) + ")",
		arguments: append(append([]any{}, e.arguments...), arguments...),
		operators: 1,
	}
	call.size = e.size + len(call.text) + maxPlaceholder*len(arguments)
	return call
}

const maxPlaceholder = len(":v") + 4 // bytes: a list has its last, and a filter at most 5,000

func (e expression) negated() expression {
	e.text = "NOT (" + e.text + ")"
	e.size += len("NOT ()")
	e.operators++
	return e
}

// expression returns the condition as DynamoDB has it, for a field that is there.
func (c *condition) expression(name expression) expression {
	switch c.op {
	case opBeginsWith:
		return name.call("begins_with", c.values[0])
	case opContains:
		return name.call("contains", c.values[0])
	}
	compared := expression{arguments: append([]any{}, name.arguments...), operators: 1}
	for _, value := range c.values {
		compared.arguments = append(compared.arguments, value)
	}
	if c.op == opIn && len(c.values) > 1 {
		compared.text = name.text + " IN (?" + strings.Repeat(", ?", len(c.values)-1) + ")"
	} else {
		compared.text = name.text + " " + comparators[c.op] + " ?"
	}
	compared.size = name.size + len(compared.text) + maxPlaceholder*len(c.values)
	return compared
}

var comparators = map[operator]string{opIn: "=", opLt: "<", opLe: "<=", opGt: ">", opGe: ">="}

package dynamolocal

import (
	"bytes"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A keyCondition is what a Query demands of one attribute of the key.
type keyCondition struct {
	attribute string
	operator  string // =, <, <=, >, >=, BETWEEN or begins_with
	values    []types.AttributeValue
}

// keyConditions takes a KeyConditionExpression for what it can only be: one or more keyConditions,
// joined by AND, each of another attribute.
func keyConditions(c condition) ([]keyCondition, error) {
	return appendKeyConditions(nil, c)
}

func appendKeyConditions(list []keyCondition, c condition) ([]keyCondition, error) {
	var k keyCondition
	var operands []operand
	switch c := c.(type) {
	case and:
		list, err := appendKeyConditions(list, c.left)
		if err != nil {
			return nil, err
		}
		return appendKeyConditions(list, c.right)
	case or:
		return nil, invalidOperator("OR")
	case not:
		return nil, invalidOperator("NOT")
	case in:
		return nil, invalidOperator("IN")
	case comparison:
		if c.operator == "<>" {
			return nil, invalidOperator(c.operator)
		}
		k.operator, operands = c.operator, []operand{c.left, c.right}
		if _, isPath := c.right.(path); isPath {
			if _, both := c.left.(path); !both {
				k.operator = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}[c.operator]
			}
		}
	case between:
		k.operator, operands = "BETWEEN", []operand{c.operand, c.lower, c.upper}
	case call:
		if c.function != "begins_with" {
			return nil, invalidOperator(c.function)
		}
		k.operator, operands = c.function, c.operands
	}
	if _, isPath := operands[0].(path); !isPath && (k.operator == "BETWEEN" || k.operator == "begins_with") {
		return nil, validation("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", k.operator)
	}
	for _, o := range operands {
		switch o := o.(type) {
		case path:
			switch {
			case k.attribute != "":
				return nil, validation("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
			case len(o) > 1:
				return nil, validation("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			k.attribute = o[0].name
		case literal:
			k.values = append(k.values, o.v)
		default:
			return nil, validation("KeyConditionExpressions cannot contain nested operations")
		}
	}
	if k.attribute == "" {
		return nil, validation("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	for _, other := range list {
		if other.attribute == k.attribute {
			return nil, validation("KeyConditionExpressions must only contain one condition per key")
		}
	}
	return append(list, k), nil
}

var errConditionCount = validation("Conditions can be of length 1 or 2 only")

func invalidOperator(name string) error {
	return validation("Invalid operator used in KeyConditionExpression: %s", name)
}

// legacyKeyConditions takes the legacy KeyConditions for keyConditions.
func legacyKeyConditions(conditions map[string]types.Condition) ([]keyCondition, error) {
	var list []keyCondition
	for _, name := range sortedNames(conditions) {
		c := conditions[name]
		values, err := operands(name, c)
		if err != nil {
			return nil, err
		}
		list = append(list, keyCondition{name, comparisonOperators[c.ComparisonOperator].word, values})
	}
	return list, nil
}

// keyOperators are those that a condition on a key can have.
var keyOperators = []string{"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}

// keyRange is where in the source the items are that meet the conditions: equality of every Hash
// attribute; of the Range attributes the first ones, all equal but the last. start is the starting
// key, which may be nil: what is wrong with an attribute of it is told before what is wrong with the
// condition on that attribute.
func (s *source) keyRange(conditions []keyCondition, start item) (keyRange, error) {
	schema := s.schema
	byName := make(map[string]keyCondition, len(conditions))
	for _, k := range conditions {
		byName[k.attribute] = k
	}
	var prefix []byte
	within, isDone := keyRange{}, false
	used := 0
	for i, name := range schema.each() {
		isHash := i < len(schema.Hash)
		if start != nil {
			if err := s.checkStartValue(start, name); err != nil {
				return keyRange{}, err
			}
		}
		if isHash && len(schema.Hash)+len(schema.Range) == 1 && len(conditions) > 1 {
			return keyRange{}, errNotQueryable
		}
		k, given := byName[name]
		if !given && !isHash && used == len(conditions) {
			continue
		}
		if !given || isDone {
			return keyRange{}, validation("Query condition missed key schema element: %s", name)
		}
		if err := s.checkKeyCondition(k); err != nil {
			return keyRange{}, err
		}
		used++
		switch {
		case k.operator == "=":
			prefix = appendKeyValue(prefix, k.values[0])
		case isHash:
			return keyRange{}, errNotQueryable
		default:
			within, isDone = k.within(prefix), true
		}
	}
	switch {
	case used < len(conditions):
		return keyRange{}, errConditionCount
	case isDone:
		return within, nil
	}
	return keyRange{prefix, after(prefix)}, nil
}

var errNotQueryable = validation("Query key condition not supported")

func (s *source) checkKeyCondition(k keyCondition) error {
	if !slices.Contains(keyOperators, k.operator) {
		return validation("Attempted conditional constraint is not an indexable operation")
	}
	for _, v := range k.values {
		kind := s.AttributeTypes[k.attribute]
		if typeName(v) != string(kind) || k.operator == "begins_with" && kind == types.ScalarAttributeTypeN {
			return invalidParameter("Condition parameter type does not match schema type")
		}
		if empty := emptyKey(v); empty != "" && s.index != nil {
			return emptyIndexKey(empty, s.index, k.attribute)
		} else if empty != "" {
			return emptyKeyValue(empty, k.attribute)
		}
	}
	return nil
}

// within is the part that k's attribute takes of the keys that begin with prefix.
func (k keyCondition) within(prefix []byte) keyRange {
	bound := func(v types.AttributeValue) []byte { return appendKeyValue(bytes.Clone(prefix), v) }
	v := k.values[0]
	switch k.operator {
	case "=":
		return keyRange{bound(v), after(bound(v))}
	case "<":
		return keyRange{prefix, bound(v)}
	case "<=":
		return keyRange{prefix, after(bound(v))}
	case ">":
		return keyRange{after(bound(v)), after(prefix)}
	case ">=":
		return keyRange{bound(v), after(prefix)}
	case "BETWEEN":
		return keyRange{bound(v), after(bound(k.values[1]))}
	}
	beginning := appendKeyPrefix(bytes.Clone(prefix), v)
	return keyRange{beginning, after(beginning)}
}

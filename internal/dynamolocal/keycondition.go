package dynamolocal

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A keyCondition is what a Query demands of one attribute of the key.
type keyCondition struct {
	attribute string
	operator  string // =, <, <=, >, >=, BETWEEN or begins_with
	values    []types.AttributeValue
}

// keyConditions takes a KeyConditionExpression for what it can only be: one or more
// keyConditions, joined by AND.
func keyConditions(c condition) ([]keyCondition, error) {
	switch c := c.(type) {
	case and:
		left, err := keyConditions(c.left)
		if err != nil {
			return nil, err
		}
		right, err := keyConditions(c.right)
		return append(left, right...), err
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
		if _, isPath := c.left.(path); !isPath {
			mirrored := map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
			c = comparison{mirrored[c.operator], c.right, c.left}
		}
		return newKeyCondition(c.operator, c.left, c.right)
	case between:
		return newKeyCondition("BETWEEN", c.operand, c.lower, c.upper)
	case call:
		if c.function != "begins_with" {
			return nil, invalidOperator(c.function)
		}
		return newKeyCondition(c.function, c.operands[0], c.operands[1])
	}
	return nil, nil
}

var errConditionCount = validation("Conditions can be of length 1 or 2 only")

func invalidOperator(name string) error {
	return validation("Invalid operator used in KeyConditionExpression: %s", name)
}

func newKeyCondition(operator string, attribute operand, values ...operand) ([]keyCondition, error) {
	for _, o := range append(values, attribute) {
		if _, nested := o.(call); nested {
			return nil, validation("KeyConditionExpressions cannot contain nested operations")
		}
	}
	p, ok := attribute.(path)
	if !ok {
		return nil, validation("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	k := keyCondition{attribute: p[0].name, operator: operator}
	for _, o := range values {
		l, ok := o.(literal)
		if !ok {
			return nil, validation("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		}
		k.values = append(k.values, l.v)
	}
	if len(p) > 1 {
		return nil, validation("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", k.attribute)
	}
	return []keyCondition{k}, nil
}

// legacyKeyConditions takes the legacy KeyConditions for keyConditions.
func legacyKeyConditions(conditions map[string]types.Condition) ([]keyCondition, error) {
	if len(conditions) == 0 {
		return nil, errConditionCount
	}
	var list []keyCondition
	for _, name := range sortedNames(conditions) {
		c := conditions[name]
		values, err := operands(c)
		if err != nil {
			return nil, err
		}
		k := keyCondition{name, comparisonOperators[c.ComparisonOperator].word, values}
		switch k.operator {
		case "<>", "IN", "contains", "attribute_exists", "attribute_not_exists":
			return nil, validation("Attempted conditional constraint is not an indexable operation")
		}
		list = append(list, k)
	}
	return list, nil
}

// keyRange is where in the source the items are that meet the conditions: equality of every Hash
// attribute; of the Range attributes the first ones, all equal but the last.
func (s *source) keyRange(conditions []keyCondition) (keyRange, error) {
	schema := s.schema
	byName := make(map[string]keyCondition, len(conditions))
	for _, k := range conditions {
		if _, twice := byName[k.attribute]; twice {
			return keyRange{}, validation("KeyConditionExpressions must only contain one condition per key")
		}
		byName[k.attribute] = k
	}
	if len(conditions) > len(schema.Hash)+max(1, len(schema.Range)) {
		return keyRange{}, errConditionCount
	}
	var prefix []byte
	used := 0
	for i, name := range schema.attributes() {
		isHash := i < len(schema.Hash)
		k, given := byName[name]
		if !given && !isHash {
			break
		}
		if !given {
			return keyRange{}, validation("Query condition missed key schema element")
		}
		if err := s.checkKeyCondition(k); err != nil {
			return keyRange{}, err
		}
		used++
		if k.operator == "=" {
			prefix = appendKeyValue(prefix, k.values[0])
			continue
		}
		if isHash {
			return keyRange{}, validation("Query key condition not supported")
		}
		if used < len(conditions) {
			break
		}
		return k.within(prefix), nil
	}
	if used < len(conditions) {
		return keyRange{}, validation("Query condition missed key schema element")
	}
	return keyRange{prefix, after(prefix)}, nil
}

func (s *source) checkKeyCondition(k keyCondition) error {
	for _, v := range k.values {
		kind := s.AttributeTypes[k.attribute]
		if typeName(v) != string(kind) || k.operator == "begins_with" && kind == types.ScalarAttributeTypeN {
			return invalidParameter("Condition parameter type does not match schema type")
		}
		if empty := emptyKey(v); empty != "" && s.index != nil {
			return emptyIndexKey(empty, s.index, k.attribute)
		} else if empty != "" {
			return validation("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", empty, k.attribute)
		}
	}
	return nil
}

// within is the part that k's attribute takes of the keys that begin with prefix.
func (k keyCondition) within(prefix []byte) keyRange {
	bound := func(v types.AttributeValue) []byte { return appendKeyValue(bytes.Clone(prefix), v) }
	v := k.values[0]
	switch k.operator {
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

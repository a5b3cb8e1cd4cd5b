package dynamolocal

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The parameters from before there were expressions are taken for the expressions that they
// stand for.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html

// mixed refuses legacy parameters beside expressions. It is nil where one kind is missing.
func mixed(legacy, expressions []string) error {
	if len(legacy) == 0 || len(expressions) == 0 {
		return nil
	}
	return validation("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}", join(legacy), join(expressions))
}

// A parameter is one of a request's that may be there.
type parameter struct {
	name string
	set  bool
}

// present are the names of the parameters that are there.
func present(parameters ...parameter) []string {
	var names []string
	for _, p := range parameters {
		if p.set {
			names = append(names, p.name)
		}
	}
	return names
}

func (p *writeParameters) refuseMixed() error {
	return mixed(
		present(
			parameter{"AttributeUpdates", p.updates != nil},
			parameter{"Expected", p.expected != nil},
			parameter{"ConditionalOperator", p.operator != ""},
		),
		present(
			parameter{"UpdateExpression", p.update != nil},
			parameter{"ConditionExpression", p.condition != nil},
		),
	)
}

// legacy gives w the update and the condition of the legacy parameters.
func (p *writeParameters) legacy(w *write) error {
	for _, name := range sortedNames(p.updates) {
		a, err := attributeUpdate(name, p.updates[name])
		if err != nil {
			return err
		}
		w.update = append(w.update, a)
	}
	if p.expected == nil && p.operator == "" {
		return nil
	}
	var conditions map[string]types.Condition
	if p.expected != nil {
		conditions = make(map[string]types.Condition, len(p.expected))
	}
	for _, name := range sortedNames(p.expected) {
		c, err := expectedCondition(name, p.expected[name])
		if err != nil {
			return err
		}
		conditions[name] = c
	}
	var err error
	w.condition, err = legacyCondition(conditions, p.operator)
	return err
}

// expectedCondition is the condition that an element of Expected stands for.
func expectedCondition(name string, e types.ExpectedAttributeValue) (types.Condition, error) {
	c := types.Condition{ComparisonOperator: e.ComparisonOperator, AttributeValueList: e.AttributeValueList}
	exists := aws.ToBool(e.Exists) || e.Exists == nil
	switch {
	case e.Value != nil && e.AttributeValueList != nil:
		return c, invalidParameter("Value and AttributeValueList cannot be used together for Attribute: %s", name)
	case e.ComparisonOperator != "" && e.Exists != nil:
		return c, invalidParameter("Exists and ComparisonOperator cannot be used together for Attribute: %s", name)
	case e.ComparisonOperator != "" && e.Value == nil && e.AttributeValueList == nil && comparisonOperators[e.ComparisonOperator].values != 0:
		return c, invalidParameter("Value or AttributeValueList must be used with ComparisonOperator: %s for Attribute: %s", e.ComparisonOperator, name)
	case e.ComparisonOperator == "" && e.AttributeValueList != nil:
		return c, invalidParameter("AttributeValueList can only be used with a ComparisonOperator for Attribute: %s", name)
	case e.ComparisonOperator == "" && exists && e.Value == nil && e.Exists == nil:
		return c, invalidParameter("Value must be provided when Exists is null for Attribute: %s", name)
	case e.ComparisonOperator == "" && exists && e.Value == nil:
		return c, invalidParameter("Value must be provided when Exists is true for Attribute: %s", name)
	case !exists && e.Value != nil:
		return c, invalidParameter("Value cannot be used when Exists is false for Attribute: %s", name)
	case !exists:
		c.ComparisonOperator = types.ComparisonOperatorNull
	case e.ComparisonOperator == "":
		c.ComparisonOperator = types.ComparisonOperatorEq
	}
	if e.Value != nil {
		c.AttributeValueList = []types.AttributeValue{e.Value}
	}
	return c, nil
}

// attributeUpdate is the action that an element of AttributeUpdates stands for.
func attributeUpdate(name string, u types.AttributeValueUpdate) (action, error) {
	a := action{section: "SET", path: path{{name: name}}, legacy: true}
	if err := checkAttributeName(name); err != nil {
		return a, err
	}
	if u.Action == types.AttributeActionAdd || u.Action == types.AttributeActionDelete {
		a.section = string(u.Action)
	}
	if u.Value == nil {
		if a.section != "DELETE" {
			return a, invalidParameter("Only DELETE action is allowed when no attribute value is specified")
		}
		a.section = "REMOVE"
		return a, nil
	}
	v, err := normalize(u.Value, 0)
	if err != nil {
		return a, err
	}
	a.value.literal = v
	kind, _ := setOf(v)
	switch {
	case a.section == "DELETE" && kind == "":
		return a, invalidParameter("DELETE action with value is not supported for the type %s", typeName(v))
	case a.section == "ADD" && kind == "" && typeName(v) != "N" && typeName(v) != "L":
		return a, invalidParameter("ADD action is not supported for the type %s", typeName(v))
	}
	return a, nil
}

// legacyCondition is the condition that Expected, QueryFilter and ScanFilter stand for; nil if
// there are no elements.
func legacyCondition(conditions map[string]types.Condition, operator types.ConditionalOperator) (condition, error) {
	switch {
	case operator == "":
	case conditions == nil:
		return nil, validation("ConditionalOperator cannot be used without Filter or Expected")
	case len(conditions) < 2:
		return nil, validation("ConditionalOperator can only be used when Filter or Expected has two or more elements")
	}
	var all condition
	for _, name := range sortedNames(conditions) {
		c, err := comparisonCondition(name, conditions[name])
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = c
		case operator == types.ConditionalOperatorOr:
			all = or{all, c}
		default:
			all = and{all, c}
		}
	}
	return all, nil
}

// comparisonOperators are the legacy operators, how many values each takes (-1 for one or
// more), the comparator or function that each stands for, and the types of its values (any
// where empty).
var comparisonOperators = map[types.ComparisonOperator]struct {
	values int
	word   string
	types  string
}{
	types.ComparisonOperatorEq:          {1, "=", ""},
	types.ComparisonOperatorNe:          {1, "<>", ""},
	types.ComparisonOperatorLe:          {1, "<=", "S N B"},
	types.ComparisonOperatorLt:          {1, "<", "S N B"},
	types.ComparisonOperatorGe:          {1, ">=", "S N B"},
	types.ComparisonOperatorGt:          {1, ">", "S N B"},
	types.ComparisonOperatorNotNull:     {0, "attribute_exists", ""},
	types.ComparisonOperatorNull:        {0, "attribute_not_exists", ""},
	types.ComparisonOperatorContains:    {1, "contains", "S N B BOOL NULL"},
	types.ComparisonOperatorNotContains: {1, "contains", "S N B BOOL NULL"},
	types.ComparisonOperatorBeginsWith:  {1, "begins_with", "S B"},
	types.ComparisonOperatorIn:          {-1, "IN", "S N B"},
	types.ComparisonOperatorBetween:     {2, "BETWEEN", "S N B"},
}

// operands are the values of the condition on an attribute, normalized and counted.
func operands(name string, c types.Condition) ([]types.AttributeValue, error) {
	if err := checkAttributeName(name); err != nil {
		return nil, err
	}
	op := comparisonOperators[c.ComparisonOperator]
	values := make([]types.AttributeValue, len(c.AttributeValueList))
	for i, v := range c.AttributeValueList {
		var err error
		if values[i], err = normalize(v, 0); err != nil {
			return nil, err
		}
	}
	if n := len(values); n != op.values && (op.values >= 0 || n == 0) {
		return nil, invalidParameter("Invalid number of argument(s) for the %s ComparisonOperator", c.ComparisonOperator)
	}
	for _, v := range values {
		if typeName(v) != typeName(values[0]) {
			return nil, invalidParameter("AttributeValues inside AttributeValueList must be of same type")
		}
	}
	for _, v := range values {
		if kind := typeName(v); op.types != "" && !slices.Contains(strings.Fields(op.types), kind) {
			return nil, invalidParameter("ComparisonOperator %s is not valid for %s AttributeValue type", c.ComparisonOperator, kind)
		}
	}
	if op.word == "BETWEEN" {
		if order, ok := compare(values[0], values[1]); ok && order > 0 {
			return nil, validation("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
		}
	}
	return values, nil
}

func comparisonCondition(name string, c types.Condition) (condition, error) {
	values, err := operands(name, c)
	if err != nil {
		return nil, err
	}
	attribute := path{{name: name}}
	list := []operand{attribute}
	for _, v := range values {
		list = append(list, literal{v})
	}
	switch word := comparisonOperators[c.ComparisonOperator].word; {
	case word == "IN":
		return in{attribute, list[1:]}, nil
	case word == "BETWEEN":
		return between{attribute, list[1], list[2]}, nil
	case c.ComparisonOperator == types.ComparisonOperatorNotContains:
		return and{call{"attribute_exists", list[:1]}, not{call{word, list}}}, nil
	case strings.Contains("= <> <= < >= >", word):
		return comparison{word, attribute, list[1]}, nil
	default:
		return call{word, list}, nil
	}
}

// attributesToGet is the projection that AttributesToGet stands for.
func attributesToGet(names []string) (projection, error) {
	var pr projection
	seen := map[string]bool{}
	for _, name := range names {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, invalidParameter("Duplicate value in attribute name: %s", name)
		}
		seen[name] = true
		pr = append(pr, path{{name: name}})
	}
	return pr, nil
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

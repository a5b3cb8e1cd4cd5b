package model

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// conditionOf returns what the filter means; nil holds for every item. Code BAD_USER_INPUT, with the
// place: it means nothing, or it is too large.
func (m *core) conditionOf(f *Filter) (*condition, error) {
	if f == nil {
		return nil, nil
	}
	c, err := m.filterReader(m.definition.Links).filter(m.filterFields(), f.given, filterArgument, 1)
	if err != nil || c.isAlways() {
		return nil, err
	}
	return c, nil
}

// filterFields are the fields that filters have conditions on.
func (m *core) filterFields() []*Field {
	fields := make([]*Field, 0, len(ownFields)+len(m.definition.Fields))
	for _, list := range [][]Field{ownFields, m.definition.Fields} {
		for i := range list {
			fields = append(fields, &list[i])
		}
	}
	return fields
}

// filterReader returns what reads filters of the model, with these links.
func (m *core) filterReader(links []Link) *filterReader {
	r := &filterReader{objects: m.db.objects, isOf: map[string]isNamed{"id": m.isNamed}}
	for _, parent := range m.definition.Parents {
		r.isOf[parent.Field] = parent.Of.target().isNamed
	}
	for _, link := range links {
		r.isOf[link.Field] = link.by().parentOf(link.To).isNamed
	}
	return r
}

// A filterReader makes conditions of filters.
type filterReader struct {
	objects    map[string][]Field
	isOf       map[string]isNamed // the types whose ids attributes of the item are, and "id"
	conditions int
	links      int // ids of what is linked
	bytes      int // of values
}

// isNamed tells whether a type has, or had, a name.
type isNamed func(typeName string) bool

// localID returns the id that is in a global id, or one that no object has.
func (is isNamed) localID(global string) string {
	if typeName, id, ok := ParseGlobalID(global); ok && is(typeName) {
		return id
	}
	return "none"
}

// filter reads a filter of items, at a place: `filter.or[1]`.
func (r *filterReader) filter(fields []*Field, given map[string]any, at string, level int) (*condition, error) {
	if level > maxFilterLevels {
		return nil, badFilter(at, fmt.Sprintf("a filter has at most %d levels", maxFilterLevels))
	}
	all := &condition{op: opAnd}
	for _, name := range sortedKeys(given) {
		value, at := given[name], at+"."+name
		if isNil(value) {
			continue
		}
		part, err := r.part(fields, name, value, at, level)
		if err != nil {
			return nil, err
		}
		all.parts = append(all.parts, part)
	}
	return all, nil
}

// part reads a field of a filter.
func (r *filterReader) part(fields []*Field, name string, value any, at string, level int) (*condition, error) {
	switch name {
	case "and", "or":
		return r.several(fields, operator(name), value, at, level)
	case "not":
		given, ok := value.(map[string]any)
		if !ok {
			return nil, badFilter(at, "a filter is an object")
		}
		part, err := r.filter(fields, given, at, level+1)
		return negated(part), err
	}
	field := fieldOf(fields, name)
	if field == nil {
		return nil, badFilter(at, "there is no such field")
	}
	return r.field(fieldPath{field}, value, at, level)
}

func (r *filterReader) several(fields []*Field, op operator, value any, at string, level int) (*condition, error) {
	c := &condition{op: op}
	for i, given := range listOf(value) {
		at := fmt.Sprintf("%s[%d]", at, i)
		filter, ok := given.(map[string]any)
		if !ok {
			return nil, badFilter(at, "a filter is an object")
		}
		before := r.conditions
		part, err := r.filter(fields, filter, at, level+1)
		if err != nil {
			return nil, err
		}
		if r.conditions == before { // what says nothing counts as one
			if err := r.count(at); err != nil {
				return nil, err
			}
		}
		c.parts = append(c.parts, part)
	}
	return c, nil
}

// field reads the operators of a field, or the fields of an object; all of them must hold.
func (r *filterReader) field(path fieldPath, value any, at string, level int) (*condition, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return nil, badFilter(at, "it is an object with operators")
	}
	var inner []*Field
	if field := path.last(); field.Type == ObjectField && !field.List {
		if level++; level > maxFilterLevels {
			return nil, badFilter(at, fmt.Sprintf("a filter has at most %d levels", maxFilterLevels))
		}
		fields := r.objects[field.Object]
		for i := range fields {
			inner = append(inner, &fields[i])
		}
	}
	all := &condition{op: opAnd}
	for _, name := range sortedKeys(given) {
		value, at := given[name], at+"."+name
		var part *condition
		var err error
		if field := fieldOf(inner, name); field != nil {
			if isNil(value) {
				continue
			}
			part, err = r.field(append(slices.Clone(path), field), value, at, level)
		} else {
			if err := r.count(at); err != nil {
				return nil, err
			}
			part, err = r.operator(path, name, value, at)
		}
		if err != nil {
			return nil, err
		}
		all.parts = append(all.parts, part)
	}
	return all, nil
}

// operator reads one operator of a field.
func (r *filterReader) operator(path fieldPath, name string, given any, at string) (*condition, error) {
	if isNil(given) {
		switch name {
		case "eq":
			return negated(&condition{op: opExists, path: path}), nil
		case "ne":
			return &condition{op: opExists, path: path}, nil
		}
		return nil, badFilter(at, "null has no meaning here: what is null is found by exists: false")
	}
	switch name {
	case "exists":
		exists, ok := given.(bool)
		if !ok {
			return nil, badFilter(at, "it is true or false")
		}
		c := &condition{op: opExists, path: path}
		if !exists {
			c = negated(c)
		}
		return c, nil
	case "in":
		list := listOf(given)
		if len(list) > maxFilterValues {
			return nil, badFilter(at, fmt.Sprintf("it has at most %d values", maxFilterValues))
		}
		values, err := r.values(path, list, at)
		return &condition{op: opIn, path: path, values: values}, err
	case "between":
		list := listOf(given)
		if len(list) != 2 {
			return nil, badFilter(at, "it has two values, the least and the greatest")
		}
		values, err := r.values(path, list, at)
		if err != nil {
			return nil, err
		}
		return &condition{op: opAnd, parts: []*condition{
			{op: opGe, path: path, values: values[:1]},
			{op: opLe, path: path, values: values[1:]},
		}}, nil
	}
	values, err := r.values(path, []any{given}, at)
	if err != nil {
		return nil, err
	}
	switch op := operator(name); op {
	case "eq":
		return &condition{op: opIn, path: path, values: values}, nil
	case "ne":
		return negated(&condition{op: opIn, path: path, values: values}), nil
	case opLt, opLe, opGt, opGe, opBeginsWith, opContains:
		return &condition{op: op, path: path, values: values}, nil
	}
	return nil, badFilter(at, "there is no such operator")
}

// values returns what a field's values are in a table.
func (r *filterReader) values(path fieldPath, given []any, at string) ([]types.AttributeValue, error) {
	values := make([]types.AttributeValue, len(given))
	for i, value := range given {
		stored, problem := r.stored(path, value)
		if problem != "" {
			return nil, badFilter(at, problem)
		}
		_, text := keyText(stored)
		if r.bytes += len(text); r.bytes > maxFilterBytes {
			return nil, badFilter(at, fmt.Sprintf("the values of a filter have at most %d bytes", maxFilterBytes))
		}
		values[i] = stored
	}
	return values, nil
}

// stored returns a value as a field has it in a table, or why it is none of the field.
func (r *filterReader) stored(path fieldPath, given any) (_ types.AttributeValue, problem string) {
	text := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
	reflected := reflect.ValueOf(given)
	_, isNumber := given.(json.Number) // which is a string to Go
	isText := reflected.Kind() == reflect.String && !isNumber
	switch field := path.last(); field.Type {
	case BooleanField:
		if is, ok := given.(bool); ok {
			return &types.AttributeValueMemberBOOL{Value: is}, ""
		}
		return nil, "it is true or false"
	case NumberField:
		if number, ok := numberOf(given); ok {
			return &types.AttributeValueMemberN{Value: number}, ""
		}
		return nil, "it is a number"
	case TimeField:
		var at DateTime
		if own, ok := given.(DateTime); ok {
			at = own
		} else if err := at.UnmarshalGQL(given); err != nil {
			return nil, err.Error()
		}
		return text(at.String()), ""
	case DateField:
		date, isDate := given.(Date)
		if !isDate {
			if err := date.UnmarshalGQL(given); err != nil {
				return nil, err.Error()
			}
		}
		return text(date.String()), ""
	case DecimalField:
		number, isDecimal := given.(Decimal)
		if !isDecimal {
			if err := number.UnmarshalGQL(given); err != nil {
				return nil, err.Error()
			}
		}
		return &types.AttributeValueMemberN{Value: number.String()}, ""
	case JSONField:
		return nil, "only exists says something of it"
	case ParentField, LinkField, ownIDField:
		if field.Type == LinkField && isText {
			if r.links++; r.links > maxFilterLinks {
				return nil, fmt.Sprintf("a filter has at most %d ids of what is linked", maxFilterLinks)
			}
		}
		if isText {
			return text(r.isOf[field.attribute()].localID(reflected.String())), ""
		}
	case TextField, EnumField:
		if isText {
			return text(reflected.String()), ""
		}
	}
	return nil, "it is text"
}

// numberOf returns a number as DynamoDB writes it.
func numberOf(given any) (number string, ok bool) {
	switch given := given.(type) {
	case int:
		return strconv.Itoa(given), true
	case int32:
		return strconv.FormatInt(int64(given), 10), true
	case int64:
		return strconv.FormatInt(given, 10), true
	case json.Number:
		f, err := given.Float64()
		if err != nil {
			return "", false
		}
		return numberOf(f)
	case float64:
		if math.IsNaN(given) || math.IsInf(given, 0) {
			return "", false
		}
		if given == 0 { // not -0
			return "0", true
		}
		return strconv.FormatFloat(given, 'f', -1, 64), true
	}
	return "", false
}

// listOf returns the items of a list; one value stands for a list of it.
func listOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		items := make([]any, list.Len())
		for i := range items {
			items[i] = list.Index(i).Interface()
		}
		return items
	}
	return []any{value}
}

func fieldOf(fields []*Field, name string) *Field {
	if i := slices.IndexFunc(fields, func(f *Field) bool { return f.Name == name }); i >= 0 {
		return fields[i]
	}
	return nil
}

// isNil tells whether a value is null.
func isNil(value any) bool { return value == nil }

func sortedKeys(given map[string]any) []string {
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// count counts a condition.
func (r *filterReader) count(at string) error {
	if r.conditions++; r.conditions > maxFilterConditions {
		return badFilter(at, fmt.Sprintf("a filter has at most %d conditions", maxFilterConditions))
	}
	return nil
}

// badFilter refuses what is at a place of a filter.
func badFilter(at, reason string) error { return BadInput(at, at+": "+reason) }

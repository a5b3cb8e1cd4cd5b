package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows reads the conditions of rules on the fields of objects a second time, and finds values for
// objects for which they hold, and for which they do not.

// values are what an object has of the fields that rules ask for, by their names; nil is null.
type values map[string]any

// A setting is a set of values of such fields for tests to make objects with.
type setting struct {
	name   string // the fields, and a number where several have the same
	values values
}

// settings are those of a model.
type settings struct {
	base      values    // by which most conditions hold
	otherwise []setting // by which each of them is not what it is by base
	unmet     []string  // the conditions of which that is not known
}

// maxSettings is how many values of all fields together are tried.
const maxSettings = 5000

// settingsOf returns what objects of a model may have of the fields that its rules ask for.
func settingsOf(s *schema.Schema, m *schema.Model) (found settings) {
	var fields schema.Fields
	for _, where := range m.Wheres() {
		for _, field := range where.Fields() {
			if !slices.Contains(fields, field) && field.Kind != schema.KindBelongsTo && !field.Unique && !field.IsCustom {
				fields = append(fields, field)
			}
		}
	}
	all := []values{{}}
	for _, field := range fields {
		var more []values
		for _, one := range all {
			for _, value := range candidates(s, m, field) {
				if len(more) < maxSettings {
					more = append(more, one.with(field.Name, value))
				}
			}
		}
		all = more
	}
	of := func(v values) *imagined { return imagineAs(m, v) }
	best := -1
	for _, one := range all {
		held := 0
		for _, where := range m.Wheres() {
			if of(one).holds(where) {
				held++
			}
		}
		if held > best {
			found.base, best = one, held
		}
	}
	names := map[string]int{}
	for _, where := range m.Wheres() {
		other := found.base.nearest(all, func(one values) bool { return of(one).holds(where) != of(found.base).holds(where) })
		if other == nil {
			found.unmet = append(found.unmet, where.String())
			continue
		}
		var fields []string
		for _, field := range where.Fields() {
			fields = append(fields, field.Name)
		}
		name := strings.Join(fields, ",")
		if names[name]++; names[name] > 1 {
			name += strconv.Itoa(names[name])
		}
		found.otherwise = append(found.otherwise, setting{name, other})
	}
	return found
}

// nearest returns those of the others that are what is wanted and differ in the fewest fields; nil: none are.
func (v values) nearest(others []values, isWanted func(values) bool) (nearest values) {
	fewest := len(v) + 1
	for _, other := range others {
		differ := 0
		for name, value := range v {
			if asJSON(other[name]) != asJSON(value) {
				differ++
			}
		}
		if differ < fewest && isWanted(other) {
			nearest, fewest = other, differ
		}
	}
	return nearest
}

// isKnown tells whether the values of what rules ask for are those of the settings: not where they are @unique.
func (s settings) isKnown(m *schema.Model) bool {
	return !slices.ContainsFunc(m.Wheres(), func(where *schema.Where) bool {
		return slices.ContainsFunc(where.Fields(), func(f *schema.Field) bool { return f.Unique })
	})
}

// with returns the values with one more.
func (v values) with(name string, value any) values {
	more := values{name: value}
	for other, value := range v {
		more[other] = value
	}
	return more
}

// candidates returns values of a field: those that rules name, then those of examples, and null last.
func candidates(s *schema.Schema, m *schema.Model, field *schema.Field) (all []any) {
	add := func(value any) {
		isSame := func(other any) bool { return asJSON(other) == asJSON(value) }
		if admits(field, value) && !slices.ContainsFunc(all, isSame) {
			all = append(all, value)
		}
	}
	var named func(where *schema.Where)
	named = func(where *schema.Where) {
		for _, part := range where.Parts {
			named(part)
		}
		if where.Field != field || where.Op == "exists" {
			return
		}
		for _, text := range where.Values {
			value := typed(field, text)
			if field.List {
				value = []any{value}
			}
			add(value)
		}
	}
	for _, where := range m.Wheres() {
		named(where)
	}
	for _, value := range validValues(s, field) {
		add(value)
	}
	if field.Nullable {
		all = append(all, nil)
	}
	return all
}

// typed is a value of a field that is given as text.
func typed(field *schema.Field, text string) any {
	switch field.TypeName {
	case "Int":
		number, _ := strconv.Atoi(text) // was parsed before
		return number
	case "Float":
		number, _ := strconv.ParseFloat(text, 64)
		return number
	case "Boolean":
		return text == "true"
	}
	return text
}

// imagineAs returns an object, of which nothing is known but some values.
func imagineAs(m *schema.Model, v values) *imagined {
	object := &imagined{model: m, parents: map[*schema.Field]*imagined{}, values: v}
	for _, parent := range m.Parents() {
		object.parents[parent] = &imagined{model: parent.Target}
	}
	object.root = object
	return object
}

// holds tells whether a condition holds for the object.
func (o *imagined) holds(where *schema.Where) bool {
	isNot := func(part *schema.Where) bool { return !o.holds(part) }
	switch where.Op {
	case "and":
		return !slices.ContainsFunc(where.Parts, isNot)
	case "or":
		return slices.ContainsFunc(where.Parts, o.holds)
	case "not":
		return !o.holds(where.Parts[0])
	}
	field := where.Field
	value := o.values[field.Name]
	isThere := value != nil
	if field.Kind == schema.KindBelongsTo {
		isThere = o.parents[field] != nil
	}
	switch {
	case where.Op == "exists":
		return isThere == (where.Values[0] == "true")
	case where.IsNull:
		return isThere == (where.Op == "ne")
	case !isThere:
		return where.Op == "ne"
	}
	is := func(text string) bool { return field.Compare(asText(value), text) == 0 }
	order := func(text string) int { return field.Compare(asText(value), text) }
	switch first := where.Values[0]; where.Op {
	case "eq", "in":
		return slices.ContainsFunc(where.Values, is)
	case "ne":
		return !is(first)
	case "lt":
		return order(first) < 0
	case "le":
		return order(first) <= 0
	case "gt":
		return order(first) > 0
	case "ge":
		return order(first) >= 0
	case "between":
		return order(first) >= 0 && order(where.Values[1]) <= 0
	case "beginsWith":
		return strings.HasPrefix(asText(value), first)
	case "contains":
		if list, isList := value.([]any); isList {
			return slices.ContainsFunc(list, func(element any) bool { return field.Compare(asText(element), first) == 0 })
		}
		return strings.Contains(asText(value), first)
	}
	panic(fmt.Sprintf("no condition of rules is %s", where.Op))
}

func asText(value any) string {
	if text, isText := value.(string); isText {
		return text
	}
	return asJSON(value)
}

// made returns what the object has once it is made by an input that gives, of the fields with rules of their
// own, one and those that it must: nothing that no input has.
func (o *imagined) made(given *schema.Field) values {
	made := values{}
	for name, value := range o.values {
		field := o.model.Field(name)
		isGiven := slices.Contains(o.model.Creatable(), field) && (!field.HasRules() || field == given || !field.Optional())
		switch {
		case isGiven && (value != nil || field.Nullable):
			made[name] = value
		case field.Default != nil:
			made[name] = typed(field, field.Default.Raw)
		case field.List && !field.Nullable:
			made[name] = []any{}
		default:
			made[name] = nil
		}
	}
	return made
}

// otherwise returns, by how rows name it, the object with other values, or with those of something that it
// belongs to, so that a condition of a rule is not what it is else.
func (o *imagined) otherwise(s *schema.Schema, known map[*schema.Model]settings) (names []string, objects []*imagined) {
	for _, near := range o.near() {
		for _, other := range known[near.model].otherwise {
			object := imagine(s, o.model)
			object.setValues(known)
			for _, at := range object.all() {
				if at.path == near.path {
					at.values = other.values
				}
			}
			names = append(names, "otherwise("+strings.TrimPrefix(near.path+"."+other.name, ".")+")")
			objects = append(objects, object)
		}
	}
	return names, objects
}

// setValues gives the object, and what it belongs to, the values that tests make them with.
func (o *imagined) setValues(known map[*schema.Model]settings) {
	for _, object := range o.all() {
		object.values = known[object.model].base
	}
}

package ownqltest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// filtered is a filter, and which objects it is to match.
type filtered struct {
	filter  map[string]any
	matches func(*object) bool
}

// testFilters holds the list under filters to what the whole list has that matches, in its order.
// What the reader may not read influences nothing.
func (l *list) testFilters(t *testing.T, whole []edge) {
	objects := map[string]*object{}
	for _, o := range slices.Concat(l.objects, l.above) {
		objects[o.globalID()] = o
	}
	filters := l.filters(t)
	for _, f := range filters {
		expected := []string{}
		for _, edge := range whole {
			if f.matches(objects[edge.Node.ID]) {
				expected = append(expected, edge.Node.ID)
			}
		}
		l.filter = f.filter
		got := l.page(t, arguments{"first": 100})
		if diff := cmp.Diff(expected, got.ids(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("under %v: -what matches of the list +got: %s", f.filter, diff)
			continue
		}
		l.testPages(t, "ASC", got.Edges)
		if len(whole) > 0 {
			if answer := answerIn(t, l.ask(t, arguments{"after": whole[0].Cursor}), ""); answer != "BAD_USER_INPUT" {
				t.Errorf("under %v, after a cursor of the list without: %s, want BAD_USER_INPUT", f.filter, answer)
			}
		}
	}
	l.filter = nil
	l.testHidden(t, append(filters, filtered{}))
}

// testHidden takes what the reader may not read out of the tables, and wants all answers as before.
func (l *list) testHidden(t *testing.T, filters []filtered) {
	answers := func() []string {
		var answers []string
		for _, f := range filters {
			l.filter = f.filter
			for _, size := range []string{"first", "last"} {
				answers = append(answers, fmt.Sprint(f.filter, l.ask(t, arguments{size: 2})))
			}
		}
		l.filter = nil
		return answers
	}
	before := answers()
	for _, o := range l.objects {
		if !l.isReadable(t, o) {
			l.remove(t, o)
		}
	}
	if diff := cmp.Diff(before, answers()); diff != "" {
		t.Errorf("-with +without what may not be read: %s", diff)
	}
}

// isReadable tells whether the reader may read an object.
func (l *list) isReadable(t *testing.T, o *object) bool {
	t.Helper()
	node := o.way("node")
	return answerIn(t, l.Query(t, l.reader, node.document, node.variables(o)), o.globalID()) == "yes"
}

// filters returns filters of the type's lists: by id, by time, by each field whose values can be
// compared as they are given, and by each parent.
func (l *list) filters(t *testing.T) []filtered {
	if l.far != "" {
		return l.farFilters()
	}
	var some []any
	for _, o := range l.objects {
		if l.random.IntN(2) == 0 {
			some = append(some, o.globalID())
		}
	}
	isSome := func(o *object) bool { return slices.Contains(some, any(o.globalID())) }
	in := map[string]any{"id": map[string]any{"in": some}}
	moment := l.objects[l.random.IntN(len(l.objects))].made
	one := l.objects[l.random.IntN(len(l.objects))]
	filters := []filtered{
		{in, isSome},
		{map[string]any{"not": in}, func(o *object) bool { return !isSome(o) }},
		{map[string]any{"createdAt": map[string]any{"gt": moment}}, func(o *object) bool { return o.made > moment }},
		{map[string]any{"or": []any{in, map[string]any{"createdAt": map[string]any{"le": moment}}}}, func(o *object) bool { return isSome(o) || o.made <= moment }},
		{map[string]any{"or": []any{}}, func(o *object) bool { return false }},
	}
	for _, field := range l.schema.Types[l.Type+"Filter"].Fields {
		values := l.valuesOf(field.Name)
		if operators := l.schema.Types[field.Type.Name()].Fields; values == nil || slices.Contains(l.Hidden, field.Name) || operators.ForName("eq") == nil || field.Type.Name() == "DateTimeFilter" {
			continue
		}
		value := one.values[field.Name]
		is := func(o *object) bool { return o.values[field.Name] == value }
		filters = append(filters,
			filtered{map[string]any{field.Name: map[string]any{"eq": value}}, is},
			filtered{map[string]any{field.Name: map[string]any{"ne": value}}, func(o *object) bool { return !is(o) }})
	}
	filters = slices.Concat(filters, l.hiddenFilters(t, one), l.userFilters(t))
	for _, name := range slices.Sorted(maps.Keys(l.Parents)) {
		parent := one.parents[name]
		if parent == nil || slices.Contains(l.Hidden, name) || l.schema.Types[l.Type+"Filter"].Fields.ForName(name) == nil {
			continue
		}
		isReadable := l.isReadable(t, parent)
		is := func(o *object) bool { return o.parents[name] == parent && isReadable }
		filters = append(filters,
			filtered{map[string]any{name: map[string]any{"eq": parent.globalID()}}, is},
			filtered{map[string]any{name: map[string]any{"ne": parent.globalID()}}, func(o *object) bool { return !is(o) }},
			filtered{map[string]any{name: map[string]any{"exists": true}}, func(o *object) bool {
				return o.parents[name] != nil && l.isReadable(t, o.parents[name])
			}})
	}
	return filters
}

// farFilters are those of a list that shows what links are with: by its id.
func (l *list) farFilters() []filtered {
	one := l.objects[l.random.IntN(len(l.objects))].parents[l.far]
	is := func(o *object) bool { return o.parents[l.far] == one }
	eq := map[string]any{"id": map[string]any{"eq": one.globalID()}}
	return []filtered{
		{eq, is},
		{map[string]any{"not": eq}, func(o *object) bool { return !is(o) }},
		{map[string]any{"or": []any{}}, func(*object) bool { return false }},
	}
}

// valuesOf returns what the objects have of a field, or nil where one has none, or a list or object.
func (l *list) valuesOf(field string) []any {
	var values []any
	for _, o := range slices.Concat(l.objects, l.above) {
		value, isGiven := o.values[field]
		switch value.(type) {
		case []any, map[string]any:
			return nil
		}
		if !isGiven {
			return nil
		}
		values = append(values, value)
	}
	return values
}

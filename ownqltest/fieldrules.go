package ownqltest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// What follows asks for fields that have rules of their own.

// isHidden tells whether a field of the type's own is one that some may not read.
func (m *modelType) isHidden(field string) bool {
	_, isUser := m.Users[field]
	return slices.Contains(m.Hidden, field) && !isUser && m.Parents[field] == ""
}

// fieldDocument returns the document that asks for a field of an object.
func (m *modelType) fieldDocument(field string) string {
	selection := ""
	definition := m.schema.Types[m.schema.Types[m.Type].Fields.ForName(field).Type.Name()]
	if definition.Kind == ast.Object {
		selection = " { __typename }"
	}
	return fmt.Sprintf(`query ($id: ID!) { node(id: $id) { ... on %s { %s%s } } }`, m.Type, field, selection)
}

// sees tells whether somebody is given a field of an object, which has a value of it.
func (s *server) sees(t *testing.T, who *User, o *object, field string) bool {
	t.Helper()
	body := s.Query(t, who, o.fieldDocument(field), map[string]any{"id": o.globalID()})
	var response struct {
		Data   struct{ Node map[string]any }
		Errors []any
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil || len(response.Errors) > 0 {
		t.Fatalf("%s of an object: %s, %v", field, body, err)
	}
	return response.Data.Node[field] != nil
}

// guardedIn returns the fields with rules of their own that the input of a mutation has.
func (m *modelType) guardedIn(mutation string) (fields []string) {
	for _, row := range m.rows {
		if field, isOf := strings.CutPrefix(row.path, mutation+"."); isOf {
			fields = append(fields, field)
		}
	}
	return fields
}

// inputOf returns the input of a create or an update without the fields that have rules of their own, but
// for field and those that an input must have. path is the mutation or, with the field behind it, that
// which gives it.
func (p *policyTest) inputOf(path string, input map[string]any) (mutation string, _ map[string]any) {
	mutation, given, _ := strings.Cut(path, ".")
	input = maps.Clone(input)
	for _, field := range p.guardedIn(mutation) {
		name := field
		if _, isUser := p.Users[field]; isUser || p.Parents[field] != "" {
			name += "Id"
		}
		_, has := input[name]
		switch {
		case field != given && !p.isNeeded(mutation, name):
			delete(input, name)
		case field == given && !has:
			input[name] = nil
		}
	}
	return mutation, input
}

// isNeeded tells whether the objects of a mutation's input must have a field.
func (m *modelType) isNeeded(mutation, field string) bool {
	of := m.schema.Types[m.schema.Mutation.Fields.ForName(mutation).Arguments[0].Type.Name()]
	if of.Fields.ForName(field) == nil {
		of = m.schema.Types[of.Fields[0].Type.Name()]
	}
	return of.Fields.ForName(field).Type.NonNull
}

// filter asks every list of the type for an object under filters by a field, and returns what all of them
// agree on.
func (p *policyTest) filter(t *testing.T, field, otherwise string, o *object) string {
	t.Helper()
	i := slices.IndexFunc(p.models[p.Type].identities, func(i identity) bool { return i.name == p.identity.name })
	exists := map[string]any{field: map[string]any{"exists": true}}
	answers := map[string]bool{}
	for _, row := range p.rows {
		if row.operation != "read" || row.otherwise != otherwise || strings.HasPrefix(row.path, filterPath) {
			continue
		}
		way := p.way(row.path)
		if !way.isList || way.far != "" || row.answers[i] != "yes" && row.answers[i] != "absent" {
			continue
		}
		ask := func(filter map[string]any) string {
			variables := way.variables(o)
			variables["filter"] = filter
			return answerIn(t, p.Query(t, p.user, way.document, variables), o.globalID())
		}
		is, isNot := ask(exists), ask(map[string]any{"not": exists})
		switch {
		case is == "yes" && isNot == "absent", row.answers[i] == "yes" && is == isNot:
			answers[is] = true
		case row.answers[i] == "absent" && is == isNot: // that says nothing, but for BAD_USER_INPUT
			if is != "absent" {
				answers[is] = true
			}
		default:
			t.Errorf("%s, %s under a filter by %s: %s, and %s under its opposite", p.name, row.path, field, is, isNot)
		}
	}
	switch len(answers) {
	case 0:
		return unasked
	case 1:
		return slices.Collect(maps.Keys(answers))[0]
	}
	return fmt.Sprint("several answers: ", slices.Sorted(maps.Keys(answers)))
}

// unasked is the answer where no list says anything.
const unasked = "no list"

// filterPath begins the path of a row that is of all lists under filters by a field.
const filterPath = "filter."

// hiddenFilters returns filters of a list by fields that the reader may not read of every object. Where the
// reader may read one of none, it is refused.
func (l *list) hiddenFilters(t *testing.T, one *object) (filters []filtered) {
	for _, field := range l.Hidden {
		input := l.schema.Types[l.Type+"Filter"].Fields.ForName(field)
		if !l.isHidden(field) || input == nil || l.valuesOf(field) == nil || l.schema.Types[input.Type.Name()].Fields.ForName("eq") == nil {
			continue
		}
		value, seen := one.values[field], map[*object]bool{}
		for _, o := range slices.Concat(l.objects, l.above) {
			seen[o] = l.sees(t, l.reader, o, field)
		}
		eq := map[string]any{field: map[string]any{"eq": value}}
		l.filter = eq
		answer := answerIn(t, l.ask(t, arguments{}), "")
		l.filter = nil
		if answer == "BAD_USER_INPUT" {
			if slices.Contains(slices.Collect(maps.Values(seen)), true) {
				t.Errorf("a filter by %s is refused to one who may read it", field)
			}
			continue
		}
		is := func(o *object) bool { return seen[o] && o.values[field] == value }
		isNot := func(o *object) bool { return seen[o] && o.values[field] != value }
		filters = append(filters,
			filtered{eq, is},
			filtered{map[string]any{"not": eq}, isNot},
			filtered{map[string]any{field: map[string]any{"exists": true}}, func(o *object) bool { return seen[o] }},
			filtered{map[string]any{field: map[string]any{"exists": false}}, func(*object) bool { return false }},
			filtered{map[string]any{"or": []any{map[string]any{"not": eq}, map[string]any{"id": map[string]any{"eq": one.globalID()}}}},
				func(o *object) bool { return o == one || isNot(o) }})
	}
	return filters
}

// isRefused tells whether the list, or its order, is by a field that the reader may read of no object, and
// is refused for that. It keeps an object to find out.
func (l *list) isRefused(t *testing.T, order string) bool {
	t.Helper()
	answer := answerIn(t, l.ask(t, arguments{}), "")
	if answer != "FORBIDDEN" && answer != "BAD_USER_INPUT" {
		return false
	}
	fields := l.HiddenOrders[order]
	if answer == "FORBIDDEN" {
		fields = l.Hidden
	}
	if len(fields) == 0 {
		t.Errorf("the list is refused: %s", answer)
	}
	isSeen := func(field string) bool { return l.isHidden(field) && l.sees(t, l.reader, l.objects[0], field) }
	if answer == "BAD_USER_INPUT" && !slices.ContainsFunc(fields, func(field string) bool { return !isSeen(field) }) {
		t.Errorf("the order %s is refused to one who may read %v", order, fields)
	}
	return true
}

// seesUser tells whether the reader sees a user, by node.
func (l *list) seesUser(t *testing.T, id string) bool {
	t.Helper()
	global := model.GlobalID("User", id)
	return id == l.reader.ID || answerIn(t, l.Query(t, l.reader, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": global}), global) == "yes"
}

// userFilters returns filters by fields that are users, but for hidden ones.
func (l *list) userFilters(t *testing.T) (filters []filtered) {
	reader := map[string]any{"eq": model.GlobalID("User", l.reader.ID)}
	isReaders := func(o *object) bool { return o.ownerID == l.reader.ID }
	seesOther := l.seesUser(t, l.other)
	isOthers := func(o *object) bool { return seesOther && o.ownerID == l.other }
	for _, name := range slices.Sorted(maps.Keys(l.Users)) {
		if slices.Contains(l.Hidden, name) {
			continue
		}
		filters = append(filters,
			filtered{map[string]any{name: reader}, isReaders},
			filtered{map[string]any{"not": map[string]any{name: reader}}, func(o *object) bool { return !isReaders(o) }},
			filtered{map[string]any{name: map[string]any{"eq": model.GlobalID("User", l.other)}}, isOthers},
			filtered{map[string]any{name: map[string]any{"exists": true}}, func(o *object) bool { return isReaders(o) || isOthers(o) }})
	}
	return filters
}

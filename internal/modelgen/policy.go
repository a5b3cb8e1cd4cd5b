package modelgen

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/codegen/templates"
)

// policyTable is who may do what with an object of a model, by every way to it. It is
// printed for reading, and for package graph's tests to hold the server to it.
type policyTable struct {
	*Model
	Rows     []string // the first names the identities
	Examples examples
}

// policyRow is one way to an object.
type policyRow struct {
	operation Operation
	path      string
	answer    func(identity) string
}

func (s *Schema) policyTable(m *Model) policyTable {
	object, examples := m.imagine(), s.examples(m)
	rows := s.policyRows(object, examples.isValid)
	identities := object.identities(rows)
	table := [][]string{{"operation path"}}
	for _, identity := range identities {
		table[0] = append(table[0], identity.String())
	}
	for _, row := range rows {
		cells := []string{fmt.Sprintf("%-9s %s", row.operation, row.path)}
		for _, identity := range identities {
			cells = append(cells, row.answer(identity))
		}
		table = append(table, cells)
	}
	return policyTable{m, aligned(table), examples}
}

// aligned returns a line for each row, with its columns under each other.
func aligned(table [][]string) []string {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, len(table))
	for i, row := range table {
		for j, cell := range row {
			row[j] = fmt.Sprintf("%-*s", widths[j], cell)
		}
		lines[i] = strings.TrimRight(strings.Join(row, " | "), " ")
	}
	return lines
}

// policyRows returns the ways to an object: those that are generated to the end, not
// where a method is written by hand; hooks and rules of the project's own they do not know. Without valid examples nobody knows
// how to make or change one.
func (s *Schema) policyRows(object *imagined, hasValid bool) []policyRow {
	m := object.model
	rows := map[Operation][]policyRow{}
	add := func(operation Operation, path string, answer func(identity) string, methods ...string) {
		if !slices.ContainsFunc(methods, func(method string) bool { return s.byHand.declares("Store." + method) }) {
			rows[operation] = append(rows[operation], policyRow{operation, path, answer})
		}
	}
	read := func(otherwise string) func(identity) string {
		return func(i identity) string { return i.reads(object, otherwise) }
	}
	for _, path := range []string{"node", "nodes"} {
		if s.asks(path) {
			add(Read, path, read(null))
		}
	}
	for _, resolver := range s.Resolvers() {
		switch kind := resolver.Kind; {
		case s.byHand.resolves(resolver.Type, templates.ToGo(resolver.Field)):
		case resolver.On == m && kind == ResolveOwner:
			add(Read, "node.owner", func(i identity) string {
				if slices.Contains(i.owns, object.path) {
					return i.reads(object, null)
				}
				return null
			})
		case resolver.On == m && kind == ResolveParent:
			parent := object.parents[resolver.Relation]
			add(Read, "node."+resolver.Field, func(i identity) string {
				if i.may(Read, object) {
					return i.reads(parent, null)
				}
				return null
			})
		case resolver.Model != m:
		case kind == ResolveOwned && s.asks("viewer"):
			add(Read, "viewer."+resolver.Field, func(i identity) string {
				switch {
				case !i.isSignedIn:
					return null
				case slices.Contains(i.owns, object.path):
					return i.reads(object, absent)
				default:
					return absent
				}
			}, resolver.Method)
		case kind == ResolveChildren:
			parent := object.parents[resolver.Relation]
			add(Read, fmt.Sprintf("node(%s).%s", resolver.Relation.Name, resolver.Field), func(i identity) string {
				if i.may(Read, parent) {
					return i.reads(object, absent)
				}
				return null
			}, resolver.Method)
		case kind == ResolveUnique:
			add(Read, resolver.Field, read(null), resolver.Method)
		case kind == ResolveIndex:
			add(Read, resolver.Field, read(absent), resolver.Method)
		case kind == ResolveCreate && hasValid:
			add(Create, resolver.Field, func(i identity) string { return i.creates(object) }, resolver.Method)
		case kind == ResolveUpdate && hasValid:
			add(Update, resolver.Field, func(i identity) string { return i.changes(Update, object) }, resolver.Method)
		case kind == ResolveDelete:
			add(Delete, resolver.Field, func(i identity) string { return i.changes(Delete, object) }, resolver.Method)
		}
	}
	return slices.Concat(rows[Create], rows[Read], rows[Update], rows[Delete])
}

// asks tells whether Query has a field that every project is to have, and that is generated.
func (s *Schema) asks(field string) bool {
	return s.isHouse(field) && !s.byHand.resolves("Query", templates.ToGo(field))
}

// identities returns who asks: anonymous, a stranger, the owner of the object and of
// each that it belongs to, a member of each group that is named; and then, for each row
// in which none of these is given anything, and each rule that helps none of them, who is
// several of them and fares better.
func (o *imagined) identities(rows []policyRow) []identity {
	near := o.near()
	var single []identity
	for _, object := range near {
		single = append(single, identity{true, []string{object.path}, nil})
	}
	for _, group := range groupsOf(near) {
		single = append(single, identity{true, nil, []string{group}})
	}
	all := append([]identity{anonymous, stranger}, single...)
	several := severalOf(single)
	want := func(fares func(identity) bool) {
		if i := slices.IndexFunc(several, fares); i >= 0 && !slices.ContainsFunc(all, fares) {
			all = append(all, several[i])
		}
	}
	for _, rule := range o.model.Rules {
		for _, operation := range rule.Operations {
			want(func(i identity) bool { return i.isAllowedBy(rule, operation, o) && i.does(operation, o) })
		}
	}
	for _, row := range rows {
		want(func(i identity) bool { return row.answer(i) == given })
	}
	return all
}

// near returns the object, what it belongs to, and what these ask in their rules.
func (o *imagined) near() []*imagined {
	objects := []*imagined{o}
	for _, field := range o.model.Parents() {
		if parent := o.parents[field]; parent != nil && (o.path == "" || o.model.asks(field)) {
			objects = append(objects, parent.near()...)
		}
	}
	return objects
}

func groupsOf(objects []*imagined) []string {
	var groups []string
	for _, object := range objects {
		for _, rule := range object.model.Rules {
			for _, term := range rule.Terms {
				for _, group := range term.Groups {
					if !slices.Contains(groups, group) {
						groups = append(groups, group)
					}
				}
			}
		}
	}
	return groups
}

// severalOf returns who is two of them, then who is three.
func severalOf(single []identity) []identity {
	var two, three []identity
	for i, first := range single {
		for j, second := range single[i+1:] {
			both := first.and(second)
			two = append(two, both)
			for _, third := range single[i+1+j+1:] {
				three = append(three, both.and(third))
			}
		}
	}
	return append(two, three...)
}

// Package policy makes the tables of who may do what: for each model one, of every way to an
// object of it. It reads the rules of @auth on its own, without package store, so that a test
// that holds the server to the tables finds a mistake in either.
package policy

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/99designs/gqlgen/codegen/templates"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// table is who may do what with an object of a model, by every way to it. It is
// printed for reading, and for package graph's tests to hold the server to it.
type table struct {
	*schema.Model
	Rows       []string // the first names the identities
	Examples   examples
	HasMembers bool
	HasSeen    bool // users see others
	HasNamed   bool // a field names an owner
	IsUnknown  bool // nobody knows what the rules say of an object

	HasOtherwise bool // some rows are of objects of which a rule is not true, or true after all
}

// Dir is where the tables are in a project.
const Dir = "graph/testdata/policy"

// File is the model's file in graph/testdata/policy/.
func File(m *schema.Model) string { return strings.ToLower(m.Name) + ".txt" }

//go:embed policy.gotmpl
var tableText string

var tableTemplate = template.Must(template.New("policy").Parse(tableText))

// Table returns the table of a model, and values of its fields for tests to make objects of, as
// the text of its File.
func Table(s *schema.Schema, m *schema.Model) ([]byte, error) {
	var text bytes.Buffer
	err := tableTemplate.Execute(&text, tableOf(s, m))
	return text.Bytes(), err
}

// row is one way to an object.
type row struct {
	operation schema.Operation
	path      string
	answer    func(identity) string
	otherwise string // what is not as it is in other rows, see imagined.otherwise; empty: nothing
}

func tableOf(s *schema.Schema, m *schema.Model) table {
	object, known := imagine(s, m), map[*schema.Model]settings{}
	for _, other := range s.Models {
		known[other] = settingsOf(s, other)
	}
	object.setValues(known)
	examples := examplesOf(s, m, known[m])
	var rows []row
	isUnknown := slices.ContainsFunc(object.all(), func(o *imagined) bool { return !known[o.model].isKnown(o.model) })
	if !isUnknown {
		rows = rowsOf(s, object, examples.isValid)
		names, objects := object.otherwise(s, known)
		for i, other := range objects {
			for _, row := range rowsOf(s, other, examples.isValid) {
				row.otherwise = names[i]
				rows = append(rows, row)
			}
		}
	}
	identities := object.identities(rows)
	hasSeats := slices.ContainsFunc(identities, func(i identity) bool { return len(i.seats) > 0 })
	hasNamed := slices.ContainsFunc(identities, func(i identity) bool { return len(i.named) > 0 })
	hasOtherwise := slices.ContainsFunc(rows, func(r row) bool { return r.otherwise != "" })
	return table{m, gridOf(rows, identities), examples, hasSeats, s.User.IsSeen(), hasNamed, isUnknown, hasOtherwise}
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

// rowsOf returns the ways to an object: those that are generated to the end, not
// where a method is written by hand; hooks and rules of the project's own they do not know. Without
// valid examples nobody knows
// how to make or change one.
func rowsOf(s *schema.Schema, object *imagined, hasValid bool) []row {
	m := object.model
	rows := map[schema.Operation][]row{}
	add := func(operation schema.Operation, path string, answer func(identity) string, methods ...string) {
		if !slices.ContainsFunc(methods, func(method string) bool { return s.Declares("Store." + method) }) {
			rows[operation] = append(rows[operation], row{operation: operation, path: path, answer: answer})
		}
	}
	read := func(otherwise string) func(identity) string {
		return func(i identity) string { return i.reads(object, otherwise) }
	}
	listOf := func(isTheirs func(identity) bool) func(identity) string {
		return func(i identity) string {
			switch {
			case !i.isSignedIn:
				return null
			case isTheirs(i):
				return i.reads(object, absent)
			default:
				return absent
			}
		}
	}
	ofViewer := listOf(func(i identity) bool { return slices.Contains(i.owns, object.path) })
	ofUser := func(i identity, field *schema.Field) string {
		if i.seesUser(object, field) {
			return i.reads(object, null)
		}
		return null
	}
	for _, path := range []string{"node", "nodes"} {
		if isAsked(s, path) {
			add(schema.Read, path, read(null))
		}
	}
	for _, resolver := range s.Resolvers() {
		switch kind, several := resolver.Kind, resolver.Bulk.Operation; {
		case s.Resolves(resolver.Type, templates.ToGo(resolver.Field)):
		case resolver.On == m && kind == schema.ResolveOwner:
			add(schema.Read, "node.owner", func(i identity) string { return ofUser(i, nil) })
		case resolver.On == m && kind == schema.ResolveParent && resolver.Relation.IsUser():
			add(schema.Read, "node."+resolver.Field, func(i identity) string {
				if i.mayWith(schema.Read, resolver.Relation, object) {
					return ofUser(i, resolver.Relation)
				}
				return null
			})
		case resolver.On == m && kind == schema.ResolveParent:
			parent := object.parents[resolver.Relation]
			add(schema.Read, "node."+resolver.Field, func(i identity) string {
				if i.may(schema.Read, object) && i.mayWith(schema.Read, resolver.Relation, object) {
					return i.reads(parent, null)
				}
				return null
			})
		case resolver.Model != m:
		case kind == schema.ResolveOwned && isAsked(s, "viewer"):
			add(schema.Read, "viewer."+resolver.Field, ofViewer, resolver.Method)
		case kind == schema.ResolveReceived && isAsked(s, "viewer"):
			add(schema.Read, "viewer."+resolver.Field, func(i identity) string {
				switch {
				case !i.isSignedIn:
					return null
				case i.isInvited:
					return i.reads(object, absent)
				}
				return absent
			}, resolver.Method)
		case kind == schema.ResolveChildren && resolver.Relation.IsUser():
			if isAsked(s, "viewer") {
				add(schema.Read, "viewer."+resolver.Field, listedBy(object, []*schema.Field{resolver.Relation}, listOf(func(i identity) bool { return i.isUserOf(resolver.Relation, object) })), resolver.Method)
			}
		case kind == schema.ResolveChildren:
			parent := object.parents[resolver.Relation]
			add(schema.Read, fmt.Sprintf("node(%s).%s", resolver.Relation.Name, resolver.Field), listedBy(object, []*schema.Field{resolver.Relation}, func(i identity) string {
				if i.may(schema.Read, parent) {
					return i.reads(object, absent)
				}
				return null
			}), resolver.Method)
		case kind == schema.ResolveLinked:
			list := resolver.Relation
			near, far := object.parents[list.Inverse], object.parents[list.Far]
			add(schema.Read, fmt.Sprintf("node(%s).%s", list.Inverse.Name, list.Name), func(i identity) string {
				switch {
				case !i.may(schema.Read, near):
					return null
				case !i.may(schema.Read, far):
					return absent
				default:
					return i.reads(object, absent)
				}
			}, resolver.Method)
		case kind == schema.ResolveAll:
			add(schema.Read, resolver.Field, read(absent), resolver.Method)
		case kind == schema.ResolveUnique:
			add(schema.Read, resolver.Field, read(null), resolver.Method)
		case kind == schema.ResolveIndex:
			add(schema.Read, resolver.Field, listedBy(object, partsOf(resolver), read(absent)), resolver.Method)
		case kind == schema.ResolveTypeIndex && !isGivable(resolver.TypeIndex):
		case kind == schema.ResolveTypeIndex && !resolver.TypeIndex.IsByOwner():
			add(schema.Read, resolver.Field, listedBy(object, partsOf(resolver), foundBy(resolver.TypeIndex, object, read(absent))))
		case kind == schema.ResolveTypeIndex && isAsked(s, "viewer"):
			add(schema.Read, "viewer."+resolver.Field, listedBy(object, partsOf(resolver), foundBy(resolver.TypeIndex, object, ofViewer)))
		case (kind == schema.ResolveCreate || several == "Create") && hasValid:
			add(schema.Create, resolver.Field, func(i identity) string { return i.creates(object.giving(nil)) }, resolver.Method)
			for _, field := range m.GuardedFor("Create") {
				made := object.giving(field)
				add(schema.Create, resolver.Field+"."+field.Name, func(i identity) string {
					return i.givesField(schema.Create, field, made, i.creates(made))
				}, resolver.Method)
			}
			for _, field := range object.naming(kind, m.Creatable()) {
				add(schema.Create, resolver.Field+"("+field.Name+")", func(i identity) string { return i.createsFor(object.giving(nil), field) }, resolver.Method)
			}
		case (kind == schema.ResolveUpdate || several == "Update") && hasValid:
			add(schema.Update, resolver.Field, func(i identity) string { return i.changes(schema.Update, object) }, resolver.Method)
			for _, field := range m.GuardedFor("Update") {
				add(schema.Update, resolver.Field+"."+field.Name, func(i identity) string {
					return i.givesField(schema.Update, field, object, i.changes(schema.Update, object))
				}, resolver.Method)
			}
			for _, field := range object.naming(kind, m.Updatable()) {
				add(schema.Update, resolver.Field+"("+field.Name+")", func(i identity) string {
					if changed := i.changes(schema.Update, object); changed != given || i.seesOther(object) {
						return changed
					}
					return notFound
				}, resolver.Method)
			}
		case kind == schema.ResolveTransfer:
			add(schema.Transfer, resolver.Field, func(i identity) string { return i.transfers(object, !i.isSignedIn) }, resolver.Method)
			add(schema.Transfer, resolver.Field+"(to)", func(i identity) string { return i.transfers(object, true) }, resolver.Method)
		case kind == schema.ResolveDelete, several == "Delete":
			add(schema.Delete, resolver.Field, func(i identity) string { return i.changes(schema.Delete, object) }, resolver.Method)
		}
	}
	object.fieldRows(s, add)
	return slices.Concat(rows[schema.Create], rows[schema.Read], rows[schema.Update], rows[schema.Delete], rows[schema.Transfer])
}

// naming returns the fields of an input by which a mutation names somebody else, of whom only those can be
// named whom the caller sees; none where nobody sees another.
func (o *imagined) naming(kind schema.ResolverKind, fields schema.Fields) (users schema.Fields) {
	if !o.root.user.IsSeen() || kind == schema.ResolveBulk {
		return nil
	}
	for _, field := range fields {
		if field.IsUser() && !field.HasRules() {
			users = append(users, field)
		}
	}
	return users
}

// foundBy is what a list of an index answers, where it has no other reason to lack the object: it has
// nothing of a parent that may not be read.
func foundBy(index *schema.TypeIndex, object *imagined, answer func(identity) string) func(identity) string {
	return func(i identity) string {
		isHidden := slices.ContainsFunc(index.Given(), func(part schema.IndexPart) bool {
			if part.Field.IsUser() {
				return !i.seesUser(object, part.Field)
			}
			parent := object.parents[part.Field]
			return parent != nil && !i.may(schema.Read, parent)
		})
		if answered := answer(i); answered != given || !isHidden {
			return answered
		}
		return absent
	}
}

// isGivable tells whether tests know what to ask of an index for an object: whoever makes one gives all
// fields that it is found by.
func isGivable(index *schema.TypeIndex) bool {
	return !slices.ContainsFunc(index.Given(), func(part schema.IndexPart) bool {
		return !slices.Contains(index.Model.Creatable(), part.Field)
	})
}

// isAsked tells whether Query has a field that every project is to have, and that is generated.
func isAsked(s *schema.Schema, field string) bool {
	return s.AnswersQuery(field) && !s.Resolves("Query", templates.ToGo(field))
}

// identities returns who asks: anonymous, a stranger, the owner of the object and of
// each that it belongs to, a member of each group that is named; and then, for each row
// in which none of these is given anything, and each rule that helps none of them, who is
// several of them and fares better.
func (o *imagined) identities(rows []row) []identity {
	near := o.near()
	var single []identity
	for _, object := range near {
		single = append(single, identity{isSignedIn: true, owns: []string{object.path}})
	}
	single = append(single, namedBy(near)...)
	for _, object := range near {
		for _, at := range seatsAt(object) {
			single = append(single, identity{isSignedIn: true, seats: []seat{at}})
		}
	}
	if o.model.Invitation != nil {
		single = append(single, identity{isSignedIn: true, isInvited: true})
	}
	for _, group := range groupsOf(near) {
		single = append(single, identity{isSignedIn: true, groups: []string{group}})
	}
	all := append([]identity{anonymous, stranger}, single...)
	several := severalOf(slices.DeleteFunc(slices.Clone(single), identity.isNoMember))
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
		if parent := o.parents[field]; parent != nil && (o.path == "" || field.IsAsked()) {
			objects = append(objects, parent.near()...)
		}
	}
	return objects
}

func groupsOf(objects []*imagined) []string {
	var groups []string
	for _, object := range objects {
		rules := object.model.Rules
		if object.path == "" {
			for _, field := range object.model.Guarded() {
				rules = slices.Concat(rules, field.Rules)
			}
		}
		for _, rule := range rules {
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

package ownqltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// modelType is a type with @model, as its file of testdata/policy says.
type modelType struct {
	Type, Table  string
	Formerly     string            // the name that the type had before, which stays in its ids
	Parents      map[string]string // the types by field; with a ! where one is needed
	Users        map[string]bool   // by field that is a user, whether one is needed: tests have it be the owner
	Owners       []string          // of these, those that name an owner by a rule: the identity says whom
	Ancestors    map[string]string // by attribute, the path to what an object has the id of
	Membership   *membership       // nil: it makes nobody a member of anything
	Invites      bool              // its objects invite whoever has the address in their field email
	Joined       []model.Joined
	Hidden       []string            // the fields that some who may read an object may not
	HiddenOrders map[string][]string // by order, those of them that it is by
	Unique       map[string][]any
	Examples     []map[string]any
	Otherwise    map[string]map[string]any // by name, other values of the fields that rules ask for

	schema     *ast.Schema
	identities []identity
	rows       []policyRow
}

// idName is the type's name in global ids, and in what is kept of unique values.
func (m *modelType) idName() string { return cmp.Or(m.Formerly, m.Type) }

// membership has the fields of a type whose objects make users members of others.
type membership struct{ Object, User, Role string }

// policyRow is one way to an object, and what each identity gets by it.
type policyRow struct {
	operation, path string
	otherwise       string // which values are other than the examples': `post.status`; empty: none
	answers         []string
}

// identity is who asks.
type identity struct {
	name      string
	isInvited bool
	owns      []string // paths from the object: empty for itself, `post` for its parent
	named     []string // paths of fields that name it: `recipient`, `post.recipient`
	seats     []seat
	roles     []string
}

// seat is that somebody is a member of the object at a path, or was, or is of another such.
type seat struct {
	by, role, path      string
	isFormer, isAnother bool
}

func (i identity) isSignedIn() bool { return i.name != "anonymous" }

// readModels reads testdata/policy, which is generated beside the schema.
func readModels(t *testing.T, schema *ast.Schema) map[string]*modelType {
	t.Helper()
	paths, err := filepath.Glob("testdata/policy/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	models := map[string]*modelType{}
	for _, path := range paths {
		m, err := readModel(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		m.schema = schema
		if m.Type != "User" { // of whom readPeople reads
			models[m.Type] = m
		}
	}
	return models
}

func readModel(path string) (*modelType, error) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	if len(archive.Files) != 2 {
		return nil, fmt.Errorf("%d parts, want policy and examples.json", len(archive.Files))
	}
	m := &modelType{}
	if err := json.Unmarshal(archive.Files[1].Data, m); err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(archive.Files[0].Data)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(cell)
		}
		if m.identities == nil {
			for _, name := range cells[1:] {
				identity, err := parseIdentity(name)
				if err != nil {
					return nil, err
				}
				m.identities = append(m.identities, identity)
			}
			continue
		}
		way := strings.Fields(cells[0])
		if len(way) < 2 || len(way) > 3 || len(cells) != 1+len(m.identities) {
			return nil, fmt.Errorf("a row that is none: %s", line)
		}
		row := policyRow{operation: way[0], path: way[1], answers: cells[1:]}
		if len(way) == 3 {
			row.otherwise = strings.TrimSuffix(strings.TrimPrefix(way[2], "otherwise("), ")")
		}
		m.rows = append(m.rows, row)
	}
	return m, nil
}

// parseIdentity reads the head of a column: `anonymous`, `stranger`, or what somebody
// owns, by which fields they are named and which roles they have, `owner + owner of post + as recipient + "editor"`.
func parseIdentity(name string) (identity, error) {
	who := identity{name: name}
	for part := range strings.SplitSeq(name, " + ") {
		switch {
		case part == "anonymous":
		case part == "stranger":
			who.roles = append(who.roles, "of no rule "+model.NewID())
		case part == "invited":
			who.isInvited = true
		case part == "owner":
			who.owns = append(who.owns, "")
		case strings.HasPrefix(part, "owner of "):
			who.owns = append(who.owns, strings.TrimPrefix(part, "owner of "))
		case strings.HasPrefix(part, "as "):
			who.named = append(who.named, strings.TrimPrefix(part, "as "))
		case !strings.HasPrefix(part, `"`):
			who.seats = append(who.seats, parseSeat(part))
		default:
			role, err := strconv.Unquote(part)
			if err != nil {
				return who, fmt.Errorf("identity %s: %w", part, err)
			}
			who.roles = append(who.roles, role)
		}
	}
	return who, nil
}

// parseSeat reads `Membership ADMIN of organization`, `former Membership` or `Membership of another organization`.
func parseSeat(text string) (s seat) {
	name, path, _ := strings.Cut(text, " of ")
	s.path, s.isAnother = strings.CutPrefix(path+" ", "another ")
	s.path = strings.TrimSpace(s.path)
	name, s.isFormer = strings.CutPrefix(name, "former ")
	s.by, s.role, _ = strings.Cut(name, " ")
	return s
}

// example returns values for the n-th object of the type, from 0 on. It is not ok where
// there are not so many.
func (m *modelType) example(n int) (values map[string]any, ok bool) {
	values = maps.Clone(m.Examples[n%len(m.Examples)])
	for field, unique := range m.Unique {
		if n >= len(unique) {
			return nil, false
		}
		if unique[n] != nil {
			values[field] = unique[n]
		}
	}
	return values, true
}

// A way is a GraphQL document that asks for one thing.
type way struct {
	document  string
	isList    bool
	isViewers bool     // the list is of what the viewer owns
	given     []string // the list's own arguments, which have variables of their names
	parent    string   // the belongsTo that gives the variable `id`
	far       string   // the belongsTo that the list shows, of a link; empty: it shows the object
	field     string   // of the object, that is asked for and may be hidden; empty: the object, or the target
	target    string   // the belongsTo that is asked for, or `owner`; empty: the object
}

const (
	pageVariablesOf = `$filter: %s, $first: Int, $after: String, $last: Int, $before: String, $sortDirection: SortDirection`
	pageArguments   = `filter: $filter, first: $first, after: $after, last: $last, before: $before, sortDirection: $sortDirection`
	pageFields      = `{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
)

// path is `node`, `node(post).comments` or `postBySlug`.
var path = regexp.MustCompile(`^(\w+)(?:\((\w+)\))?(?:\.(\w+))?$`)

// way returns how to read by a path of the table.
func (m *modelType) way(text string) way {
	parts := path.FindStringSubmatch(text)
	root, parent, field := parts[1], parts[2], parts[3]
	pageVariables := fmt.Sprintf(pageVariablesOf, m.Type+"Filter")
	switch {
	case parent != "":
		on := strings.TrimSuffix(m.Parents[parent], "!")
		if far, filter := m.farSide(on, parent, field); far != "" {
			link := strings.Replace(pageFields, "node {", "node: "+m.linkField(on, field)+" {", 1)
			return way{isList: true, parent: parent, far: far, document: fmt.Sprintf(
				`query ($id: ID!, %s) { node(id: $id) { ... on %s { %s(%s) %s } } }`, fmt.Sprintf(pageVariablesOf, filter), on, field, pageArguments, link)}
		}
		return way{isList: true, parent: parent, document: fmt.Sprintf(
			`query ($id: ID!, %s) { node(id: $id) { ... on %s { %s(%s) %s } } }`, pageVariables, on, field, pageArguments, pageFields)}
	case root == "viewer":
		given, variables, arguments := givenOf(m.schema.Types["User"].Fields.ForName(field))
		return way{isList: true, isViewers: true, given: given, document: fmt.Sprintf(
			`query (%s%s) { viewer { %s(%s%s) %s } }`, variables, pageVariables, field, arguments, pageArguments, pageFields)}
	case root == "node" && m.isHidden(field):
		return way{document: m.fieldDocument(field), field: field}
	case field != "":
		return way{target: field, document: fmt.Sprintf(
			`query ($id: ID!) { node(id: $id) { ... on %s { %s { id } } } }`, m.Type, field)}
	case root == "node":
		return way{document: `query ($id: ID!) { node(id: $id) { id } }`}
	case root == "nodes":
		return way{document: `query ($id: ID!) { nodes(ids: [$id]) { id } }`}
	}
	given, variables, arguments := givenOf(m.schema.Query.Fields.ForName(root))
	if m.schema.Query.Fields.ForName(root).Type.Name() == m.Type {
		return way{given: given, document: fmt.Sprintf(`query (%s) { %s(%s) { id } }`, variables, root, arguments)}
	}
	return way{isList: true, given: given, document: fmt.Sprintf(
		`query (%s%s) { %s(%s%s) %s }`, variables, pageVariables, root, arguments, pageArguments, pageFields)}
}

// farSide returns the belongsTo that a list of a parent shows, and the type of its filter, where the list
// is by @manyToMany, through this type.
func (m *modelType) farSide(on, parent, field string) (far, filter string) {
	list := m.schema.Types[on].Fields.ForName(field)
	node := m.edgeOf(on, field).Fields.ForName("node").Type.Name()
	if node == m.Type && m.linkField(on, field) == "" {
		return "", ""
	}
	for name, target := range m.Parents {
		if strings.TrimSuffix(target, "!") == node && name != parent {
			far = name
		}
	}
	return far, list.Arguments.ForName("filter").Type.Name()
}

// edgeOf returns the type of a list's edges.
func (m *modelType) edgeOf(on, field string) *ast.Definition {
	connection := m.schema.Types[m.schema.Types[on].Fields.ForName(field).Type.Name()]
	return m.schema.Types[connection.Fields.ForName("edges").Type.Name()]
}

// linkField returns the field of a list's edges that has the link; empty: there is none.
func (m *modelType) linkField(on, field string) string {
	for _, f := range m.edgeOf(on, field).Fields {
		if f.Name != "node" && f.Type.Name() == m.Type {
			return f.Name
		}
	}
	return ""
}

// ordered returns the ways to read a list by a path of the table: in its own order, under the empty
// name, and in each that `orderBy` has.
func (m *modelType) ordered(text string) map[string]way {
	own := m.way(text)
	ways := map[string]way{"": own}
	parts := path.FindStringSubmatch(text)
	on, field := "Query", parts[1]
	switch root, parent := parts[1], parts[2]; {
	case parent != "":
		on, field = strings.TrimSuffix(m.Parents[parent], "!"), parts[3]
	case root == "viewer":
		on, field = "User", parts[3]
	}
	argument := m.schema.Types[on].Fields.ForName(field).Arguments.ForName("orderBy")
	if argument == nil {
		return ways
	}
	orders := m.schema.Types[m.schema.Types[argument.Type.Name()].Fields.ForName("field").Type.Name()]
	for _, order := range orders.EnumValues {
		way := own
		way.document = strings.Replace(own.document, pageArguments, fmt.Sprintf("orderBy: { field: %s, direction: $sortDirection }, %s", order.Name, pageArguments), 1)
		ways[order.Name] = way
	}
	return ways
}

// givenOf returns the arguments of a field that are not of every list, and how a document declares
// and gives them, each with a comma behind it.
func givenOf(field *ast.FieldDefinition) (names []string, variables, arguments string) {
	for _, argument := range field.Arguments {
		if slices.Contains([]string{"filter", "orderBy", "first", "after", "last", "before", "sortDirection"}, argument.Name) {
			continue
		}
		names = append(names, argument.Name)
		variables += fmt.Sprintf("$%s: %s, ", argument.Name, argument.Type)
		arguments += fmt.Sprintf("%s: $%[1]s, ", argument.Name)
	}
	return names, variables, arguments
}

// given returns the value of a list's own argument for an object: nil where it has none.
func (o *object) given(argument string) any {
	if name := strings.TrimSuffix(argument, "Id"); o.Parents[name] != "" {
		if parent := o.parents[name]; parent != nil {
			return parent.globalID()
		}
		return nil
	}
	if name := strings.TrimSuffix(argument, "Id"); o.isUser(name) {
		return o.userGlobalID(name)
	}
	return o.values[argument]
}

// variables returns those that ask for the object.
func (w way) variables(o *object) map[string]any {
	variables := map[string]any{}
	switch {
	case w.parent != "":
		variables["id"] = o.parents[w.parent].globalID()
	case len(w.given) > 0:
		for _, argument := range w.given {
			variables[argument] = o.given(argument)
		}
	default:
		variables["id"] = o.globalID()
	}
	return variables
}

// mutation returns the document of a mutation, which takes the variable `input`, and the names of that
// one's fields. Of a mutation of several objects, list is the input's field that has them, and the names
// are those of the fields of one.
func (m *modelType) mutation(name string) (document, list string, fields []string) {
	field := m.schema.Mutation.Fields.ForName(name)
	input := field.Arguments[0].Type
	payload := m.schema.Types[field.Type.Name()].Fields
	object := payload[slices.IndexFunc(payload, func(f *ast.FieldDefinition) bool { return f.Type.Name() == m.Type })]
	of := m.schema.Types[input.Name()]
	if object.Type.Elem != nil {
		list, of = of.Fields[0].Name, m.schema.Types[of.Fields[0].Type.Name()]
	}
	for _, field := range of.Fields {
		fields = append(fields, field.Name)
	}
	return fmt.Sprintf(`mutation ($input: %s) { %s(input: $input) { %s { id } } }`, input, name, object.Name), list, fields
}

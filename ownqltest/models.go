package ownqltest

import (
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
	Type, Table string
	Parents     map[string]string // the types by field; with a ! where one is needed
	Unique      map[string][]any
	Examples    []map[string]any

	schema     *ast.Schema
	identities []identity
	rows       []policyRow
}

// policyRow is one way to an object, and what each identity gets by it.
type policyRow struct {
	operation, path string
	answers         []string
}

// identity is who asks.
type identity struct {
	name  string
	owns  []string // paths from the object: empty for itself, `post` for its parent
	roles []string
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
		models[m.Type] = m
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
		if len(way) != 2 || len(cells) != 1+len(m.identities) {
			return nil, fmt.Errorf("a row that is none: %s", line)
		}
		m.rows = append(m.rows, policyRow{way[0], way[1], cells[1:]})
	}
	return m, nil
}

// parseIdentity reads the head of a column: `anonymous`, `stranger`, or what somebody
// owns and which roles they have, `owner + owner of post + "editor"`.
func parseIdentity(name string) (identity, error) {
	who := identity{name: name}
	for part := range strings.SplitSeq(name, " + ") {
		switch {
		case part == "anonymous":
		case part == "stranger":
			who.roles = append(who.roles, "of no rule "+model.NewID())
		case part == "owner":
			who.owns = append(who.owns, "")
		case strings.HasPrefix(part, "owner of "):
			who.owns = append(who.owns, strings.TrimPrefix(part, "owner of "))
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
	document string
	isList   bool
	argument string // the field that gives the variable `value`
	parent   string // the belongsTo that gives the variable `id`
	target   string // the belongsTo that is asked for, or `owner`; empty: the object
}

const (
	pageVariables = `$first: Int, $after: String, $last: Int, $before: String, $sortDirection: SortDirection`
	pageArguments = `first: $first, after: $after, last: $last, before: $before, sortDirection: $sortDirection`
	pageFields    = `{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
)

// path is `node`, `node(post).comments` or `postBySlug`.
var path = regexp.MustCompile(`^(\w+)(?:\((\w+)\))?(?:\.(\w+))?$`)

// way returns how to read by a path of the table.
func (m *modelType) way(text string) way {
	parts := path.FindStringSubmatch(text)
	root, parent, field := parts[1], parts[2], parts[3]
	switch {
	case parent != "":
		on := strings.TrimSuffix(m.Parents[parent], "!")
		return way{isList: true, parent: parent, document: fmt.Sprintf(
			`query ($id: ID!, %s) { node(id: $id) { ... on %s { %s(%s) %s } } }`, pageVariables, on, field, pageArguments, pageFields)}
	case root == "viewer":
		return way{isList: true, document: fmt.Sprintf(
			`query (%s) { viewer { %s(%s) %s } }`, pageVariables, field, pageArguments, pageFields)}
	case field != "":
		return way{target: field, document: fmt.Sprintf(
			`query ($id: ID!) { node(id: $id) { ... on %s { %s { id } } } }`, m.Type, field)}
	case root == "node":
		return way{document: `query ($id: ID!) { node(id: $id) { id } }`}
	case root == "nodes":
		return way{document: `query ($id: ID!) { nodes(ids: [$id]) { id } }`}
	}
	argument := m.schema.Query.Fields.ForName(root).Arguments[0]
	if m.schema.Query.Fields.ForName(root).Type.Name() == m.Type {
		return way{argument: argument.Name, document: fmt.Sprintf(
			`query ($value: %s) { %s(%s: $value) { id } }`, argument.Type, root, argument.Name)}
	}
	return way{isList: true, argument: argument.Name, document: fmt.Sprintf(
		`query ($value: %s, %s) { %s(%s: $value, %s) %s }`, argument.Type, pageVariables, root, argument.Name, pageArguments, pageFields)}
}

// variables returns those that ask for the object.
func (w way) variables(o *object) map[string]any {
	variables := map[string]any{}
	switch {
	case w.parent != "":
		variables["id"] = o.parents[w.parent].globalID()
	case w.argument != "":
		variables["value"] = o.values[w.argument]
	default:
		variables["id"] = o.globalID()
	}
	return variables
}

// mutation returns the document of a mutation, which takes the variable `input`, and
// the names of that one's fields.
func (m *modelType) mutation(name string) (document string, fields []string) {
	field := m.schema.Mutation.Fields.ForName(name)
	input := field.Arguments[0].Type
	for _, field := range m.schema.Types[input.Name()].Fields {
		fields = append(fields, field.Name)
	}
	payload := m.schema.Types[field.Type.Name()].Fields
	object := slices.IndexFunc(payload, func(f *ast.FieldDefinition) bool { return f.Type.Name() == m.Type })
	return fmt.Sprintf(`mutation ($input: %s) { %s(input: $input) { %s { id } } }`, input, name, payload[object].Name), fields
}

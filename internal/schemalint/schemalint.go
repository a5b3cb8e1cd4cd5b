// Package schemalint holds a public schema to what Relay expects of it, and tells of names that collide for clients.
//
// https://relay.dev/graphql/connections.htm
// https://relay.dev/graphql/objectidentification.htm
package schemalint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A Finding is something that a schema has otherwise.
type Finding struct {
	Type, Field, Argument string // where; Field and Argument may be empty
	Text                  string // what is wrong, and what to write
}

// Path is where the finding is: `Query.posts(first:)`.
func (f Finding) Path() string {
	path := f.Type
	if f.Field != "" {
		path += "." + f.Field
	}
	if f.Argument != "" {
		path += "(" + f.Argument + ":)"
	}
	return path
}

type linter struct {
	*ast.Schema
	findings []Finding
}

// Lint returns what is found, by the names of the types.
func Lint(schema *ast.Schema) []Finding {
	l := &linter{Schema: schema}
	l.node()
	for _, name := range l.names() {
		definition := schema.Types[name]
		l.identified(definition)
		l.pages(definition)
		l.lists(definition)
		l.collisions(definition)
	}
	l.mutations()
	l.typeCollisions()
	slices.SortStableFunc(l.findings, func(a, b Finding) int { return strings.Compare(a.Path(), b.Path()) })
	return l.findings
}

// names are those of the schema's own types.
func (l *linter) names() (names []string) {
	for name, definition := range l.Types {
		if !definition.BuiltIn && !strings.HasPrefix(name, "__") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (l *linter) report(typeName, field, argument, format string, args ...any) {
	l.findings = append(l.findings, Finding{typeName, field, argument, fmt.Sprintf(format, args...)})
}

// node holds the schema to Relay's Object Identification.
func (l *linter) node() {
	node := l.Types["Node"]
	if node == nil || l.Query == nil {
		if node == nil {
			l.report("Query", "", "", "there is no interface Node, by which Relay fetches an object again: add interface Node { id: ID! }")
		}
		return
	}
	switch id := node.Fields.ForName("id"); {
	case node.Kind != ast.Interface:
		l.report("Node", "", "", "it is Relay's interface of all that has an id: write interface Node { id: ID! }")
		return
	case id == nil || id.Type.String() != "ID!" || len(node.Fields) != 1:
		l.report("Node", "", "", "Relay's has one field: write interface Node { id: ID! }")
	}
	query := l.Query.Name
	if field := l.Query.Fields.ForName("node"); field == nil {
		l.report(query, "", "", "Relay fetches an object again by node: add node(id: ID!): Node")
	} else if !hasArguments(field, "id: ID!") || field.Type.String() != "Node" {
		l.report(query, "node", "", "Relay fetches an object again by it: write node(id: ID!): Node")
	}
	if field := l.Query.Fields.ForName("nodes"); field != nil && (!hasArguments(field, "ids: [ID!]!") || field.Type.Name() != "Node" || field.Type.Elem == nil) {
		l.report(query, "nodes", "", "it fetches several objects again: write nodes(ids: [ID!]!): [Node]!")
	}
}

// hasArguments tells whether those are all that must be given.
func hasArguments(field *ast.FieldDefinition, wanted string) bool {
	var all []string
	for _, argument := range field.Arguments {
		if argument.Type.NonNull && argument.DefaultValue == nil {
			all = append(all, argument.Name+": "+argument.Type.String())
		}
	}
	return strings.Join(all, ", ") == wanted
}

// identified holds what has an id to being found by it: Relay keeps objects by that field, whatever they are.
func (l *linter) identified(definition *ast.Definition) {
	if definition.Kind != ast.Object {
		return
	}
	id := definition.Fields.ForName("id")
	switch {
	case id == nil:
	case id.Type.String() != "ID!":
		l.report(definition.Name, "id", "", "Relay keeps each object by its id: write id: ID!, or give the field another name")
	case l.Types["Node"] != nil && !slices.Contains(definition.Interfaces, "Node"):
		l.report(definition.Name, "id", "", "Relay takes what has an id for what node gives: write type %s implements Node, or give the field another name", definition.Name)
	}
}

// pages holds connections, edges and PageInfo to Relay's.
func (l *linter) pages(definition *ast.Definition) {
	name := definition.Name
	edges, pageInfo := definition.Fields.ForName("edges"), definition.Fields.ForName("pageInfo")
	switch {
	case strings.HasSuffix(name, "Connection"):
		l.connection(definition)
	case definition.Kind == ast.Object && edges != nil && pageInfo != nil:
		l.report(name, "", "", "a page is called so: write type %sConnection", name)
	case name == "PageInfo":
		for _, wanted := range []string{"hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String", "endCursor: String"} {
			of, typ, _ := strings.Cut(wanted, ": ")
			if field := definition.Fields.ForName(of); field == nil || field.Type.String() != typ && field.Type.String() != typ+"!" {
				l.report(name, "", "", "Relay's has %s: write %[1]s", wanted)
			}
		}
	}
}

func (l *linter) connection(definition *ast.Definition) {
	name := definition.Name
	if definition.Kind != ast.Object {
		l.report(name, "", "", "a name that ends in Connection is that of a page, which is an object: give it another name")
		return
	}
	if info := definition.Fields.ForName("pageInfo"); info == nil || info.Type.String() != "PageInfo!" {
		l.report(name, fieldOr(info), "", "a page says where it stands: write pageInfo: PageInfo!")
	}
	edges := definition.Fields.ForName("edges")
	if edges == nil || edges.Type.Elem == nil || edges.Type.Elem.Elem != nil {
		l.report(name, fieldOr(edges), "", "a page has a list of edges: write edges: [%s!]!", edgeOf(name))
		return
	}
	edge := l.Types[edges.Type.Name()]
	if edge.Kind != ast.Object {
		l.report(name, "edges", "", "an edge is an object with a cursor and a node: write edges: [%s!]!", edgeOf(name))
		return
	}
	if !strings.HasSuffix(edge.Name, "Edge") {
		l.report(edge.Name, "", "", "what is in edges is called so: write type %s", edgeOf(name))
	}
	node := edge.Fields.ForName("node")
	switch {
	case node == nil:
		l.report(edge.Name, "", "", "an edge has what it leads to: add node")
	case node.Type.Elem != nil:
		l.report(edge.Name, "node", "", "an edge leads to one, not to a list: write node: %s", node.Type.Name())
	}
	cursor := edge.Fields.ForName("cursor")
	if cursor == nil || cursor.Type.Elem != nil || !l.isText(cursor.Type) {
		l.report(edge.Name, fieldOr(cursor), "", "an edge has its place in the list: write cursor: String!")
	}
}

func fieldOr(field *ast.FieldDefinition) string {
	if field == nil {
		return ""
	}
	return field.Name
}

// edgeOf is what the edge of a connection is called.
func edgeOf(connection string) string { return strings.TrimSuffix(connection, "Connection") + "Edge" }

// isText tells whether a type is that of texts: String, or a scalar of the schema's own.
func (l *linter) isText(of *ast.Type) bool {
	definition := l.Types[of.NamedType]
	return definition != nil && definition.Kind == ast.Scalar && !slices.Contains([]string{"Int", "Float", "Boolean"}, of.NamedType)
}

// lists holds fields that give a page to the arguments by which Relay asks for the next.
func (l *linter) lists(definition *ast.Definition) {
	if definition.Kind != ast.Object && definition.Kind != ast.Interface {
		return
	}
	for _, field := range definition.Fields {
		if !strings.HasSuffix(field.Type.Name(), "Connection") {
			continue
		}
		if field.Type.Elem != nil {
			l.report(definition.Name, field.Name, "", "it is a list of pages: write %s", field.Type.Name())
			continue
		}
		first, last := field.Arguments.ForName("first"), field.Arguments.ForName("last")
		if first == nil && last == nil {
			l.report(definition.Name, field.Name, "", "a page is asked for by first and after, or by last and before: add (first: Int, after: String)")
		}
		for _, pair := range []struct {
			count  *ast.ArgumentDefinition
			cursor string
		}{{first, "after"}, {last, "before"}} {
			cursor := field.Arguments.ForName(pair.cursor)
			switch {
			case pair.count == nil && cursor != nil:
				l.report(definition.Name, field.Name, pair.cursor, "Relay gives it with %s: add %[1]s: Int", map[string]string{"after": "first", "before": "last"}[pair.cursor])
			case pair.count == nil:
			case cursor == nil:
				l.report(definition.Name, field.Name, pair.count.Name, "Relay gives it with %s: add %[1]s: String", pair.cursor)
			}
			if pair.count != nil && pair.count.Type.String() != "Int" && (pair.count.Type.String() != "Int!" || pair.cursor == "before" || last != nil) {
				l.report(definition.Name, field.Name, pair.count.Name, "it is how many to give: write %s: Int", pair.count.Name)
			}
			if cursor != nil && (cursor.Type.NonNull || cursor.Type.Elem != nil || !l.isText(cursor.Type)) {
				l.report(definition.Name, field.Name, pair.cursor, "it is a cursor, and absent of the first page: write %s: String", pair.cursor)
			}
		}
	}
}

// mutations holds them to one input and a payload of their own, as those that are generated have.
func (l *linter) mutations() {
	if l.Mutation == nil {
		return
	}
	for _, field := range l.Mutation.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		name := strings.ToUpper(field.Name[:1]) + field.Name[1:]
		at := func(argument, format string, args ...any) {
			l.report(l.Mutation.Name, field.Name, argument, format, args...)
		}
		input := field.Arguments.ForName("input")
		switch {
		case len(field.Arguments) != 1 || input == nil:
			at("", "a mutation takes one argument, to which others can be added: write %s(input: %sInput!): %[2]sPayload", field.Name, name)
		case !input.Type.NonNull || l.Types[input.Type.Name()].Kind != ast.InputObject || input.Type.Elem != nil:
			at("input", "it is an object of what is given: write input: %sInput!", name)
		case input.Type.Name() != name+"Input":
			at("input", "each mutation has an input of its own, so that one can change without the others: write input: %sInput!", name)
		}
		switch payload := l.Types[field.Type.Name()]; {
		case field.Type.Elem != nil || payload.Kind != ast.Object:
			at("", "a mutation gives an object, to which other fields can be added: write %s(input: %sInput!): %[2]sPayload", field.Name, name)
		case payload.Name != name+"Payload" && input != nil:
			at("", "each mutation gives an object of its own, so that one can change without the others: write type %sPayload, with the %s in it", name, payload.Name)
		case input != nil && l.Types[input.Type.Name()].Kind == ast.InputObject:
			gives, takes := payload.Fields.ForName("clientMutationId") != nil, l.Types[input.Type.Name()].Fields.ForName("clientMutationId") != nil
			if gives != takes {
				at("", "what a client gives as clientMutationId comes back: have it in the input and in the payload, or in neither")
			}
		}
	}
}

// collisions tells of fields and values that differ in their case alone: generated code of clients has one name for them.
func (l *linter) collisions(definition *ast.Definition) {
	seen := map[string]string{}
	check := func(name string) {
		key := folded(name)
		if other := seen[key]; other != "" && !strings.HasPrefix(name, "__") {
			l.report(definition.Name, name, "", "it differs from %s by case and underscores alone, so that code of clients has one name for both: give it another", other)
		}
		seen[key] = name
	}
	for _, field := range definition.Fields {
		check(field.Name)
	}
	for _, value := range definition.EnumValues {
		check(value.Name)
	}
}

// typeCollisions tells of types whose names differ in their case alone: files of clients are called by them.
func (l *linter) typeCollisions() {
	seen := map[string]string{}
	for _, name := range l.names() {
		if other := seen[folded(name)]; other != "" {
			l.report(name, "", "", "it differs from %s by case and underscores alone, so that code and files of clients have one name for both: give it another", other)
		}
		seen[folded(name)] = name
	}
}

func folded(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

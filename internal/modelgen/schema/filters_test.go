package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestFilterable: a filter has the fields that everybody reads as they are kept, and no others.
func TestFilterable(t *testing.T) {
	s, err := parse(`
scalar DateTime
interface Node { id: ID! }
type User implements Node { id: ID! }
type Query { node(id: ID!): Node }
directive @secret on FIELD_DEFINITION | OBJECT | ENUM
type Post implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  title: String! @deprecated
  not: Boolean
  and: Int
  or: [String!]
  salary: Int @secret
  masked: String
  size: Int! @computed
  place: Place
  where: Guarded
  level: Level
  posts: [Post!]! @hasMany
  post: Post @belongsTo
}
type Place {
  exists: Int
  inner: Place
  not: Boolean
  hidden: Boolean @secret
  rest: [Rest!]!
}
type Rest { a: Int }
type Guarded @secret { a: Int }
enum Level @secret { A }
`, &handwritten{
		resolvers:  map[string]signature{"postResolver.Masked": {}},
		directives: map[string]bool{"Secret": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, definition := range s.definitions() {
		if definition.Kind == ast.InputObject && strings.HasSuffix(definition.Name, "Filter") {
			var fields []string
			for _, field := range definition.Fields {
				fields = append(fields, field.Name+": "+field.Type.String())
			}
			got[definition.Name] = strings.Join(fields, ", ")
		}
	}
	want := map[string]string{
		"PostFilter": "and: [PostFilter!], or: [PostFilter!], not: PostFilter, id: IDFilter, title: StringFilter, " +
			"place: PlaceFilter, post: IDFilter, createdAt: DateTimeFilter, updatedAt: DateTimeFilter",
		"PlaceFilter": "exists: IntFilter, inner: PlaceFilter, rest: ObjectListFilter",
		"StringFilter": "eq: String, ne: String, in: [String!], lt: String, le: String, gt: String, ge: String, " +
			"between: [String!], beginsWith: String, contains: String, exists: Boolean",
		"IntFilter":        "eq: Int, ne: Int, in: [Int!], lt: Int, le: Int, gt: Int, ge: Int, between: [Int!], exists: Boolean",
		"IDFilter":         "eq: ID, ne: ID, in: [ID!], exists: Boolean",
		"DateTimeFilter":   "eq: DateTime, ne: DateTime, in: [DateTime!], lt: DateTime, le: DateTime, gt: DateTime, ge: DateTime, between: [DateTime!], exists: Boolean",
		"ObjectListFilter": "exists: Boolean",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package schemalint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/schemadiff"
)

// good is as Relay expects it.
const good = `interface Node { id: ID! }
scalar Cursor
type PageInfo { hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String }
type Post implements Node { id: ID!, comments(last: Int, before: Cursor): CommentConnection }
type Comment implements Node { id: ID! }
type PostConnection { edges: [PostEdge], pageInfo: PageInfo!, totalCount: Int }
type PostEdge { cursor: String!, node: Post }
type CommentConnection { edges: [CommentEdge!]!, pageInfo: PageInfo! }
type CommentEdge { cursor: Cursor!, node: Comment!, since: Int }
enum State { OPEN, DONE }
input AddInput { x: Int, clientMutationId: String }
type AddPayload { post: PostEdge, clientMutationId: String }
type Mutation { add(input: AddInput!): AddPayload! }
type Query { node(id: ID!): Node, nodes(ids: [ID!]!): [Node]!, posts(first: Int, after: String, last: Int, before: String): PostConnection!, newest(first: Int!, after: String): PostConnection }
`

// TestLint wants of each change of what is good what is found.
func TestLint(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{"", "", ""},
		{"id: ID!): Node, ", "id: ID): Node, ", "Query.node: Relay fetches an object again by it: write node(id: ID!): Node"},
		{"node(id: ID!): Node, ", "", "Query: Relay fetches an object again by node: add node(id: ID!): Node"},
		{"nodes(ids: [ID!]!): [Node]!, ", "", ""},
		{"nodes(ids: [ID!]!)", "nodes(id: [ID!]!)", "Query.nodes: it fetches several objects again: write nodes(ids: [ID!]!): [Node]!"},
		{"interface Node { id: ID! }", "interface Node { id: ID }", "Node: Relay's has one field: write interface Node { id: ID! }"},
		{"enum State", "type Thing { id: ID! } enum State", "Thing.id: Relay takes what has an id for what node gives: write type Thing implements Node, or give the field another name"},
		{"enum State", "type Thing { id: Int! } enum State", "Thing.id: Relay keeps each object by its id: write id: ID!, or give the field another name"},
		{"hasNextPage: Boolean!", "hasNextPage: Boolean", "PageInfo: Relay's has hasNextPage: Boolean!: write hasNextPage: Boolean!"},
		{"edges: [PostEdge]", "edges: PostEdge", "PostConnection.edges: a page has a list of edges: write edges: [PostEdge!]!"},
		{"edges: [PostEdge], ", "", "PostConnection: a page has a list of edges: write edges: [PostEdge!]!"},
		{"edges: [PostEdge]", "edges: [State]", "PostConnection.edges: an edge is an object with a cursor and a node: write edges: [PostEdge!]!"},
		{"edges: [PostEdge]", "edges: [Post]", "Post: what is in edges is called so: write type PostEdge\nPost: an edge has what it leads to: add node\nPost: an edge has its place in the list: write cursor: String!"},
		{"[PostEdge], pageInfo: PageInfo!", "[PostEdge], pageInfo: PageInfo", "PostConnection.pageInfo: a page says where it stands: write pageInfo: PageInfo!"},
		{"cursor: String!, node: Post ", "cursor: Int!, node: [Post] ", "PostEdge.cursor: an edge has its place in the list: write cursor: String!\nPostEdge.node: an edge leads to one, not to a list: write node: Post"},
		{"enum State", "type Things { edges: [PostEdge], pageInfo: PageInfo! } enum State", "Things: a page is called so: write type ThingsConnection"},
		{"enum State", "enum StateConnection { A } enum State", "StateConnection: a name that ends in Connection is that of a page, which is an object: give it another name"},
		{"posts(first: Int, after: String, last: Int, before: String)", "posts", "Query.posts: a page is asked for by first and after, or by last and before: add (first: Int, after: String)"},
		{"posts(first: Int, after: String, ", "posts(first: Int, ", "Query.posts(first:): Relay gives it with after: add after: String"},
		{"posts(first: Int, after: String, last: Int, before", "posts(first: Int, after: String, before", "Query.posts(before:): Relay gives it with last: add last: Int"},
		{"posts(first: Int, ", "posts(first: String, ", "Query.posts(first:): it is how many to give: write first: Int"},
		{"posts(first: Int, after: String, ", "posts(first: Int, after: Int, ", "Query.posts(after:): it is a cursor, and absent of the first page: write after: String"},
		{"newest(first: Int!, after: String)", "newest(first: Int!, after: String!)", "Query.newest(after:): it is a cursor, and absent of the first page: write after: String"},
		{"add(input: AddInput!)", "add(x: Int)", "Mutation.add: a mutation takes one argument, to which others can be added: write add(input: AddInput!): AddPayload"},
		{"add(input: AddInput!)", "add(input: AddInput)", "Mutation.add(input:): it is an object of what is given: write input: AddInput!"},
		{"add(input: AddInput!): AddPayload! }", "add(input: AddInput!): AddPayload!, more(input: AddInput!): Post }", "Mutation.more: each mutation gives an object of its own, so that one can change without the others: write type MorePayload, with the Post in it\nMutation.more(input:): each mutation has an input of its own, so that one can change without the others: write input: MoreInput!"},
		{"): AddPayload!", "): [AddPayload!]", "Mutation.add: a mutation gives an object, to which other fields can be added: write add(input: AddInput!): AddPayload"},
		{"x: Int, clientMutationId: String", "x: Int", "Mutation.add: what a client gives as clientMutationId comes back: have it in the input and in the payload, or in neither"},
		{"OPEN, DONE", "OPEN, Open", "State.Open: it differs from OPEN by case and underscores alone, so that code of clients has one name for both: give it another"},
		{"since: Int", "since: Int, Since: Int, sin_ce: Int", "CommentEdge.Since: it differs from since by case and underscores alone, so that code of clients has one name for both: give it another\nCommentEdge.sin_ce: it differs from Since by case and underscores alone, so that code of clients has one name for both: give it another"},
		{"enum State", "enum STATE { A } enum State", "State: it differs from STATE by case and underscores alone, so that code and files of clients have one name for both: give it another"},
	} {
		text := strings.Replace(good, test.old, test.new, 1)
		schema, err := schemadiff.Parse("schema", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var lines []string
		for _, finding := range Lint(schema) {
			lines = append(lines, finding.Path()+": "+finding.Text)
		}
		if diff := cmp.Diff(test.want, strings.Join(lines, "\n")); diff != "" {
			t.Errorf("%q for %q (-want +got):\n%s", test.new, test.old, diff)
		}
	}
}

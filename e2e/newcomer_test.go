//go:build newcomer

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestNewcomer does what a newcomer does with the types that docs/schema.md begins with:
// adds them to the schema, generates, builds, serves, and asks for every field that there
// is then, as everybody who may come. Then the newcomer adds an index and a field to the
// live data, takes over what is generated, makes typing errors, and takes the types out
// again.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	t.Run("types in the schema are an API", func(t *testing.T) {
		s.addTypes(t)
		if isFirstRun {
			s.shell(t, "go test ./...") // the tables of who may do what, and Relay's rules for lists
		}
		s.meet(t)
		t.Run("lists", s.lists)
		t.Run("everybody, everything", s.everything)
		t.Run("filters", s.filters)
		t.Run("every field was asked for", s.coverage)
		t.Run("refusals", s.refusals)
		t.Run("what comments cost", s.commentsCost)
		t.Run("a post takes its comments along", s.cascade)
		s.stop()
	})
	t.Run("an index is added to live data", s.addIndex)
	t.Run("so is a field with one", s.addField)
	t.Run("what the data contradicts is refused", s.tighten)
	if isFirstRun {
		t.Run("what is generated gives way", s.giveWay)
		t.Run("a typing error changes nothing", s.mistype)
	}
	t.Run("types that are taken out leave nothing", s.removeTypes)
}

// The visitors, those with the least rights first.
const (
	anonymous = "anonymous"
	stranger  = "stranger"
	editor    = "editor"
	owner     = "owner"
)

var everybody = []string{anonymous, stranger, editor, owner}

type story struct {
	*project
	types    string // what the newcomer writes
	visitors map[string]*visitor
}

func newStory(t *testing.T) *story {
	t.Helper()
	docs, err := os.ReadFile(inRepository("docs/schema.md"))
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```graphql\n(.*?)```").FindStringSubmatch(string(docs))
	if example == nil {
		t.Fatal("docs/schema.md has no example")
	}
	s := &story{newProject(t), example[1], map[string]*visitor{}}
	names := map[string]string{}
	for _, name := range everybody {
		s.visitors[name] = &visitor{name: name, addr: s.addr, names: names}
	}
	return s
}

// addTypes counts, and takes the time.
func (s *story) addTypes(t *testing.T) {
	s.write(t, "schema.graphqls", s.read(t, "schema.graphqls")+"\n"+s.types)
	cold := s.timed(t, "go generate ./...")
	generated := s.tree(t)
	warm := s.timed(t, "go generate ./...")
	if s.tree(t) != generated {
		t.Error("go generate writes something else when it runs again")
	}
	s.shell(t, "go build")
	lines := 0
	for line := range strings.Lines(s.types) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	t.Logf("a newcomer writes %d lines and gives 3 commands: go generate ./..., go build, ./shop", lines)
	t.Logf("go generate takes %.1f s, the first in this project, and %.1f s when it runs again", cold.Seconds(), warm.Seconds())
}

// meet makes the visitors' accounts, objects of theirs for them to ask for, and cursors
// of the third in each of the owner's lists.
func (s *story) meet(t *testing.T) {
	s.start(t, "")
	for _, name := range []string{owner, editor, stranger} {
		v := s.visitors[name]
		v.signUp(t)
		v.names["$"+name] = v.id(t)
	}
	s.visitors[anonymous].wants(t, `{ viewer { posts { edges { cursor } } } }`, "UNAUTHENTICATED")
	s.shell(t, "./shop user role "+editor+"@example.com --add editor")
	s.stop()
	s.start(t, "--anonymous")

	o, e := s.visitors[owner], s.visitors[editor]
	for i := 1; i <= 5; i++ {
		o.makes(t, fmt.Sprintf("$public%d", i), "createPost", fmt.Sprintf(`slug: "public-%d", title: "Public", status: PUBLISHED`, i))
	}
	for i := 1; i <= 5; i++ {
		o.makes(t, fmt.Sprintf("$comment%d", i), "createComment", fmt.Sprintf(`postId: "$public1", body: "Mine %d"`, i))
	}
	e.makes(t, "$remark", "createComment", `postId: "$public1", body: "Not mine"`)
	s.visitors[stranger].makes(t, "$theirs", "createPost", `slug: "theirs", title: "Theirs", status: PUBLISHED`)
	o.makes(t, "$old1", "createPost", `slug: "old-1", title: "Old"`)
	o.makes(t, "$old2", "createPost", `slug: "old-2", title: "Old"`)
	o.makes(t, "$post", "createPost", `slug: "first", title: "First"`)
	o.makes(t, "$comment", "createComment", `postId: "$post", body: "One"`)
	e.makes(t, "$reply", "createComment", `postId: "$post", body: "Two"`)
	o.makes(t, "$todo", "createTodo", `title: "Weave"`)

	third := func(document string) string { return o.page(t, document, "first: 3").Edges[2].Cursor }
	o.names["$third"] = third(`{ viewer { list: posts(PAGE) { FIELDS } } }`)
	o.names["$thirdComment"] = third(`{ viewer { list: comments(PAGE) { FIELDS } } }`)
	o.names["$thirdOfPost"] = third(`{ node(id: "$public1") { ... on Post { list: comments(PAGE) { FIELDS } } } }`)
	o.names["$thirdByStatus"] = third(`{ list: postsByStatus(status: PUBLISHED, PAGE) { FIELDS } }`)
}

// everything has every visitor send the same documents, one after the other.
func (s *story) everything(t *testing.T) {
	const (
		page    = `pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`
		post    = `id slug title status version createdAt updatedAt owner { id } comments(first: 1) { edges { cursor node { body } } ` + page + ` }`
		comment = `id body post { slug } owner { id } version createdAt updatedAt`

		refused = "UNAUTHENTICATED"
		unknown = "NOT_FOUND"
		no      = "FORBIDDEN"
		stale   = "CONFLICT"
	)
	firstComments := `"comments":{"edges":[{"cursor":CURSOR,"node":{"body":"One"}}],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":CURSOR,"endCursor":CURSOR}}`
	noComments := `"comments":{"edges":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null}}`
	firstPost := `{"id":$post,"slug":"first","title":"First","status":"DRAFT","version":1,"createdAt":TIME,"updatedAt":TIME,"owner":{"id":$owner},` + firstComments + `}`
	// What another user may read does not make its owner readable.
	hidingOwner := func(text string) string { return strings.ReplaceAll(text, `"owner":{"id":$owner}`, `"owner":null`) }
	made := `{"createPost":{"clientMutationId":"m","post":{"id":ID,"slug":"by-$me","title":"New","status":"PUBLISHED","version":1,"createdAt":TIME,"updatedAt":TIME,"owner":{"id":$$me},` + noComments + `},"postEdge":{"cursor":CURSOR,"node":{"slug":"by-$me"}}}}`
	commented := `{"createComment":{"clientMutationId":"m","comment":{"id":ID,"body":"By $me","post":{"slug":"first"},"owner":{"id":$$me},"version":1,"createdAt":TIME,"updatedAt":TIME},"commentEdge":{"cursor":CURSOR,"node":{"body":"By $me"}}}}`

	for _, step := range []struct {
		what, document                     string
		anonymous, stranger, editor, owner string
	}{
		{
			"a post by node", `{ node(id: "$post") { __typename ... on Post { ` + post + ` } } }`,
			`{"node":null}`, `{"node":null}`,
			hidingOwner(`{"node":{"__typename":"Post",` + firstPost[1:] + `}`), `{"node":{"__typename":"Post",` + firstPost[1:] + `}`,
		},
		{
			"a post by slug", `{ postBySlug(slug: "first") { ` + post + ` } }`,
			`{"postBySlug":null}`, `{"postBySlug":null}`,
			hidingOwner(`{"postBySlug":` + firstPost + `}`), `{"postBySlug":` + firstPost + `}`,
		},
		{
			"objects of every type by nodes", `{ nodes(ids: ["$post", "$comment", "$reply", "$todo", "$owner", "$theirs"]) { id ... on Post { title } ... on Comment { body } } }`,
			`{"nodes":[null,null,null,null,null,null]}`,
			`{"nodes":[null,null,null,null,null,{"id":$theirs,"title":"Theirs"}]}`,
			`{"nodes":[{"id":$post,"title":"First"},{"id":$comment,"body":"One"},{"id":$reply,"body":"Two"},null,null,{"id":$theirs,"title":"Theirs"}]}`,
			`{"nodes":[{"id":$post,"title":"First"},{"id":$comment,"body":"One"},{"id":$reply,"body":"Two"},{"id":$todo},{"id":$owner},null]}`,
		},
		{
			"a comment of a post", `{ node(id: "$comment") { ... on Comment { ` + comment + ` } } }`,
			`{"node":null}`, `{"node":null}`,
			`{"node":{"id":$comment,"body":"One","post":{"slug":"first"},"owner":null,"version":1,"createdAt":TIME,"updatedAt":TIME}}`,
			`{"node":{"id":$comment,"body":"One","post":{"slug":"first"},"owner":{"id":$owner},"version":1,"createdAt":TIME,"updatedAt":TIME}}`,
		},
		{
			"another's comment of one's post", `{ node(id: "$reply") { ... on Comment { body owner { id } } } }`,
			`{"node":null}`, `{"node":null}`, `{"node":{"body":"Two","owner":{"id":$editor}}}`, `{"node":{"body":"Two","owner":null}}`,
		},
		{
			"posts by status", `{ postsByStatus(status: DRAFT) { edges { cursor node { slug } } ` + page + ` } }`,
			`{"postsByStatus":{"edges":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null}}}`,
			`{"postsByStatus":{"edges":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":null,"endCursor":null}}}`,
			`{"postsByStatus":{"edges":[{"cursor":CURSOR,"node":{"slug":"old-1"}},{"cursor":CURSOR,"node":{"slug":"old-2"}},{"cursor":CURSOR,"node":{"slug":"first"}}],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":CURSOR,"endCursor":CURSOR}}}`,
			`{"postsByStatus":{"edges":[{"cursor":CURSOR,"node":{"slug":"old-1"}},{"cursor":CURSOR,"node":{"slug":"old-2"}},{"cursor":CURSOR,"node":{"slug":"first"}}],"pageInfo":{"hasNextPage":false,"hasPreviousPage":false,"startCursor":CURSOR,"endCursor":CURSOR}}}`,
		},
		{
			"one's own", `{ viewer { posts(last: 1) { edges { node { title } } } comments(last: 1) { edges { node { body } } } } }`,
			`{"viewer":null}`,
			`{"viewer":{"posts":{"edges":[{"node":{"title":"Theirs"}}]},"comments":{"edges":[]}}}`,
			`{"viewer":{"posts":{"edges":[]},"comments":{"edges":[{"node":{"body":"Two"}}]}}}`,
			`{"viewer":{"posts":{"edges":[{"node":{"title":"First"}}]},"comments":{"edges":[{"node":{"body":"One"}}]}}}`,
		},
		{
			"what comes after a place", `{ viewer { posts(first: 1, after: "$third") { edges { node { slug } } } comments(first: 1, after: "$thirdComment") { edges { node { body } } } }
				postsByStatus(status: PUBLISHED, first: 1, after: "$thirdByStatus") { edges { node { slug } } }
				node(id: "$public1") { ... on Post { comments(first: 1, after: "$thirdOfPost") { edges { node { body } } } } } }`,
			"BAD_USER_INPUT after", // another's place
			"BAD_USER_INPUT after, BAD_USER_INPUT after, BAD_USER_INPUT after",
			"BAD_USER_INPUT after, BAD_USER_INPUT after, BAD_USER_INPUT after, BAD_USER_INPUT after",
			`{"viewer":{"posts":{"edges":[{"node":{"slug":"public-4"}}]},"comments":{"edges":[{"node":{"body":"Mine 4"}}]}},"postsByStatus":{"edges":[{"node":{"slug":"public-4"}}]},"node":{"comments":{"edges":[{"node":{"body":"Mine 4"}}]}}}`,
		},
		{
			"what comes before it", `{ viewer { posts(last: 1, before: "$third") { edges { node { slug } } } comments(last: 1, before: "$thirdComment") { edges { node { body } } } }
				postsByStatus(status: PUBLISHED, last: 1, before: "$thirdByStatus") { edges { node { slug } } }
				node(id: "$public1") { ... on Post { comments(last: 1, before: "$thirdOfPost") { edges { node { body } } } } } }`,
			"BAD_USER_INPUT before",
			"BAD_USER_INPUT before, BAD_USER_INPUT before, BAD_USER_INPUT before",
			"BAD_USER_INPUT before, BAD_USER_INPUT before, BAD_USER_INPUT before, BAD_USER_INPUT before",
			`{"viewer":{"posts":{"edges":[{"node":{"slug":"public-2"}}]},"comments":{"edges":[{"node":{"body":"Mine 2"}}]}},"postsByStatus":{"edges":[{"node":{"slug":"public-2"}}]},"node":{"comments":{"edges":[{"node":{"body":"Mine 2"}}]}}}`,
		},
		{
			"making a post", `mutation { createPost(input: {slug: "by-$me", title: "New", status: PUBLISHED, clientMutationId: "m"}) { clientMutationId post { ` + post + ` } postEdge { cursor node { slug } } } }`,
			refused, made, made, made,
		},
		{
			"commenting on a post", `mutation { createComment(input: {postId: "$post", body: "By $me", clientMutationId: "m"}) { clientMutationId comment { ` + comment + ` } commentEdge { cursor node { body } } } }`,
			refused, unknown + " postId", commented, commented,
		},
		{
			"giving a post an id that is none", `mutation { createPost(input: {id: "first", slug: "odd-$me", title: "Odd"}) { post { id } } }`,
			"BAD_USER_INPUT id", "BAD_USER_INPUT id", "BAD_USER_INPUT id", "BAD_USER_INPUT id",
		},
		{
			"giving a comment the id of a post", `mutation { createComment(input: {id: "$post", postId: "$post", body: "Odd"}) { comment { id } } }`,
			"BAD_USER_INPUT id", "BAD_USER_INPUT id", "BAD_USER_INPUT id", "BAD_USER_INPUT id",
		},
		{
			"changing a post", `mutation { updatePost(input: {id: "$post", title: "By $me", status: PUBLISHED, clientMutationId: "m"}) { clientMutationId post { title status version } postEdge { cursor node { title } } } }`,
			unknown, unknown,
			`{"updatePost":{"clientMutationId":"m","post":{"title":"By $me","status":"PUBLISHED","version":2},"postEdge":{"cursor":CURSOR,"node":{"title":"By $me"}}}}`,
			`{"updatePost":{"clientMutationId":"m","post":{"title":"By $me","status":"PUBLISHED","version":3},"postEdge":{"cursor":CURSOR,"node":{"title":"By $me"}}}}`,
		},
		{
			"changing a post as it was", `mutation { updatePost(input: {id: "$post", title: "Late", expectedVersion: 2}) { post { title } } }`,
			unknown, unknown, stale, stale,
		},
		{
			"changing a comment", `mutation { updateComment(input: {id: "$comment", body: "By $me", clientMutationId: "m"}) { clientMutationId comment { body version } commentEdge { cursor node { body } } } }`,
			unknown, unknown, no,
			`{"updateComment":{"clientMutationId":"m","comment":{"body":"By $me","version":2},"commentEdge":{"cursor":CURSOR,"node":{"body":"By $me"}}}}`,
		},
		{
			"changing another's comment", `mutation { updateComment(input: {id: "$reply", body: "By $me"}) { comment { body } } }`,
			unknown, unknown, `{"updateComment":{"comment":{"body":"By $me"}}}`, no,
		},
		{
			"changing a comment as it was", `mutation { updateComment(input: {id: "$comment", body: "Late", expectedVersion: 1}) { comment { body } } }`,
			unknown, unknown, no, stale,
		},
		{
			"deleting a comment as it was", `mutation { deleteComment(input: {id: "$comment", expectedVersion: 1}) { deletedCommentId } }`,
			unknown, unknown, no, stale,
		},
		{
			"deleting a comment", `mutation { deleteComment(input: {id: "$comment", expectedVersion: 2, clientMutationId: "m"}) { clientMutationId deletedCommentId comment { body post { slug } } } }`,
			unknown, unknown, no,
			`{"deleteComment":{"clientMutationId":"m","deletedCommentId":$comment,"comment":{"body":"By owner","post":{"slug":"first"}}}}`,
		},
		{
			"deleting a post as it was", `mutation { deletePost(input: {id: "$post", expectedVersion: 1}) { deletedPostId } }`,
			unknown, unknown, no, stale,
		},
		{
			"deleting a post", `mutation { deletePost(input: {id: "$post", expectedVersion: 3, clientMutationId: "m"}) { clientMutationId deletedPostId post { title } } }`,
			unknown, unknown, no,
			`{"deletePost":{"clientMutationId":"m","deletedPostId":$post,"post":{"title":"By owner"}}}`,
		},
		{
			"what has been deleted", `{ nodes(ids: ["$post", "$comment", "$reply"]) { id } postBySlug(slug: "first") { id } }`,
			`{"nodes":[null,null,null],"postBySlug":null}`, `{"nodes":[null,null,null],"postBySlug":null}`,
			`{"nodes":[null,null,null],"postBySlug":null}`, `{"nodes":[null,null,null],"postBySlug":null}`,
		},
	} {
		t.Run(step.what, func(t *testing.T) {
			for _, name := range everybody {
				s.visitors[name].wants(t, step.document, map[string]string{
					anonymous: step.anonymous, stranger: step.stranger, editor: step.editor, owner: step.owner,
				}[name])
			}
		})
	}
}

// filters asks for every list by every field of its filter, of which one lets nothing through.
func (s *story) filters(t *testing.T) {
	const ask = `{
		viewer { posts(filter: {and: [], or: [], not: {}, id: {eq: "$post"}, createdAt: {gt: "2026-01-01T00:00:00Z"}, updatedAt: {exists: true}, slug: {eq: "a"},
			title: {beginsWith: "a"}, status: {eq: DRAFT, ne: PUBLISHED, in: [DRAFT], exists: true}}) { totalCount edges { cursor } } comments(filter: {or: []}) { edges { cursor } } }
		node(id: "$post") { ... on Post { comments(filter: {and: [], or: [], not: {}, id: {eq: "$post"}, createdAt: {gt: "2026-01-01T00:00:00Z"},
			updatedAt: {exists: true}, body: {contains: "a"}, post: {eq: "$post"}}) { totalCount edges { cursor } } } }
		postsByStatus(status: DRAFT, filter: {or: []}) { edges { cursor } }
	}`
	for _, name := range everybody {
		viewer := `{"posts":{"totalCount":0,"edges":[]},"comments":{"edges":[]}}`
		if name == anonymous {
			viewer = "null"
		}
		s.visitors[name].wants(t, ask, `{"viewer":`+viewer+`,"node":null,"postsByStatus":{"edges":[]}}`)
	}
}

// coverage wants every visitor to have asked for every field, argument and input field
// that the newcomer's types have brought.
func (s *story) coverage(t *testing.T) {
	before := loadSchema(t, s.shell(t, "git show HEAD:graph/schema.graphqls"))
	now := loadSchema(t, s.read(t, "graph/schema.graphqls"))
	brought := slices.DeleteFunc(coordinates(now), func(name string) bool { return slices.Contains(coordinates(before), name) })
	if len(brought) < 100 {
		t.Fatalf("the types bring %d fields, arguments and input fields: %q", len(brought), brought)
	}
	for _, name := range everybody {
		asked := map[string]bool{}
		for _, document := range s.visitors[name].asked {
			mark(t, asked, now, document)
		}
		for _, wanted := range brought {
			if !asked[wanted] {
				t.Errorf("%s has not asked for %s", name, wanted)
			}
		}
	}
	t.Logf("there are %d new fields, arguments and input fields, and each of %d visitors has asked for all", len(brought), len(everybody))
}

func loadSchema(t *testing.T, sdl string) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "graph/schema.graphqls", Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// coordinates returns `Post.title`, `Post.comments(first:)`, `CreatePostInput.title` and
// so on, of all that a document can ask for.
func coordinates(schema *ast.Schema) []string {
	var all []string
	for _, definition := range schema.Types {
		if definition.BuiltIn || definition.Kind != ast.Object && definition.Kind != ast.InputObject {
			continue
		}
		for _, field := range definition.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			name := definition.Name + "." + field.Name
			all = append(all, name)
			for _, argument := range field.Arguments {
				all = append(all, fmt.Sprintf("%s(%s:)", name, argument.Name))
			}
		}
	}
	slices.Sort(all)
	return all
}

// mark marks what a document asks for.
func mark(t *testing.T, asked map[string]bool, schema *ast.Schema, document string) {
	t.Helper()
	query, errs := gqlparser.LoadQueryWithRules(schema, document, nil)
	if errs != nil {
		t.Fatalf("%s: %v", document, errs)
	}
	var inputs func(*ast.Value)
	inputs = func(value *ast.Value) {
		for _, field := range value.Children {
			asked[value.Definition.Name+"."+field.Name] = true
			inputs(field.Value)
		}
	}
	var selections func(ast.SelectionSet)
	selections = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch selection := selection.(type) {
			case *ast.Field:
				name := selection.ObjectDefinition.Name + "." + selection.Name
				asked[name] = true
				for _, argument := range selection.Arguments {
					asked[fmt.Sprintf("%s(%s:)", name, argument.Name)] = true
					inputs(argument.Value)
				}
				selections(selection.SelectionSet)
			case *ast.InlineFragment:
				selections(selection.SelectionSet)
			}
		}
	}
	for _, operation := range query.Operations {
		selections(operation.SelectionSet)
	}
}

// refusals are what the owner is refused, with code and field.
func (s *story) refusals(t *testing.T) {
	o := s.visitors[owner]
	const list = ` { edges { cursor } } `
	for what, test := range map[string]struct{ document, want string }{
		"a slug that one has": {`mutation { createPost(input: {slug: "old-1", title: "T"}) { post { id } } }`, "CONFLICT slug"},
		"another's slug":      {`mutation { createPost(input: {slug: "theirs", title: "T"}) { post { id } } }`, "CONFLICT slug"},
		"a slug beyond a key": {`mutation { createPost(input: {slug: "` + strings.Repeat("x", 3000) + `", title: "T"}) { post { id } } }`, "BAD_USER_INPUT slug"},
		"a slug that changes": {`mutation { updatePost(input: {id: "$old1", slug: "new"}) { post { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a slug of nothing":   {`mutation { createPost(input: {title: "T"}) { post { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a long title":        {`mutation { createPost(input: {slug: "long", title: "` + strings.Repeat("ö", 201) + `"}) { post { id } } }`, "BAD_USER_INPUT title"},
		"a title made long":   {`mutation { updatePost(input: {id: "$old1", title: "` + strings.Repeat("x", 201) + `"}) { post { id } } }`, "BAD_USER_INPUT title"},
		"a status of none":    {`mutation { createPost(input: {slug: "none", title: "T", status: LOST}) { post { id } } }`, "GRAPHQL_VALIDATION_FAILED"},

		"a comment on a comment":          {`mutation { createComment(input: {postId: "$comment1", body: "B"}) { comment { id } } }`, "NOT_FOUND postId"},
		"a comment on another's post":     {`mutation { createComment(input: {postId: "$theirs", body: "B"}) { comment { id } } }`, "NOT_FOUND postId"},
		"a comment on a deleted post":     {`mutation { createComment(input: {postId: "$post", body: "B"}) { comment { id } } }`, "NOT_FOUND postId"},
		"a comment on no post":            {`mutation { createComment(input: {postId: "1", body: "B"}) { comment { id } } }`, "NOT_FOUND postId"},
		"a comment that moves":            {`mutation { updateComment(input: {id: "$comment1", postId: "$old1"}) { comment { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		"a comment deleted as a post":     {`mutation { deletePost(input: {id: "$comment1"}) { deletedPostId } }`, "NOT_FOUND"},
		"deleting what has been deleted":  {`mutation { deletePost(input: {id: "$post"}) { deletedPostId } }`, "NOT_FOUND"},
		"changing what has been deleted":  {`mutation { updateComment(input: {id: "$comment", body: "B"}) { comment { id } } }`, "NOT_FOUND"},
		"changing it with a version":      {`mutation { updateComment(input: {id: "$comment", expectedVersion: 1}) { comment { id } } }`, "NOT_FOUND"},
		"a cursor of nothing, after":      {`{ postsByStatus(status: PUBLISHED, after: "x")` + list + `}`, "BAD_USER_INPUT after"},
		"a cursor of nothing, before":     {`{ viewer { comments(before: "x")` + list + `} }`, "BAD_USER_INPUT before"},
		"a cursor of another order":       {`{ postsByStatus(status: PUBLISHED, after: "$third")` + list + `}`, "BAD_USER_INPUT after"},
		"and the other way round":         {`{ viewer { posts(last: 1, before: "$thirdByStatus")` + list + `} }`, "BAD_USER_INPUT before"},
		"a cursor of another type":        {`{ viewer { comments(after: "$third")` + list + `} }`, "BAD_USER_INPUT after"},
		"a page from either end":          {`{ viewer { posts(first: 1, last: 1)` + list + `} }`, "BAD_USER_INPUT last"},
		"a page too long":                 {`{ postsByStatus(status: DRAFT, first: 101)` + list + `}`, "BAD_USER_INPUT first"},
		"a page too long, from the end":   {`{ postsByStatus(status: DRAFT, last: 101)` + list + `}`, "BAD_USER_INPUT last"},
		"a page of less than nothing":     {`{ viewer { comments(first: -1)` + list + `} }`, "BAD_USER_INPUT first"},
		"more nodes than a batch may get": {`{ nodes(ids: [` + strings.Repeat(`"$old1", `, 101) + `]) { id } }`, "BAD_USER_INPUT ids"},
	} {
		t.Run(what, func(t *testing.T) { o.wants(t, test.document, test.want) })
	}
	for what, test := range map[string]struct{ document, want string }{
		"a title as long as may be": {`mutation { updatePost(input: {id: "$public5", title: "` + strings.Repeat("ö", 200) + `"}) { post { version } } }`, `{"updatePost":{"post":{"version":2}}}`},
		"a default for null":        {`mutation { createPost(input: {slug: "null", title: "T", status: null}) { post { status } } }`, `{"createPost":{"post":{"status":"DRAFT"}}}`},
		"null that changes nothing": {`mutation { updatePost(input: {id: "$public4", title: null, status: null}) { post { title status version } } }`, `{"updatePost":{"post":{"title":"Public","status":"PUBLISHED","version":1}}}`},
		"a place in another list":   {`{ node(id: "$public1") { ... on Post { comments(first: 1, after: "$thirdComment") { edges { node { body } } } } } }`, "BAD_USER_INPUT after"},
		"the same node twice":       {`{ nodes(ids: ["$old1", "x", "$old1"]) { id } }`, `{"nodes":[{"id":$old1},null,{"id":$old1}]}`},
		"a page of nothing":         {`{ viewer { posts(first: 0) { edges { cursor } pageInfo { hasNextPage } } } }`, `{"viewer":{"posts":{"edges":[],"pageInfo":{"hasNextPage":true}}}}`},
	} {
		t.Run(what, func(t *testing.T) { o.wants(t, test.document, test.want) })
	}
}

// commentsCost holds what it costs in reads by id to list the comments of many posts, which are
// to be read by whoever may read the post.
func (s *story) commentsCost(t *testing.T) {
	const many = 50
	v := &visitor{name: "busy", addr: s.addr, names: s.visitors[owner].names}
	v.signUp(t)
	var ids []string
	for i := range many {
		v.makes(t, "$many", "createPost", fmt.Sprintf(`slug: "many-%d", title: "Title"`, i))
		v.makes(t, "$one", "createComment", `postId: "$many", body: "Body"`)
		ids = append(ids, strconv.Quote(v.names["$many"]))
	}
	delete(v.names, "$many")
	delete(v.names, "$one")
	const comments = "comments(first: 1) { edges { node { body post { title } } } }"
	for _, test := range []struct {
		name, document string
		lists          int // each a Query
		most           int // reads by id, beside the session's
	}{
		{"of posts that were read by id", "{ nodes(ids: [" + strings.Join(ids, " ") + "]) { ... on Post { " + comments + " } } }", many, 1},
		{"of posts of a list", "{ viewer { posts(first: 50) { edges { node { " + comments + " } } } } }", many + 1, many / 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answer struct {
				Data       json.RawMessage
				Extensions struct{ Cost struct{ Calls int } }
			}
			body, err := json.Marshal(map[string]string{"query": test.document})
			if err != nil {
				t.Fatal(err)
			}
			v.post(t, "/graphql", string(body), &answer)
			data := string(answer.Data)
			if found := strings.Count(data, "Body"); found != many || strings.Count(data, "Title") != many {
				t.Errorf("%d comments, want %d: %s", found, many, data)
			}
			if reads := answer.Extensions.Cost.Calls - test.lists - 1; reads < 0 || reads > test.most {
				t.Errorf("%d reads by id, want at most %d", reads, test.most)
			} else {
				t.Log(reads, "reads by id")
			}
		})
	}
}

// cascade deletes a post with more comments, of two users, than go in one batch.
func (s *story) cascade(t *testing.T) {
	const batches, perBatch = 6, 20
	o, e := s.visitors[owner], s.visitors[editor]
	o.makes(t, "$busy", "createPost", `slug: "busy", title: "Busy", status: PUBLISHED`)
	for i := range batches {
		v := []*visitor{o, e}[i%2]
		var document strings.Builder
		for j := range perBatch {
			fmt.Fprintf(&document, ` c%d: createComment(input: {postId: "$busy", body: "Busy"}) { comment { version } }`, j)
		}
		if _, problems := v.query(t, "mutation {"+document.String()+" }"); problems != "" {
			t.Fatal(problems)
		}
	}
	commented := func(v *visitor) (n int) {
		page := v.page(t, `{ viewer { list: comments(PAGE) { FIELDS } } }`, "last: 100")
		return len(page.Edges)
	}
	before := map[*visitor]int{o: commented(o), e: commented(e)}
	o.wants(t, `mutation { deletePost(input: {id: "$busy"}) { post { slug comments { edges { cursor } } } } }`,
		`{"deletePost":{"post":{"slug":"busy","comments":{"edges":[]}}}}`)
	for v, count := range before {
		if left := commented(v); left != count-batches/2*perBatch {
			t.Errorf("%s has %d comments of %d left, want %d fewer", v.name, left, count, batches/2*perBatch)
		}
	}
	o.wants(t, `mutation { createPost(input: {slug: "busy", title: "Again"}) { post { version } } }`, `{"createPost":{"post":{"version":1}}}`)
}

// addIndex lists by a field by which there was no list when the posts were made.
func (s *story) addIndex(t *testing.T) {
	s.replace(t, "schema.graphqls", `title: String! @validate(type: maxLength, value: "200")
  status`, `title: String! @validate(type: maxLength, value: "200") @index(sortKeyFields: ["createdAt"], queryField: "postsByTitle")
  status`)
	s.shell(t, "go generate ./... && go build")
	if plan := s.shell(t, "./shop tables --plan"); !regexp.MustCompile(`^create index title-createdAt of table \S*posts$`).MatchString(plan) {
		t.Errorf("ownql tables --plan says %q", plan)
	}
	s.start(t, "--anonymous")
	const old = `{ postsByTitle(title: "Old") { edges { node { slug } } } }`
	const oldPosts = `{"postsByTitle":{"edges":[{"node":{"slug":"old-1"}},{"node":{"slug":"old-2"}}]}}`
	s.visitors[anonymous].wants(t, old, `{"postsByTitle":{"edges":[]}}`)
	s.visitors[stranger].wants(t, old, `{"postsByTitle":{"edges":[]}}`)
	s.visitors[editor].wants(t, old, oldPosts)
	s.visitors[owner].wants(t, old, oldPosts)
	s.visitors[owner].makes(t, "$old3", "createPost", `slug: "old-3", title: "Old"`)
	s.visitors[owner].wants(t, `{ postsByTitle(title: "Old", sortDirection: DESC, first: 2) { edges { node { slug } } } }`,
		`{"postsByTitle":{"edges":[{"node":{"slug":"old-3"}},{"node":{"slug":"old-2"}}]}}`)
	s.stop()
}

// addField adds what the posts do not have, and lists by its default.
func (s *story) addField(t *testing.T) {
	s.replace(t, "schema.graphqls", "  comments: [Comment!]! @hasMany\n", `  comments: [Comment!]! @hasMany
  likes: Int! @default(value: "0") @validate(type: gte, value: "0") @index(queryField: "postsByLikes")
`)
	s.shell(t, "go generate ./... && go build")
	s.wantsRefusal(t, `^shop: fill likes of table \S*posts: some items have none, .*; \S+ tables --fill. does that first\n$`)
	s.shell(t, "./shop tables --fill")
	s.start(t, "")
	o := s.visitors[owner]
	o.wants(t, `{ postsByLikes(likes: 0, first: 2) { edges { node { slug likes version } } } }`,
		`{"postsByLikes":{"edges":[{"node":{"slug":"public-1","likes":0,"version":1}},{"node":{"slug":"public-2","likes":0,"version":1}}]}}`)
	o.wants(t, `mutation { updatePost(input: {id: "$public1", likes: 1}) { post { likes version } } }`, `{"updatePost":{"post":{"likes":1,"version":2}}}`)
	o.wants(t, `mutation { updatePost(input: {id: "$public1", likes: -1}) { post { likes } } }`, "BAD_USER_INPUT likes")
	o.wants(t, `{ one: postsByLikes(likes: 1) { edges { node { slug } } } rest: postsByLikes(likes: 0, first: 1) { edges { node { slug } } } }`,
		`{"one":{"edges":[{"node":{"slug":"public-1"}}]},"rest":{"edges":[{"node":{"slug":"public-2"}}]}}`)
	s.stop()
}

// tighten adds a field that no post has and every post must have, and has no two todos
// of one title.
func (s *story) tighten(t *testing.T) {
	s.replace(t, "schema.graphqls", "  likes: Int!", "  summary: String!\n  likes: Int!")
	s.replace(t, "schema.graphqls", `title: String! @validate(type: maxLength, value: "200")
  "Whether`, `title: String! @validate(type: maxLength, value: "200") @unique
  "Whether`)
	s.shell(t, "go generate ./... && go build")
	s.wantsRefusal(t, `^shop: refuse summary of table \S*posts: .*; else give it a @default, or let it be null\n`+
		`fill \S*todos of table \S*uniques: .*; \S+ tables --fill. does that first\n$`)
	s.replace(t, "schema.graphqls", "  summary: String!", `  summary: String! @default(value: "None")`)
	s.shell(t, "go generate ./... && go build")
	s.wantsRefusal(t, `^shop: fill \S*todos of table \S*uniques: .*; \S+ tables --fill. does that first\n$`)
	s.shell(t, "./shop tables --fill")
	s.start(t, "")
	o := s.visitors[owner]
	o.wants(t, `{ postBySlug(slug: "old-1") { summary version } }`, `{"postBySlug":{"summary":"None","version":1}}`)
	o.wants(t, `{ todoByTitle(title: "Weave") { id } }`, `{"todoByTitle":{"id":$todo}}`)
	o.wants(t, `mutation { createTodo(input: {title: "Weave"}) { todo { id } } }`, "CONFLICT title")
	s.stop()
}

// wantsRefusal wants `ownql tables` to refuse in such words and, where the server makes
// its tables itself, that to do so in the same.
func (s *story) wantsRefusal(t *testing.T, words string) {
	t.Helper()
	said := s.fails(t, "./shop tables")
	if !regexp.MustCompile(words).MatchString(said) {
		t.Errorf("ownql tables says %q, want %s", said, words)
	}
	if newcomerMigrates != "" {
		return
	}
	if served := s.fails(t, "./shop serve"); served != said {
		t.Errorf("ownql serve says %q, want %q", served, said)
	}
}

const ownStore = `package store

import (
	"context"
	"strings"

	"github.com/ownql/ownql/model"
)

// CreatePost keeps a new post, whose title has no spaces around it.
func (s *Store) CreatePost(ctx context.Context, caller model.Caller, input CreatePostInput) (*Post, error) {
	return s.Posts.Create(ctx, caller, func(post *Post) {
		post.Slug, post.Title = input.Slug, strings.TrimSpace(input.Title)
		model.SetIfGiven(&post.Status, input.Status)
	})
}

// Length returns how many bytes the title has.
func (p *Post) Length() int { return len(p.Title) }
`

const ownDirective = `package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// upper carries out @upper.
func upper(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	if text, ok := value.(string); ok {
		value = strings.ToUpper(text)
	}
	return value, err
}
`

const ownResolver = `package graph

import (
	"context"
	"strings"

	"github.com/ownql/ownql/gql"
	"example.com/shop/store"
)

// PostBySlug is the resolver for the postBySlug field.
func (r *queryResolver) PostBySlug(ctx context.Context, slug string) (*store.Post, error) {
	return gql.OrNull(r.resolver.Store.Posts.ByUnique(ctx, gql.Caller(ctx), "slug", strings.ToLower(slug)))
}
`

// giveWay writes by hand what was generated, and what is not kept.
func (s *story) giveWay(t *testing.T) {
	s.shell(t, "git add -A")
	s.write(t, "store/post.go", ownStore)
	s.replace(t, "schema.graphqls", "  comments: [Comment!]! @hasMany\n", `  comments: [Comment!]! @hasMany
  length: Int! @computed
  excerpt(length: Int! = 3): String! @upper
`)
	s.write(t, "schema.graphqls", s.read(t, "schema.graphqls")+"\ndirective @upper on FIELD_DEFINITION\n")
	if said := s.fails(t, "go generate ./..."); !regexp.MustCompile(`(?m)^schema\.graphqls:\d+:12: nothing carries out @upper`).MatchString(said) {
		t.Errorf("go generate says %q, want where the directive is", said)
	}
	s.write(t, "graph/upper.go", ownDirective)
	s.replace(t, "graph/resolver.go", "DirectiveRoot{}", "DirectiveRoot{Upper: upper}")
	s.shell(t, "go generate ./...")
	if generated := s.read(t, "store/post_gen.go"); strings.Contains(generated, ") CreatePost(") || !strings.Contains(generated, ") UpdatePost(") {
		t.Errorf("store/post_gen.go does not leave CreatePost, and that alone, to store/post.go:\n%s", generated)
	}
	const resolvers = "graph/schema.resolvers.go"
	s.replace(t, resolvers, `return "", gql.NotImplemented("Post.excerpt")`, `return obj.Title[:min(length, len(obj.Title))], nil`)
	s.replace(t, resolvers, "\t\"github.com/ownql/ownql/gql\"\n", "")
	s.write(t, "graph/slug.go", ownResolver)
	s.shell(t, "go generate ./...")
	if strings.Contains(s.read(t, "graph/resolvers_gen.go"), ") PostBySlug(") {
		t.Error("graph/resolvers_gen.go does not leave PostBySlug to graph/slug.go")
	}
	byHand := s.tree(t)
	s.shell(t, "go generate ./... && go vet ./... && go build")
	if s.tree(t) != byHand {
		t.Error("go generate changes what was written by hand:\n" + s.shell(t, "git diff "+byHand))
	}
	s.start(t, "")
	s.visitors[owner].wants(t, `mutation { createPost(input: {slug: "spaced", title: "  Spaced "}) { post { title length excerpt whole: excerpt(length: 9) } } }`,
		`{"createPost":{"post":{"title":"Spaced","length":6,"excerpt":"SPA","whole":"SPACED"}}}`)
	s.visitors[owner].wants(t, `{ postBySlug(slug: "SPACED") { title } }`, `{"postBySlug":{"title":"Spaced"}}`)
	s.stop()
	s.shell(t, "git checkout -q . && git clean -fdq")
}

// mistype wants the place of the error, and the files as they were.
func (s *story) mistype(t *testing.T) {
	for right, wrong := range map[string]string{"@immutable": "@imutable", "[Comment!]!": "[Coment!]!", "enum PostStatus {": "enum PostStatus"} {
		s.replace(t, "schema.graphqls", right, wrong)
		before := s.tree(t)
		said := s.fails(t, "go generate ./...")
		if !regexp.MustCompile(`(?m)^schema\.graphqls:\d+:\d+: `).MatchString(said) {
			t.Errorf("%s for %s: go generate says %q, which begins with no place", wrong, right, said)
		}
		if s.tree(t) != before {
			t.Errorf("%s for %s: go generate fails, and changes files", wrong, right)
		}
		t.Logf("%s for %s: %s", wrong, right, said)
		s.replace(t, "schema.graphqls", wrong, right)
	}
}

// removeTypes goes back to where the newcomer began, but for the data.
func (s *story) removeTypes(t *testing.T) {
	s.shell(t, "git reset -q && git checkout -q schema.graphqls && go generate ./... && go build")
	if out := s.shell(t, "git status --porcelain"); out != "" {
		t.Errorf("there is left\n%s", out)
	}
	const orphans = `(?m)orphan table \S*comments: .* put the type back, .*$\n.*orphan table \S*posts: .* put the type back, `
	if said := s.fails(t, "./shop tables"); !regexp.MustCompile(orphans).MatchString(said) {
		t.Errorf("ownql tables says %q, want what to do about the data", said)
	}
	s.serve(t, "2> serve.log")
	if said := s.read(t, "serve.log"); newcomerMigrates == "" && !regexp.MustCompile(orphans).MatchString(said) {
		t.Errorf("ownql serve logs %q, want what to do about the data", said)
	}
	s.visitors[owner].wants(t, `{ postBySlug(slug: "old-1") { id } }`, "GRAPHQL_VALIDATION_FAILED")
	s.visitors[owner].wants(t, `{ nodes(ids: ["$old1", "$todo"]) { id } }`, `{"nodes":[null,{"id":$todo}]}`)
	s.stop()
}

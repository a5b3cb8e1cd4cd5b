package graph_test

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/ownqltest"
)

// TestFilter asks for lists under filters as a client does: by literals, by variables, and by what
// GraphQL or the server refuses.
func TestFilter(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	for _, title := range []string{"warp", "weft", "loom"} {
		server.Query(t, ada, `mutation ($title: String!) { createNote(input: { title: $title }) { note { id } } }`, map[string]any{"title": title})
	}
	const withFilter = `query ($f: NoteFilter) { viewer { notes(filter: $f) { edges { node { title } } } } }`
	const all = `warp weft loom`
	type object = map[string]any
	for _, test := range []struct {
		name, document string
		variables      object
		want           string // the titles, or a part of the error
	}{
		{"none", `{ viewer { notes { edges { node { title } } } } }`, nil, all},
		{"null", `{ viewer { notes(filter: null) { edges { node { title } } } } }`, nil, all},
		{"nothing in it", `{ viewer { notes(filter: {}) { edges { node { title } } } } }`, nil, all},
		{"a literal", `{ viewer { notes(filter: { title: { beginsWith: "w" } }) { edges { node { title } } } } }`, nil, `warp weft`},
		{"from its end", `{ viewer { notes(filter: { title: { beginsWith: "w" } }, last: 1) { edges { node { title } } } } }`, nil, `weft`},
		{"a variable", withFilter, object{"f": object{"title": object{"in": []any{"loom", "warp"}}, "done": object{"eq": false}}}, `warp loom`},
		{"a variable that is null", withFilter, object{"f": nil}, all},
		{"no variable", withFilter, nil, all},
		{"a variable within", `query ($t: String) { viewer { notes(filter: { title: { ne: $t } }) { edges { node { title } } } } }`, object{"t": "loom"}, `warp weft`},
		{"a variable within that is absent", `query ($t: String) { viewer { notes(filter: { title: { eq: $t } }) { edges { node { title } } } } }`, nil, all},
		{"a variable within that is null", `query ($t: String) { viewer { notes(filter: { title: { eq: $t } }) { edges { node { title } } } } }`, object{"t": nil}, ``},
		{"one value for a list", withFilter, object{"f": object{"or": object{"title": object{"in": "weft"}}}}, `weft`},
		{"by one's own time", withFilter, object{"f": object{"createdAt": object{"lt": "2020-01-01T00:00:00Z"}}}, ``},

		{"a field that is none", withFilter, object{"f": object{"owner": object{"eq": "x"}}}, `"message":"variable $f.owner: NoteFilter has no such field"`},
		{"an operator that is none", withFilter, object{"f": object{"done": object{"gt": true}}}, `"message":"variable $f.done.gt: BooleanFilter has no such field"`},
		{"another type", withFilter, object{"f": object{"title": object{"eq": 1}}}, `"message":"variable $f.title.eq: a String is text in quotes"`},
		{"null in a list", withFilter, object{"f": object{"title": object{"in": []any{nil}}}}, `"message":"variable $f.title.in[0]: null is no String!"`},
		{"no moment", withFilter, object{"f": object{"createdAt": object{"lt": "soon"}}}, `"message":"variable $f.createdAt.lt: `},
		{"a literal of another type", `{ viewer { notes(filter: { done: { eq: "yes" } }) { edges { node { title } } } } }`, nil, `done.eq of notes: a Boolean is true or false`},
		{"a null that says nothing", withFilter, object{"f": object{"and": []any{object{"title": object{"gt": nil}}}}},
			`"message":"filter.and[0].title.gt: null has no meaning here: what is null is found by exists: false","path":["viewer","notes"],"locations":[{"line":1,"column":35}],"extensions":{"code":"BAD_USER_INPUT","field":"filter.and[0].title.gt"}`},
		{"bounds that are not two", withFilter, object{"f": object{"title": object{"between": "a"}}}, `"field":"filter.title.between"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := server.Query(t, ada, test.document, test.variables)
			if strings.Contains(test.want, ":") {
				if !strings.Contains(body, test.want) {
					t.Errorf("%s\nwant %s", body, test.want)
				}
				return
			}
			var titles []string
			for _, part := range strings.Split(body, `"title":"`)[1:] {
				title, _, _ := strings.Cut(part, `"`)
				titles = append(titles, title)
			}
			if got := strings.Join(titles, " "); got != test.want || strings.Contains(body, "errors") {
				t.Errorf("%s\nwant %s", body, test.want)
			}
		})
	}
}

// TestTotalCount counts what is on all pages, for whoever may read all of it.
func TestTotalCount(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada, eve := server.SignUp(t, "ada@example.com"), server.SignUp(t, "eve@example.com")
	for _, title := range []string{"warp", "weft", "loom"} {
		server.Query(t, ada, `mutation ($title: String!) { createNote(input: { title: $title }) { note { id } } }`, map[string]any{"title": title})
	}
	const counts = `{ viewer {
		first: notes(first: 1) { totalCount } last: notes(last: 2) { totalCount } none: notes(first: 0) { totalCount edges { cursor } }
		filtered: notes(filter: { title: { beginsWith: "w" } }, first: 1) { totalCount edges { node { title } } }
	} }`
	want := `{"data":{"viewer":{"first":{"totalCount":3},"last":{"totalCount":3},"none":{"totalCount":3,"edges":[]},` +
		`"filtered":{"totalCount":2,"edges":[{"node":{"title":"warp"}}]}}}`
	if got := server.Query(t, ada, counts, nil); !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := server.Query(t, eve, counts, nil); strings.Count(got, `"totalCount":0`) != 4 {
		t.Errorf("to another: %s", got)
	}
}

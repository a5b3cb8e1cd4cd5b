package gql_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
)

// gqlgens returns gqlgen's own server of the same data, which knows no selections.
func (a *api) gqlgens(t testing.TB) http.Handler {
	t.Helper()
	signIn := auth.New(a.accounts, auth.Options{Keys: auth.NewSecretKeys(secret), Issuer: "ownql"})
	schema := graph.New(store.New(a.accounts), signIn.Accounts)
	server := handler.New(schema.Executable(schema.Parsed))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	return signIn.Middleware(server, func(w http.ResponseWriter, _ *http.Request, err error) { t.Error(err) })
}

// TestSelections asks the same by the selections of a document and by gqlgen, each document with its conditions in all ways and
// then again.
func TestSelections(t *testing.T) {
	a := newAPI(t)
	a.createNotes(t, 3)
	task := a.createTask(t, "é\n\""+strings.Repeat("è", 300))
	_, body := a.post(t, "{ notes { edges { node { id } } } }", nil)
	note := firstID(t, body)
	plain := a.gqlgens(t)
	for name, query := range map[string]string{
		"plain fields":          `{ notes { edges { cursor node { id title done version createdAt updatedAt } } pageInfo { hasNextPage startCursor endCursor } } }`,
		"beside resolvers":      `{ tasks { edges { node { title project { name budget startsOn settings progress } minutes owner { id firstName } assignee { id } } } pageInfo { hasNextPage } } }`,
		"merged fields":         `{ notes { edges { node { id } } pageInfo { hasNextPage } edges { node { title id } cursor node { done } } } }`,
		"their order":           `{ notes { ...second edges { node { done ... on Node { title: id id } title2: title } } } } fragment second on NoteConnection { pageInfo { endCursor } edges { node { version } } }`,
		"aliases":               `{ a: notes(first: 1) { e: edges { n: node { i: id i2: id t: title } } } b: notes(last: 1) { e: edges { n: node { t: done } } } }`,
		"a long alias":          `{ notes { edges { node { ` + strings.Repeat("a", 65) + `: title id } } } }`,
		"names of types":        `{ t: __typename notes { __typename edges { __typename node { __typename t: __typename ... on Node { n: __typename } } } } }`,
		"conditions":            `query ($a: Boolean!, $b: Boolean!) { notes { edges { node { id @include(if: $a) title @skip(if: $b) ... @include(if: $b) { done version } } } pageInfo @skip(if: $a) { hasNextPage } } }`,
		"nothing selected":      `query ($a: Boolean!, $b: Boolean!) { notes { edges { node { id @include(if: $a) @skip(if: $b) } } } }`,
		"constant conditions":   `{ notes { edges { node { id @include(if: false) title @skip(if: false) } } } }`,
		"types of an interface": `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Note { title done } ... on Task { title minutes project { id } } } }`,
		"the same for a node":   `query ($ids: [ID!]!) { nodes(ids: $ids) { ...x } } fragment x on Node { id ...y ... on Task { minutes } } fragment y on Note { title ... on Node { id } }`,
		"lists of scalars":      `{ viewer { roles email pendingEmail bio sessions { edges { node { id current userAgent } } } assignments { edges { node { id } } } } }`,
	} {
		t.Run(name, func(t *testing.T) {
			variables := map[string]any{"ids": []string{note, task, "x", note, a.user.GlobalID()}}
			for _, conditions := range [][2]bool{{true, false}, {false, true}, {true, true}, {false, false}, {true, false}} {
				variables["a"], variables["b"] = conditions[0], conditions[1]
				_, got := a.post(t, query, variables)
				request, err := json.Marshal(map[string]any{"query": query, "variables": variables})
				if err != nil {
					t.Fatal(err)
				}
				r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(request))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+a.token)
				w := httptest.NewRecorder()
				plain.ServeHTTP(w, r)
				if want := w.Body.String(); strings.TrimSpace(got) != want || !strings.HasPrefix(got, `{"data":`) {
					t.Errorf("%v: %.1000s\ngqlgen answers %.1000s", conditions, got, want)
				}
			}
		})
	}
}

// TestPlainFieldsAllocateNothing holds that plain fields of a list are written without gqlgen's contexts, functions and
// goroutines, which are ten allocations a field.
func TestPlainFieldsAllocateNothing(t *testing.T) {
	a := newAPI(t)
	a.createNotes(t, 20)
	allocations := func(fields string) float64 {
		query := "{ notes { edges { node { " + fields + " } } } }"
		return testing.AllocsPerRun(20, func() {
			if _, body := a.post(t, query, nil); !strings.Contains(body, `"title":"note 7"`) || strings.Contains(body, "errors") {
				t.Fatal(body)
			}
		})
	}
	one, five := allocations("title"), allocations("title done version createdAt updatedAt")
	if more := five - one; more > 20 {
		t.Errorf("4 fields more of 20 objects are %.0f allocations more", more)
	}
}

// TestManySelections asks for a document in more ways than it has selections made ready of it: gqlgen answers the rest.
func TestManySelections(t *testing.T) {
	a := newAPI(t)
	a.createNotes(t, 1)
	var variables, fields strings.Builder
	const conditions = 8
	for i := range conditions {
		name := string(rune('a' + i))
		variables.WriteString(" $" + name + ": Boolean!")
		fields.WriteString(" " + name + ": title @include(if: $" + name + ")")
	}
	query := "query (" + variables.String() + ") { notes { edges { node { end: done" + fields.String() + " } } } }"
	for set := range 1 << conditions {
		given, want := map[string]any{}, `{"data":{"notes":{"edges":[{"node":{"end":true`
		for i := range conditions {
			name := string(rune('a' + i))
			given[name] = set>>i&1 == 1
			if given[name] == true {
				want += `,"` + name + `":"note 0"`
			}
		}
		if _, got := a.post(t, query, given); got != want+"}}]}}}\n" {
			t.Fatalf("%v: %s", given, got)
		}
	}
}

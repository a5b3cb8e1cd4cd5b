package gql_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// pageQuery asks for a page of 50 objects with 5 fields each, all of them plain.
const pageQuery = `{ notes(first: 50) { edges { node { id title done createdAt updatedAt } } } }`

// createNotes makes so many notes.
func (a *api) createNotes(t testing.TB, count int) {
	t.Helper()
	for i := range count {
		_, body := a.post(t, fmt.Sprintf(`mutation { createNote(input: { title: "note %d", done: %t }) { note { id } } }`, i, i%2 == 0), nil)
		firstID(t, body)
	}
}

// BenchmarkPage measures the page of 50, from the request to the answer, over the embedded engine; the same with a resolver's
// field in each object; and both by gqlgen's own server of the same resolvers, which knows no selections.
//
//	go test ./gql -run xxx -bench Page -benchmem
func BenchmarkPage(b *testing.B) {
	a := newAPI(b)
	a.createNotes(b, 50)
	withSelections, gqlgens := a.Handler, a.gqlgens(b)
	resolvers := strings.Replace(pageQuery, "updatedAt", "owner { id }", 1)
	for _, test := range []struct {
		name, query string
		handler     http.Handler
	}{
		{"plain", pageQuery, withSelections},
		{"plain-gqlgens", pageQuery, gqlgens},
		{"resolvers", resolvers, withSelections},
		{"resolvers-gqlgens", resolvers, gqlgens},
	} {
		b.Run(test.name, func(b *testing.B) {
			a.Handler = test.handler
			b.ReportAllocs()
			for b.Loop() {
				if _, body := a.post(b, test.query, nil); strings.Contains(body, "errors") {
					b.Fatal(body)
				}
			}
		})
	}
}

package gql_test

import (
	"fmt"
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

// BenchmarkPage measures the page of 50, from the request to the answer, over the embedded engine, and the same with
// a resolver's field in each object.
//
//	go test ./gql -run xxx -bench Page -benchmem
func BenchmarkPage(b *testing.B) {
	a := newAPI(b)
	a.createNotes(b, 50)
	for _, test := range []struct{ name, query string }{
		{"plain", pageQuery},
		{"resolvers", strings.Replace(pageQuery, "updatedAt", "owner { id }", 1)},
		{"viewer", `{ viewer { id firstName lastName email } }`},
	} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, body := a.post(b, test.query, nil); strings.Contains(body, "errors") {
					b.Fatal(body)
				}
			}
		})
	}
}

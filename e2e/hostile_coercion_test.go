//go:build hostile

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestHostileCoercion sends values that are none of their types, and much of what is not there
// (requirements 22 and 26). Each request is refused as the client's, with at most a hundred errors,
// and without a word of Go.
func TestHostileCoercion(t *testing.T) {
	const lists = `query ($f: Int, $g: Int) { viewer { a: notes(first: $f) { edges { node { owner { notes(first: $g) { edges { node { owner { notes(first: $f) { edges { node { id } } } } } } } } } } } } }`
	const update = `mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id } } }`
	var unknown, fields strings.Builder
	for i := range 400 {
		fmt.Fprintf(&unknown, `,"none%d":%d`, i, i)
		fmt.Fprintf(&fields, `none%d `, i)
	}
	server := startHostile(t)
	for _, test := range []struct{ name, document, variables, code string }{
		{"numbers as text, which no limit would count", lists, `{"f":"100","g":"50"}`, "GRAPHQL_VALIDATION_FAILED"},
		{"the same as numbers", lists, `{"f":100,"g":50}`, "QUERY_TOO_COMPLEX"},
		{"the same as numbers with a point", lists, `{"f":1.0e2,"g":50.0}`, "QUERY_TOO_COMPLEX"},
		{"a number of 100,000 digits", lists, `{"f":` + strings.Repeat("9", 100_000) + `}`, "BAD_USER_INPUT"},
		{"a number of a large exponent", lists, `{"f":1e999999999}`, "BAD_USER_INPUT"},
		{"a list of 40,000 nulls", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, `{"ids":[null` + strings.Repeat(",null", 40_000) + `]}`, "GRAPHQL_VALIDATION_FAILED"},
		{"lists in lists", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, `{"ids":` + strings.Repeat("[", 150) + strings.Repeat("]", 150) + `}`, "GRAPHQL_VALIDATION_FAILED"},
		{"400 unknown fields of an input", update, `{"input":{"firstName":"A"` + unknown.String() + `}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"a field of 500 KB that is unknown", update, `{"input":{"` + strings.Repeat("x", 500_000) + `":1}}`, "GRAPHQL_VALIDATION_FAILED"},
		{"null over a default", `query ($is: Boolean = true) { viewer @include(if: $is) { id } }`, `{"is":null}`, "GRAPHQL_VALIDATION_FAILED"},
		{"400 unknown fields", `{ ` + fields.String() + `}`, `{}`, "GRAPHQL_VALIDATION_FAILED"},
		{"half a character", update, `{"input":{"firstName":"\ud83d"}}`, "BAD_USER_INPUT"},
		{"half a character in the document", `mutation { updateViewer(input: {firstName: "\ud83d"}) { user { id } } }`, `{}`, "GRAPHQL_PARSE_FAILED"},
		{"a whole number that no Go type has", `{ nodes(ids: [` + strings.Repeat("9", 5_000) + `, 1e5]) { id } }`, `{}`, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(test.name, func(t *testing.T) {
			document, err := json.Marshal(test.document)
			if err != nil {
				t.Fatal(err)
			}
			status, _, body := server.send(t, "POST", "/graphql", nil, `{"query":`+string(document)+`,"variables":`+test.variables+`}`)
			t.Logf("%d %.200s", status, body)
			if status != 200 && status != 400 || !strings.Contains(body, `"code":"`+test.code+`"`) || strings.Contains(body, `"data"`) {
				t.Errorf("status %d, %.500s; want %s", status, body, test.code)
			}
			if errors := strings.Count(body, `"message"`); errors > 100 || len(body) > 100_000 {
				t.Errorf("%d errors in %d bytes", errors, len(body))
			}
			for _, internal := range []string{"strconv", "json.Number", "interface", "int64", "map["} {
				if strings.Contains(body, internal) {
					t.Errorf("%q shows in %.500s", internal, body)
				}
			}
		})
	}
}

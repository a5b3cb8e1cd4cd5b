package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ownql/ownql/ownqltest"
)

// TestScalars has days, exact numbers, JSON and a scalar of this project's own go through the server, in
// and out, by literals and by variables.
func TestScalars(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	const (
		fields  = `project { color startsOn budget settings }`
		literal = `mutation { createProject(input: { name: "p", `
		given   = `mutation ($input: CreateProjectInput!) { createProject(input: $input) { ` + fields + ` } }`
		budget  = `12345678901234567890.1234567890123456`
	)
	type object = map[string]any
	for _, test := range []struct {
		name, document string
		variables      object
		want           string // a part of the answer
	}{
		{"defaults", literal + `}) { ` + fields + ` } }`, nil, `{"color":null,"startsOn":"2026-01-01","budget":"0","settings":null}`},
		{"literals", literal + `color: "#ff8800", startsOn: "2026-11-28", budget: ` + budget + `, settings: { columns: ["a", 1.50], wide: true, none: null } }) { ` + fields + ` } }`, nil,
			`{"color":"#ff8800","startsOn":"2026-11-28","budget":"` + budget + `","settings":{"columns":["a",1.50],"none":null,"wide":true}}`},
		{"variables", given, object{"input": object{"name": "p", "color": "#000000", "startsOn": "0001-01-01", "budget": json.Number(budget), "settings": []any{json.Number("1.50"), object{"b": nil, "a": "<"}}}},
			`{"color":"#000000","startsOn":"0001-01-01","budget":"` + budget + `","settings":[1.50,{"a":"<","b":null}]}`},
		{"text that is JSON", given, object{"input": object{"name": "p", "budget": "1.10", "settings": `{"a":1}`}}, `"budget":"1.1","settings":"{\"a\":1}"`},
		{"an update", `mutation ($id: ID!) { updateProject(input: { id: $id, budget: "2e1", settings: null, color: null }) { ` + fields + ` } }`, nil,
			`{"color":null,"startsOn":"2026-11-28","budget":"20","settings":null}`},
		{"a list by a Decimal", `{ projectsByBudget(budget: 0) { edges { node { budget startsOn } } } }`, nil, `{"edges":[{"node":{"budget":"0","startsOn":"2026-01-01"}}]}`},
		{"a list by another that is the same float64", `{ projectsByBudget(budget: "12345678901234567890.1234567890123457") { edges { node { id } } } }`, nil, `{"edges":[]}`},
		{"a filter", `query ($f: ProjectFilter) { viewer { projects(filter: $f) { edges { node { startsOn } } } } }`,
			object{"f": object{"budget": object{"gt": "12345678901234567890.1234567890123455"}, "startsOn": object{"le": "0001-01-01"}, "settings": object{"exists": true}, "color": object{"exists": true}}},
			`{"edges":[{"node":{"startsOn":"0001-01-01"}}]}`},
		{"a filter by a literal", `{ viewer { projects(filter: { budget: { in: [1.1, "7"] } }) { edges { node { budget } } } } }`, nil, `{"edges":[{"node":{"budget":"1.1"}}]}`},
		{"what @validate forbids", literal + `budget: -0.00000000000000000000000000001 }) { ` + fields + ` } }`, nil, `"message":"budget must be at least 0"`},
		{"no day", literal + `startsOn: "2026-02-30" }) { ` + fields + ` } }`, nil, `"message":"argument input.startsOn of createProject: it is no Date: there is no such day"`},
		{"no number", given, object{"input": object{"name": "p", "budget": "1,5"}}, `"message":"variable $input.budget: it is no Decimal: `},
		{"no JSON of the size", given, object{"input": object{"name": "p", "settings": strings.Repeat("x", 101<<10)}}, `"message":"variable $input.settings: it is no JSON that can be kept: it has more than 100 KB as text"`},
		{"no colour", given, object{"input": object{"name": "p", "color": "red"}}, `"message":"argument input.color of createProject: a Color is # and six digits, such as #ff8800"`},
		{"where JSON is specified", `{ __type(name: "JSON") { kind specifiedByURL } }`, nil, `{"kind":"SCALAR","specifiedByURL":"https://www.rfc-editor.org/rfc/rfc8259"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			variables := test.variables
			if test.name == "an update" {
				var data struct {
					Viewer struct {
						Projects struct {
							Edges []struct{ Node struct{ ID string } }
						}
					}
				}
				server.QueryInto(t, ada, `{ viewer { projects(filter: { startsOn: { eq: "2026-11-28" } }) { edges { node { id } } } } }`, nil, &data)
				variables = object{"id": data.Viewer.Projects.Edges[0].Node.ID}
			}
			if body := server.Query(t, ada, test.document, variables); !strings.Contains(body, test.want) {
				t.Errorf("%s\nwant %s", body, test.want)
			}
		})
	}
}

// TestBytesOfJSON wants documents to count towards the bytes that an answer may have.
func TestBytesOfJSON(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	for range 4 {
		server.Query(t, ada, `mutation ($s: JSON) { createProject(input: { name: "p", settings: $s }) { project { id } } }`,
			map[string]any{"s": []any{strings.Repeat("x", 99<<10)}})
	}
	document := func(aliases int) string {
		var fields string
		for i := range aliases {
			fields += " s" + strings.Repeat("s", i) + ": settings"
		}
		return `{ viewer { projects { edges { node {` + fields + ` } } } } }`
	}
	if body := server.Query(t, ada, document(10), nil); len(body) < 40*99<<10 {
		t.Errorf("4 MB are answered %d bytes: %.300s", len(body), body)
	}
	if body := server.Query(t, ada, document(25), nil); !strings.Contains(body, "bytes of answer") || len(body) > 1000 {
		t.Errorf("10 MB are answered %d bytes: %.300s", len(body), body)
	}
}

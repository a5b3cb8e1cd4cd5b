package schema

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestScalarsInPublic wants the public schema to have those of ownql's scalars that are used, described,
// whether schema.graphqls declares them or not, and to leave what is the project's own as it is.
func TestScalarsInPublic(t *testing.T) {
	const house = "interface Node { id: ID! }\ntype User implements Node { id: ID! }\ntype Query { node(id: ID!): Node today: Date total(of: Decimal): Int }\n"
	model := func(fields string) string {
		return "type Post implements Node @model @auth(rules: [{ allow: owner }]) { id: ID! " + fields + " }\n"
	}
	for _, test := range []struct {
		name, sdl string
		want      string // what is used of ownql's
		day, spec string // the description of Date, and where it is specified
		goType    string // of the field
	}{
		{"left out", house + model("day: Date!"), "Date Decimal", "A day of the Gregorian calendar, from 0001 to 9999, as RFC 3339 text: `2026-11-28`.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6", "model.Date"},
		{"declared", house + "scalar Date\nscalar JSON\n" + model("day: Date"), "Date Decimal JSON", "A day of the Gregorian calendar, from 0001 to 9999, as RFC 3339 text: `2026-11-28`.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6", "*model.Date"},
		{"described", house + "\"Our days.\"\nscalar Date @specifiedBy(url: \"https://example.com\")\n" + model("day: [Date!]!"), "Date Decimal", "Our days.", "https://example.com", "[]model.Date"},
		{"an object type", house + "type Date { year: Int! }\n" + model("day: Date!"), "Decimal", "A date.", "", "Date"},
		{"an enum", house + "enum Date { TODAY }\n" + model("day: Date!"), "Decimal", "A date.", "", "Date"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse(test.sdl)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(s.UsedScalars(), " "); got != test.want {
				t.Errorf("used are %s, want %s", got, test.want)
			}
			public, err := gqlparser.LoadSchema(&ast.Source{Input: s.Public()})
			if err != nil {
				t.Fatal(err)
			}
			day, spec := public.Types["Date"], ""
			if directive := day.Directives.ForName("specifiedBy"); directive != nil {
				spec = directive.Arguments[0].Value.Raw
			}
			if day.Description != test.day || spec != test.spec {
				t.Errorf("it is %q, by %q", day.Description, spec)
			}
			if got := s.Models[0].Field("day").GoType(); got != test.goType {
				t.Errorf("in Go it is %s, want %s", got, test.goType)
			}
		})
	}
}

// TestScalarsOfTheProject wants a scalar that the project has in Go to be its own.
func TestScalarsOfTheProject(t *testing.T) {
	const house = "interface Node { id: ID! }\ntype User implements Node { id: ID! }\ntype Query { node(id: ID!): Node today: Date }\nscalar Date\n"
	const kept = "type Post implements Node @model @auth(rules: [{ allow: owner }]) { id: ID! day: Date days: [Date!]! }\n"
	methods := map[string]signature{"Date.MarshalGQL": {}, "Date.UnmarshalGQL": {}}
	for _, test := range []struct {
		name   string
		byHand *handwritten
		sdl    string
	}{
		{"bound by gqlgen.yml", &handwritten{bound: map[string]bool{"Date": true}}, house},
		{"in package store", &handwritten{names: map[string]string{"Date": "store/date.go"}, methods: methods}, house},
		{"in package store, and kept", &handwritten{names: map[string]string{"Date": "store/date.go"}, methods: methods}, house + kept},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := parse(test.sdl, test.byHand)
			if err != nil {
				t.Fatal(err)
			}
			if used := s.UsedScalars(); len(used) > 0 {
				t.Errorf("of ownql's are %s", used)
			}
			for _, model := range s.Models {
				if got := model.Field("day").GoType(); got != "*Date" {
					t.Errorf("in Go it is %s", got)
				}
				public, err := gqlparser.LoadSchema(&ast.Source{Input: s.Public()})
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"DateFilter", "DateListFilter"} {
					if fields := public.Types[name].Fields; len(fields) != 1 || fields[0].Name != "exists" {
						t.Errorf("%s has %v", name, fields)
					}
				}
			}
		})
	}
}

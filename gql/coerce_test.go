package gql

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// TestPlaces holds what is told of a value that is none: where it is, why, by which code and, of a
// field, by which name. What was sent is not told, but for the names of fields.
func TestPlaces(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
scalar DateTime
enum Status { DRAFT }
input PostInput { title: String! tags: [String!] due: DateTime days: [[DateTime!]] status: Status parent: PostInput likes: Int first: Choice }
input Choice @oneOf { a: Int b: Int }
type Query { posts(first: Int, due: [DateTime!], ids: [ID!]): Int post(input: PostInput): Int }`})
	h := &Handler{documents: newDocuments(schema, DefaultLimits, false)}
	const form = "want RFC 3339 text, such as 2026-11-22T15:04:05Z or 2026-11-22T15:04:05.250+01:00"
	const ofInput = `query ($input: PostInput!) { post(input: $input) }`
	for _, test := range []struct{ document, variables, want string }{
		{ofInput, `{}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input: it is absent, and must be a PostInput!`},
		{ofInput, `{"input":null}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input: null is no PostInput!`},
		{ofInput, `{"input":"secret"}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input: a PostInput is an object`},
		{ofInput, `{"input":[{"title":"secret"}]}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input: a PostInput is an object`},
		{ofInput, `{"input":{"title":"a","tags":["a","b",7]}}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input.tags[2]: a String is text in quotes`},
		{ofInput, `{"input":{"title":"a","parent":{"title":"a","parent":{"titel":"a"}}}}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input.parent.parent.title: it is absent, and must be a String!
1:8 GRAPHQL_VALIDATION_FAILED variable $input.parent.parent.titel: PostInput has no such field`},
		{ofInput, `{"input":{"title":"a","status":"draft"}}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input.status: it is none of the names of the enum Status`},
		{ofInput, `{"input":{"title":"a","likes":2147483648}}`, `1:8 BAD_USER_INPUT(likes) variable $input.likes: an Int is a whole number from -2147483648 to 2147483647`},
		{ofInput, `{"input":{"title":"a","first":{"a":1,"b":2}}}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $input.first: a Choice has exactly one field, which is not null`},
		{ofInput, `{"input":{"title":"a","due":"2026-11-22"}}`, `1:8 BAD_USER_INPUT(due) variable $input.due: it is no DateTime: ` + form},
		{ofInput, `{"input":{"title":"a","due":1766415845}}`, `1:8 BAD_USER_INPUT(due) variable $input.due: a DateTime is text: ` + form},
		{ofInput, `{"input":{"title":"a","due":"9999-12-31T23:59:59-12:00"}}`, `1:8 BAD_USER_INPUT(due) variable $input.due: it is no DateTime: in UTC the year is outside 0000 to 9999`},
		{ofInput, `{"input":{"title":"a","days":[["2026-11-22T15:04:60Z"]]}}`, `1:8 BAD_USER_INPUT(days) variable $input.days[0][0]: it is no DateTime: second 60 is only the last of a month, at 23:59:60 in UTC`},
		{`query ($due: DateTime!) { posts(due: [$due]) }`, `{"due":"2026-02-30T00:00:00Z"}`, `1:8 BAD_USER_INPUT variable $due: it is no DateTime: there is no such day`},
		{`query ($due: DateTime = "tomorrow") { posts(due: [$due]) }`, `{}`, `1:25 BAD_USER_INPUT the default of variable $due: it is no DateTime: ` + form},
		{`query ($due: DateTime! = "2026-11-22T15:04:05Z") { posts(due: [$due]) }`, `{"due":null}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $due: null is no DateTime!`},
		{`query ($due: DateTime = "2026-11-22T15:04:05Z") { posts(due: [$due]) }`, `{"due":null}`, `1:63 GRAPHQL_VALIDATION_FAILED variable $due: null is no DateTime!`},
		{"{\n  posts(due: [\"2026-11-22T15:04:05Z\",\n    \"2026-11-22T24:00:00Z\"])\n}", `{}`, `3:5 BAD_USER_INPUT(due) argument due[1] of posts: it is no DateTime: there is no such time of day: hours go from 00 to 23, minutes and seconds from 00 to 59`},
		{"{\n  posts(due: \"\"\"\n  today\n  \"\"\")\n}", `{}`, `2:14 BAD_USER_INPUT(due) argument due of posts: it is no DateTime: ` + form},
		{`{ posts(first: "10") post(input: {title: "a", tags: [RED], parent: {}}) }`, `{}`, `1:16 GRAPHQL_VALIDATION_FAILED argument first of posts: an Int is a whole number from -2147483648 to 2147483647
1:54 GRAPHQL_VALIDATION_FAILED argument input.tags[0] of post: a String is text in quotes
1:68 GRAPHQL_VALIDATION_FAILED argument input.parent.title of post: it is absent, and must be a String!`},
		{`{ posts @include(if: "true") }`, `{}`, `1:22 GRAPHQL_VALIDATION_FAILED argument if of @include: a Boolean is true or false`},
		{`{ posts(ids: "\ud83d\ude00") a: posts(ids: 1.5) }`, `{}`, `1:44 GRAPHQL_VALIDATION_FAILED argument ids of posts: an ID is text in quotes, or a whole number`},
	} {
		if got := errorsOf(t, h, test.document, test.variables); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s %s:\n%s\nwant:\n%s", test.document, test.variables, got, test.want)
		}
	}
}

// errorsOf returns the errors of a request, a line each.
func errorsOf(t *testing.T, h *Handler, document, variables string) string {
	t.Helper()
	params := &graphql.RawParams{}
	decoder := json.NewDecoder(strings.NewReader(variables))
	decoder.UseNumber()
	if err := decoder.Decode(&params.Variables); err != nil {
		t.Fatal(err)
	}
	loaded, errs := h.documents.load(document)
	if len(errs) == 0 {
		_, errs = h.operationOf(loaded, params)
	}
	lines := make([]string, len(errs))
	for i, err := range errs {
		lines[i] = lineOf(err)
	}
	return strings.Join(lines, "\n")
}

func lineOf(err *gqlerror.Error) string {
	line := fmt.Sprintf("%d:%d %v", err.Locations[0].Line, err.Locations[0].Column, err.Extensions["code"])
	if field, ok := err.Extensions["field"]; ok {
		line += fmt.Sprintf("(%v)", field)
	}
	return line + " " + err.Message
}

// TestLongPlace: a client's names and depths have a length in an error.
func TestLongPlace(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `input I { i: I } type Query { q(i: I): Int }`})
	h := &Handler{documents: newDocuments(schema, DefaultLimits, false)}
	deep := strings.Repeat(`{"i":`, 5000) + "1" + strings.Repeat("}", 5000)
	for _, value := range []string{`{"` + strings.Repeat("é", 100_000) + `":1}`, deep} {
		if got := errorsOf(t, h, `query ($i: I) { q(i: $i) }`, `{"i":`+value+`}`); got == "" || len(got) > 1000 {
			t.Errorf("an error of %d bytes", len(got))
		}
	}
}

package gql

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// table is what graphql-js answers to many documents: testdata/graphqljs/answers.cjs makes it.
type table struct {
	Schema string
	Cases  []struct {
		Document  string
		Variables string
		Answer    *struct { // nil where the request is refused, though it parses
			Syntax    []int // line and column
			Arguments map[string]any
		}
	}
}

func readTable(t testing.TB) table {
	t.Helper()
	text, err := os.ReadFile("testdata/graphqljs/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers table
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers.Cases) < 2000 {
		t.Fatalf("the table has %d cases", len(answers.Cases))
	}
	return answers
}

// deviations are what ownql answers where that differs from graphql-js.
var deviations = map[string]string{
	// JavaScript's numbers lose digits.
	`query($v: ID) { id(v: $v) } {"v":9007199254740993}`:        `{"id":{"v":"9007199254740993"}}`,
	`query($v: ID) { id(v: $v) } {"v":12345678901234567890123}`: `{"id":{"v":"12345678901234567890123"}}`,
	// A project's own scalar is given the number as it stands.
	`query($v: Any) { any(v: $v) } {"v":1e400}`: `{"any":{"v":1e400}}`,
	// gqlparser has nil for an empty list of a project's own scalar.
	`{ any(v: []) } {}`: `{"any":{"v":null}}`,
	// gqlparser places a text behind its quote.
	`{ string(v: "a" "b") } {}`: `not a document at [1 18]`,
	// It parses, and is not valid.
	` {}`: `refused`,
}

// TestAsGraphQLJS holds documents and variables against graphql-js: what is refused, and what the
// arguments of fields are where it is not.
func TestAsGraphQLJS(t *testing.T) {
	answers := readTable(t)
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: answers.Schema})
	if err != nil {
		t.Fatal(err)
	}
	h := &Handler{documents: newDocuments(schema, DefaultLimits, true)}
	for _, c := range answers.Cases {
		name := c.Document + " " + c.Variables
		want, ok := deviations[name]
		switch {
		case ok:
		case c.Answer == nil:
			want = "refused"
		case c.Answer.Syntax != nil:
			want = fmt.Sprintf("not a document at %v", c.Answer.Syntax)
		default:
			want = inJSON(c.Answer.Arguments)
		}
		if got := answerOf(t, h, c.Document, c.Variables); got != want && !isSameJSON(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// isSameJSON tells whether two texts are the same value to JavaScript, which has one kind of number.
func isSameJSON(a, b string) bool {
	var first, second any
	return json.Unmarshal([]byte(a), &first) == nil && json.Unmarshal([]byte(b), &second) == nil && reflect.DeepEqual(first, second)
}

func inJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// answerOf returns the arguments of each field of a document's operation; where the document or its
// variables are refused it says so, with the place where it does not parse.
func answerOf(t testing.TB, h *Handler, text, variables string) string {
	t.Helper()
	params := &graphql.RawParams{Query: text}
	decoder := json.NewDecoder(strings.NewReader(variables))
	decoder.UseNumber()
	if err := decoder.Decode(&params.Variables); err != nil {
		t.Fatal(err)
	}
	document, errs := h.documents.load(text)
	if len(errs) > 0 && errs[0].Extensions["code"] == "GRAPHQL_PARSE_FAILED" {
		return fmt.Sprintf("not a document at [%d %d]", errs[0].Locations[0].Line, errs[0].Locations[0].Column)
	}
	if len(errs) > 0 {
		return "refused"
	}
	operation, errs := h.operationOf(document, params)
	if len(errs) > 0 {
		return "refused"
	}
	fields := map[string]any{}
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, nil) {
		arguments := field.ArgumentMap(operation.Variables)
		for _, def := range field.Definition.Arguments {
			if value, ok := arguments[def.Name]; ok {
				arguments[def.Name] = asGqlgen(h.documents.schema, def.Type, value)
			}
		}
		fields[field.Alias] = arguments
	}
	return inJSON(fields)
}

// asGqlgen is what generated code does to an argument: a value where a list is wanted is one of it,
// and what an input object lacks has its default.
func asGqlgen(schema *ast.Schema, t *ast.Type, value any) any {
	if value == nil {
		return nil
	}
	if t.Elem != nil {
		items := []any{}
		for _, item := range graphql.CoerceList(value) {
			items = append(items, asGqlgen(schema, t.Elem, item))
		}
		return items
	}
	def := schema.Types[t.NamedType]
	if def.Kind != ast.InputObject {
		return value
	}
	object := map[string]any{}
	for name, field := range value.(map[string]any) {
		object[name] = asGqlgen(schema, def.Fields.ForName(name).Type, field)
	}
	for _, field := range def.Fields {
		if _, ok := object[field.Name]; ok || field.DefaultValue == nil {
			continue
		}
		constant, err := field.DefaultValue.Value(nil)
		if err != nil {
			panic(fmt.Sprintf("the default of %s: %v", field.Name, err))
		}
		object[field.Name] = asGqlgen(schema, field.Type, constant)
	}
	return object
}

package gql

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// scalarsSDL has ownql's scalars, and as of others the same names.
const scalarsSDL = `
scalar Date
scalar Decimal
scalar JSON
input Inner { day: Date amount: Decimal data: JSON amounts: [Decimal!] }
type Query {
  day(v: Date): Int
  days(v: [Date!]): Int
  amount(v: Decimal): Int
  data(v: JSON): Int
  needed(v: JSON!): Int
  list(v: [JSON!]): Int
  inner(v: Inner): Int
}`

func scalarsHandler(scalars ...string) *Handler {
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: scalarsSDL})
	schema := Schema{Parsed: parsed, Scalars: scalars}.served()
	return &Handler{documents: newDocuments(schema, DefaultLimits, false)}
}

// TestScalarsRefused holds that what is no value of a scalar is refused, with its place.
func TestScalarsRefused(t *testing.T) {
	h := scalarsHandler("Date", "Decimal", "JSON")
	const day, amount = "want a day as RFC 3339 writes it, such as 2026-11-28", "want digits with a point at most, such as 12.50, -3 or 1.5e6"
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	for _, test := range []struct{ name, document, variables, want string }{
		{"a variable that is no day", `query ($v: Date) { day(v: $v) }`, `{"v":"2026-02-30"}`, `1:8 BAD_USER_INPUT variable $v: it is no Date: there is no such day`},
		{"a number for a day", `query ($v: Date) { day(v: $v) }`, `{"v":20261128}`, `1:8 BAD_USER_INPUT variable $v: a Date is text: ` + day},
		{"a literal that is no day", `{ days(v: ["2026-11-28", "2026-2-3"]) }`, `{}`, `1:26 BAD_USER_INPUT(v) argument v[1] of days: it is no Date: ` + day},
		{"a moment for a day", `{ day(v: "2026-11-28T00:00:00Z") }`, `{}`, `1:10 BAD_USER_INPUT(v) argument v of day: it is no Date: ` + day},
		{"a name for a day", `{ day(v: today) }`, `{}`, `1:10 BAD_USER_INPUT(v) argument v of day: a Date is text: ` + day},
		{"a default that is no day", `query ($v: Date = " 2026-11-28") { day(v: $v) }`, `{}`, `1:19 BAD_USER_INPUT the default of variable $v: it is no Date: ` + day},
		{"39 digits", `query ($v: Inner) { inner(v: $v) }`, `{"v":{"amounts":["1",123456789012345678901234567890123456789]}}`, `1:8 BAD_USER_INPUT(amounts) variable $v.amounts[1]: it is no Decimal: it has more than 38 significant digits`},
		{"39 digits in a literal", `{ amount(v: 123456789012345678901234567890123456789) }`, `{}`, `1:13 BAD_USER_INPUT(v) argument v of amount: it is no Decimal: it has more than 38 significant digits`},
		{"a number that is too great", `{ amount(v: 1e400) }`, `{}`, `1:13 BAD_USER_INPUT(v) argument v of amount: it is no Decimal: it is beyond 9.99e125`},
		{"a blank in a number", `{ inner(v: {amount: "1 "}) }`, `{}`, `1:21 BAD_USER_INPUT(amount) argument v.amount of inner: it is no Decimal: ` + amount},
		{"true for a number", `{ amount(v: true) }`, `{}`, `1:13 BAD_USER_INPUT(v) argument v of amount: a Decimal is text, or a number: ` + amount},
		{"a name in JSON", `{ data(v: {a: [RED]}) }`, `{}`, `1:11 GRAPHQL_VALIDATION_FAILED argument v of data: JSON has no names: text is in quotes`},
		{"a field twice in JSON", `{ data(v: {a: 1, a: 2}) }`, `{}`, `1:18 GRAPHQL_VALIDATION_FAILED There can be only one input field named "a".`},
		{"levels of a literal", `{ data(v: ` + deep + `) }`, `{}`, `1:11 BAD_USER_INPUT(v) argument v of data: it is no JSON that can be kept: it has more than 64 levels`},
		{"levels of a variable", `query ($v: JSON) { data(v: $v) }`, `{"v":` + deep + `}`, `1:8 BAD_USER_INPUT variable $v: it is no JSON that can be kept: it has more than 64 levels`},
		{"a large variable", `query ($v: Inner) { inner(v: $v) }`, `{"v":{"data":["` + strings.Repeat("x", 100<<10) + `"]}}`, `1:8 BAD_USER_INPUT(data) variable $v.data: it is no JSON that can be kept: it has more than 100 KB as text`},
		{"null for JSON that is not null", `query ($v: JSON!) { needed(v: $v) }`, `{"v":null}`, `1:8 GRAPHQL_VALIDATION_FAILED variable $v: null is no JSON!`},
		{"null in a list", `{ list(v: [1, null]) }`, `{}`, `1:15 GRAPHQL_VALIDATION_FAILED argument v[1] of list: null is no JSON!`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := errorsOf(t, h, test.document, test.variables); got != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestScalarsTaken holds what generated code makes of arguments, by all ways on which they come.
func TestScalarsTaken(t *testing.T) {
	h := scalarsHandler("Date", "Decimal", "JSON")
	const digits = "1234567890.12345678901234567890"
	for _, test := range []struct{ name, document, variables, want string }{
		{"a day", `{ day(v: "2026-11-28") }`, `{}`, `"2026-11-28"`},
		{"a day that is a variable", `query ($v: Date!) { day(v: $v) }`, `{"v":"0001-01-01"}`, `"0001-01-01"`},
		{"a number as text", `{ amount(v: "` + digits + `") }`, `{}`, `"1234567890.1234567890123456789"`},
		{"a number as Float", `{ amount(v: ` + digits + `) }`, `{}`, `"1234567890.1234567890123456789"`},
		{"a number as Int", `{ amount(v: -12345678901234567890123) }`, `{}`, `"-12345678901234567890123"`},
		{"a number in JSON", `query ($v: Decimal) { amount(v: $v) }`, `{"v":` + digits + `}`, `"1234567890.1234567890123456789"`},
		{"a number by default", `query ($v: Decimal = ` + digits + `) { amount(v: $v) }`, `{}`, `"1234567890.1234567890123456789"`},
		{"a literal", `{ data(v: {b: [1.10, 123456789012345678901, null, true, "1.10", []], a: {}}) }`, `{}`, `{"a":{},"b":[1.10,123456789012345678901,null,true,"1.10",[]]}`},
		{"variables in a literal", `query ($n: Int, $v: JSON, $no: Int, $t: String, $d: Date) { data(v: {n: $n, v: [$v, $no, $t, $d], no: $no}) }`,
			`{"n":7,"v":{"x":1.10},"t":"ÿ","d":"2026-11-28"}`, `{"n":7,"v":[{"x":1.10},null,"ÿ","2026-11-28"]}`},
		{"a variable", `query ($v: JSON) { data(v: $v) }`, `{"v":{"b":[1.10,1e400,null,"<&>"],"a":-0}}`, `{"a":-0,"b":[1.10,1e400,null,"<&>"]}`},
		{"a default", `query ($v: JSON = {n: 1.10, l: []}) { data(v: $v) }`, `{}`, `{"l":[],"n":1.10}`},
		{"a number alone", `{ data(v: 1.10) }`, `{}`, `1.10`},
		{"text alone", `{ data(v: "null") }`, `{}`, `"null"`},
		{"nothing in a list", `{ data(v: []) }`, `{}`, `[]`},
		{"a list for JSON", `query ($v: JSON) { data(v: $v) }`, `{"v":[[1]]}`, `[[1]]`},
		{"a document of a fragment, used twice", `{ ...f } fragment f on Query { data(v: 1.10) ...g } fragment g on Query { data(v: 1.10) }`, `{}`, `1.10`},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second document is from the cache
				if got := argumentOf(t, h, test.document, test.variables); got != test.want {
					t.Errorf("it is %s, want %s", got, test.want)
				}
			}
		})
	}
}

// argumentOf returns the only argument of a document's only field, as its Go type writes it.
func argumentOf(t *testing.T, h *Handler, document, variables string) string {
	t.Helper()
	params := &graphql.RawParams{Query: document}
	decoder := json.NewDecoder(strings.NewReader(variables))
	decoder.UseNumber()
	if err := decoder.Decode(&params.Variables); err != nil {
		t.Fatal(err)
	}
	loaded, errs := h.documents.load(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	operation, errs := h.operationOf(loaded, params)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	field := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"})[0]
	value := field.ArgumentMap(operation.Variables)["v"]
	scalar := map[string]interface {
		UnmarshalGQL(any) error
		MarshalGQL(io.Writer)
	}{"day": new(model.Date), "amount": new(model.Decimal), "data": new(model.JSON)}[field.Name]
	if err := scalar.UnmarshalGQL(value); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	scalar.MarshalGQL(&out)
	return out.String()
}

// TestScalarsOfTheProject holds that scalars of the same names that are the project's own are given
// what was sent.
func TestScalarsOfTheProject(t *testing.T) {
	h := scalarsHandler()
	for _, test := range []struct{ document, variables string }{
		{`{ day(v: "28.11.2026") }`, `{}`},
		{`{ day(v: today) }`, `{}`},
		{`query ($v: Date) { day(v: $v) }`, `{"v":{"day":28}}`},
		{`query ($v: Decimal) { amount(v: $v) }`, `{"v":"1/3"}`},
		{`{ data(v: {a: RED}) }`, `{}`},
	} {
		if got := errorsOf(t, h, test.document, test.variables); got != "" {
			t.Errorf("%s %s: %s", test.document, test.variables, got)
		}
	}
}

// FuzzScalars holds that what is taken of a literal is what is taken of the same value as a variable.
func FuzzScalars(f *testing.F) {
	for _, text := range []string{`{"a":[1.10,null,true,"x"]}`, `[]`, `"2026-11-28"`, `12.50`, `"-3"`, `1e400`, `{"a":{},"b":[[]]}`, `123456789012345678901`} {
		f.Add(text)
	}
	h := scalarsHandler("Date", "Decimal", "JSON")
	f.Fuzz(func(t *testing.T, text string) {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil || value == nil {
			return
		}
		literal, ok := literalOf(value)
		if !ok {
			return
		}
		text = string(asText(t, value))
		for _, field := range []struct{ name, typ string }{{"day", "Date"}, {"amount", "Decimal"}, {"data", "JSON"}} {
			byLiteral := `{ ` + field.name + `(v: ` + literal + `) }`
			byVariable, variables := `query ($v: `+field.typ+`) { `+field.name+`(v: $v) }`, `{"v":`+text+`}`
			refused := errorsOf(t, h, byLiteral, `{}`)
			if (refused == "") != (errorsOf(t, h, byVariable, variables) == "") {
				if strings.Contains(refused, "TOO_COMPLEX") {
					continue
				}
				t.Fatalf("%s: %s", byLiteral, refused)
			}
			if refused != "" {
				continue
			}
			if a, b := argumentOf(t, h, byLiteral, `{}`), argumentOf(t, h, byVariable, variables); a != b {
				t.Errorf("%s is %s as a literal, %s as a variable", text, a, b)
			}
		}
	})
}

func asText(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// literalOf writes a value of JSON as GraphQL does. Not all names of JSON's are GraphQL's.
func literalOf(value any) (literal string, ok bool) {
	switch value := value.(type) {
	case []any:
		items := make([]string, len(value))
		for i, item := range value {
			if items[i], ok = literalOf(item); !ok {
				return "", false
			}
		}
		return "[" + strings.Join(items, " ") + "]", true
	case map[string]any:
		var fields []string
		for name, field := range value {
			text, ok := literalOf(field)
			if !ok || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" {
				return "", false
			}
			fields = append(fields, name+": "+text)
		}
		slices.Sort(fields)
		return "{" + strings.Join(fields, " ") + "}", true
	}
	text, err := json.Marshal(value)
	return string(text), err == nil
}

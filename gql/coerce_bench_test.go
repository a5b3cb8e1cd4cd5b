package gql

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const benchedSDL = `
enum Status { DRAFT PUBLISHED }
input CreatePostInput { title: String! text: String status: Status tags: [String!] place: PlaceInput likes: Int score: Float clientMutationId: String }
input PlaceInput { latitude: Float! longitude: Float! }
type Query { posts(first: Int, after: String, status: Status): Int }
type Mutation { createPost(input: CreatePostInput!): Int }`

// BenchmarkCoercion measures the variables of a mutation beside gqlparser's own way with them, and
// BenchmarkValidation what a document costs that is not in the cache. The two take turns; `ratio` is
// how much longer ours takes.
//
//	go test ./gql -run xxx -bench 'Coercion|Validation'
func BenchmarkCoercion(b *testing.B) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: benchedSDL})
	document := gqlparser.MustLoadQueryWithRules(schema, `mutation ($input: CreatePostInput!) { createPost(input: $input) }`, nil)
	var variables map[string]any
	decoder := json.NewDecoder(strings.NewReader(`{"input":{"title":"One","text":"Something","status":"DRAFT","tags":["a","b","c"],
		"place":{"latitude":1.5,"longitude":2.5},"likes":3,"score":0.5,"clientMutationId":"0"}}`))
	decoder.UseNumber()
	if err := decoder.Decode(&variables); err != nil {
		b.Fatal(err)
	}
	takeTurns(b, func() error {
		if _, errs := coerceVariables(schema, document.Operations[0], variables); errs != nil {
			return errs
		}
		return nil
	}, func() error {
		_, err := validator.VariableValues(schema, document.Operations[0], variables)
		return err
	})
}

func BenchmarkValidation(b *testing.B) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: benchedSDL})
	const text = `mutation { a: createPost(input: {title: "One", text: "\u00e9", status: DRAFT, tags: ["a", "b"], likes: 3}) b: createPost(input: {title: "Two"}) }`
	documents := newDocuments(schema, DefaultLimits, false)
	takeTurns(b, func() error {
		parsed, _, err := documents.parse(text)
		if err != nil {
			return err
		}
		if _, errs := validate(schema, parsed, documents.rules); errs != nil {
			return errs
		}
		return nil
	}, func() error {
		parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, DefaultLimits.MaxTokens)
		if err != nil {
			return err
		}
		if errs := validator.ValidateWithRules(schema, parsed, rules.NewDefaultRules()); errs != nil {
			return errs
		}
		return nil
	})
}

// takeTurns measures two ways to do the same.
func takeTurns(b *testing.B, ours, theirs func() error) {
	b.Helper()
	b.ReportAllocs()
	measure := func(do func() error) time.Duration {
		start := time.Now()
		for range 100 {
			if err := do(); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start)
	}
	var own, other time.Duration
	for b.Loop() {
		own += measure(ours)
		other += measure(theirs)
	}
	b.ReportMetric(float64(own.Nanoseconds())/float64(b.N*100), "ownql-ns/op")
	b.ReportMetric(float64(other.Nanoseconds())/float64(b.N*100), "gqlparser-ns/op")
	b.ReportMetric(float64(own)/float64(other), "ratio")
}

package gql

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// testSchema is that of a project.
func testSchema(t testing.TB) *ast.Schema {
	t.Helper()
	sdl, err := os.ReadFile("../internal/notes/graph/schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: string(sdl)})
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// multiplying returns a document whose fragments, spread twice by each other, make more
// fields than anyone could visit.
func multiplying(levels int) string {
	var b strings.Builder
	b.WriteString("{ ...f0 }")
	for i := range levels {
		fmt.Fprintf(&b, " fragment f%d on Query { ...f%d ...f%d }", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment f%d on Query { viewer { id } }", levels)
	return b.String()
}

func repeated(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	documents := newDocuments(testSchema(t), DefaultLimits, true)
	for _, test := range []struct {
		name, document string
		want           string // of the error; empty: none
	}{
		{"a query", "{ viewer { id } }", ""},
		{"what GraphiQL asks first", introspection.Query, ""},
		{"30 aliases", "{" + repeated(30, "a%d: __typename ") + "}", ""},
		{"31 aliases", "{" + repeated(31, "a%d: __typename ") + "}", "31 aliases, and at most 30"},
		{"31 aliases, of which a fragment brings most", "{" + repeated(1, "a%d: __typename ") + "...f ...f } fragment f on Query {" + repeated(15, "b%d: __typename ") + "}", "31 aliases, and at most 30"},
		{"500 fields", "{" + strings.Repeat("__typename ", 500) + "}", ""},
		{"501 fields", "{" + strings.Repeat("__typename ", 501) + "}", "501 fields, and at most 500"},
		{"fragments that multiply", multiplying(60), "fields, and at most 500"},
		{"fragments that nobody spreads", "{ viewer { id } } fragment f on Query {" + strings.Repeat("__typename ", 500) + "}", "502 fields"},
		{"51 directives", "{ viewer { id " + strings.Repeat("@skip(if: true) ", 51) + "} }", "51 directives, and at most 50"},
		{"51 directives, of which a variable has most", "query($first: Int " + strings.Repeat("@a ", 50) + ") @a { viewer { id } }", "51 directives, and at most 50"},
		{"21 levels", strings.Repeat("{ a ", 21) + strings.Repeat("}", 21), "21 levels of depth, and at most 20"},
		{"1,001 tokens", "{" + strings.Repeat("__typename ", 1000) + "}", "more than 1000 tokens"},
		{"deep lists", "{ node(id: " + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + ") { id } }", "more than 1000 tokens"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs := documents.load(test.document)
			tooComplex := new(model.Error)
			switch {
			case test.want == "" && len(errs) > 0:
				t.Errorf("%v", errs)
			case test.want != "" && (!errors.As(errs, &tooComplex) || !strings.Contains(tooComplex.Error(), test.want)):
				t.Errorf("%v, want QUERY_TOO_COMPLEX of %s", errs, test.want)
			}
		})
	}
}

func TestCyclesAreMeasuredAndThenRefused(t *testing.T) {
	documents := newDocuments(testSchema(t), DefaultLimits, true)
	_, errs := documents.load("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a __typename }")
	if len(errs) == 0 || errs[0].Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("%v, want GRAPHQL_VALIDATION_FAILED", errs)
	}
}

func TestCost(t *testing.T) {
	documents := newDocuments(testSchema(t), DefaultLimits, true)
	for _, test := range []struct {
		name, document string
		variables      map[string]any
		want           int
	}{
		{"one object", "{ viewer { id email } }", nil, 3},
		{"three nodes", `{ nodes(ids: ["1", "2", "3"]) { id __typename } }`, nil, 7},
		{"a hundred, by variable", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": make([]any, 100)}, 101},
		{"twice by a fragment", `query ($ids: [ID!]!) { ...f ...f } fragment f on Query { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]any, 100)}, 202},
	} {
		t.Run(test.name, func(t *testing.T) {
			document, errs := documents.load(test.document)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			operation := &graphql.OperationContext{Operation: document.Operations[0], Variables: test.variables}
			limits := Limits{MaxCost: test.want}
			if err := limits.checkCost(operation); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			limits.MaxCost--
			if err := limits.checkCost(operation); err == nil {
				t.Errorf("it costs less than %d", test.want)
			}
		})
	}
}

func TestLongDocumentsAreNotKept(t *testing.T) {
	documents := newDocuments(testSchema(t), DefaultLimits, true)
	for length, want := range map[int]bool{100: true, maxCachedDocument: true, maxCachedDocument + 1: false} {
		document := "{ __typename }" + strings.Repeat(" ", length-len("{ __typename }"))
		if _, errs := documents.load(document); len(errs) > 0 {
			t.Fatal(errs)
		}
		if _, got := documents.cache.get(document); got != want {
			t.Errorf("%d bytes: kept %v, want %v", length, got, want)
		}
	}
}

// hostileDocument makes one of many kinds of documents that are dear to parse, validate
// or run.
func hostileDocument(r *rand.Rand) string {
	n := 1 + r.IntN(2000)
	few := 1 + r.IntN(60)
	name := func() string { return string(rune('a' + r.IntN(26))) }
	switch r.IntN(9) {
	case 0:
		return multiplying(few)
	case 1:
		return "{" + repeated(n, "a%d: viewer { id } ") + "}"
	case 2:
		return "{ viewer { id " + strings.Repeat("@include(if: true) ", n) + "} }"
	case 3:
		return strings.Repeat("{ viewer ", few) + strings.Repeat("}", few)
	case 4: // fields that overlap and must be compared with each other
		return "{" + strings.Repeat("viewer { id email } ... { viewer { id } } ", n/6) + "}"
	case 5:
		return "query (" + repeated(n, "$v%d: ID ") + ") { viewer { id } }"
	case 6: // fragments on every type, spread by each other
		var b strings.Builder
		b.WriteString("{ ...f0 }")
		for i := range few {
			fmt.Fprintf(&b, " fragment f%d on Query { %s: viewer { id } ...f%d ... on Query { ...f%d } }", i, name(), (i+1)%few, r.IntN(few))
		}
		return b.String()
	case 7:
		return "{ nodes(ids: [" + strings.Repeat(`"x" `, n) + "]) { id " + strings.Repeat("...{ id } ", few) + "} }"
	default:
		return "{ " + strings.Repeat(name()+"(x: {", few) + strings.Repeat("})", few) + " }"
	}
}

// BenchmarkHostileDocuments loads 10,000 documents of a seed and reports how long the
// worst and the 99th percentile took.
//
//	go test ./graph -run xxx -bench Hostile -benchtime 1x
func BenchmarkHostileDocuments(b *testing.B) {
	documents := newDocuments(testSchema(b), DefaultLimits, true)
	const seed, count = 1, 10_000
	var times []time.Duration
	for b.Loop() {
		r := rand.New(rand.NewPCG(seed, seed))
		for range count {
			document := hostileDocument(r)
			start := time.Now()
			documents.load(document)
			times = append(times, time.Since(start))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "ms-worst")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms-p99")
}

// FuzzLimits holds that whatever passes the limits is measured and validated without a
// panic, and that no document within them has more fields than they say.
func FuzzLimits(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 40 {
		if document := hostileDocument(r); len(document) < 2000 {
			f.Add(document)
		}
	}
	f.Add("{ viewer { id } }")
	f.Add(introspection.Query)
	documents := newDocuments(testSchema(f), DefaultLimits, false)
	f.Fuzz(func(t *testing.T, query string) {
		document, errs := documents.load(query)
		if len(errs) > 0 {
			return
		}
		for _, operation := range document.Operations {
			if fields := countFields(operation.SelectionSet); fields > DefaultLimits.MaxFields {
				t.Errorf("%d fields passed", fields)
			}
			DefaultLimits.checkCost(&graphql.OperationContext{Operation: operation})
		}
	})
}

// countFields counts without memory, as execution would come upon them.
func countFields(selections ast.SelectionSet) (total int) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			total += 1 + countFields(selection.SelectionSet)
		case *ast.InlineFragment:
			total += countFields(selection.SelectionSet)
		case *ast.FragmentSpread:
			total += countFields(selection.Definition.SelectionSet)
		}
	}
	return total
}

package gql

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/99designs/gqlgen/graphql"
)

// TestTakesInput: gqlgen's functions that read inputs are there wherever an argument, however deep, is one that may need them.
func TestTakesInput(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		scalar Map
		enum Size { SMALL LARGE }
		input Shape { sides: Int }
		type Query { thing(id: ID, sizes: [Size!], first: Int, shape: Shape, shapes: [Shape!], map: Map): Query  name: String }`})
	documents := newDocuments(schema, DefaultLimits, false)
	for query, want := range map[string]bool{
		`{ name thing { name } }`: false,
		`{ thing(id: "x", first: 1) { thing(sizes: [SMALL]) { name } } }`: false,
		`{ thing(id: "x") { thing(shape: { sides: 3 }) { name } } }`:      true,
		`query($s: [Shape!]) { thing(shapes: $s) { name } }`:              true,
		`{ ...f } fragment f on Query { thing(map: 1) { name } }`:         true,
		`{ ... on Query { thing(shape: null) { name } } }`:                true,
	} {
		document, errs := documents.load(query)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		operation := &graphql.OperationContext{}
		document.selections.use(operation)
		if got := TakesInput(operation); got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	if !TakesInput(&graphql.OperationContext{}) {
		t.Error("of an operation of which nothing is known, it is false")
	}
}

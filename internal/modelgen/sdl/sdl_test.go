package sdl

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// TestValidate wants every mistake of a schema, each once, and nothing that only follows from
// another.
func TestValidate(t *testing.T) {
	document, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: Source, Input: `type Query {
  a: Nothing
  b(of: Never): [None!]! @who
}
interface Named { name: String! }
type Thing implements Named & Other {
  name: Int!
  name: String!
}
union Any = Thing | Query | Nobody
enum None { true }
input In { thing: Thing in: In! }
`})
	if err != nil {
		t.Fatal(err)
	}
	var problems Problems
	problems.Validate(document)
	got := map[int]int{}
	for _, problem := range problems {
		got[problem.Line]++
	}
	want := map[int]int{2: 1, 3: 1, 6: 1, 7: 1, 10: 1, 11: 1, 12: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems by line, -want +got:\n%s%v", diff, problems)
	}
}

// TestNearest wants what was likely meant, and nothing where that is a guess.
func TestNearest(t *testing.T) {
	known := []string{"model", "auth", "hasMany", "unique"}
	for name, want := range map[string]string{
		"modle": "model", "Model": "model", "hasmany": "hasMany", "uniqe": "unique", "auht": "auth",
		"searchable": "", "x": "", "tag": "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%s is taken for %q, want %q", name, got, want)
		}
	}
}

//go:build newcomer && !dynamodblocal

package e2e

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// oddDocuments ask for each field of each of the values below, and for what is selected of the same field in several places.
func oddDocuments(schema *ast.Schema) (documents []string) {
	begin := "query ($yes: Boolean!, $no: Boolean!) { used: __typename @include(if: $yes) @skip(if: $no) "
	for n := range 11 {
		for _, field := range schema.Types["Odd"].Fields {
			text := field.Name
			if schema.Types[field.Type.Name()].IsCompositeType() {
				text += " { name ... on Odd { flag must inner { name } } ... on Bit { odd { name must } } }"
			}
			documents = append(documents, fmt.Sprintf("%s odd(n: %d) { name %s at } odds(n: %[2]d) { %[3]s kind } }", begin, n, text))
		}
	}
	for _, text := range []string{
		"named(n: 11) { odd { name } ... on Odd { odd { text } } ... on Bit { odd { whole } } }",
		"named(n: 6) { odd { name } ... on Odd { odd { flag } } ... on Bit { odd { whole } } }",
		"named(n: 3) { odd { name } list { name } }",
		"odd(n: 11) { inner { name } list { ...all } inner { ...all } next: odd { ...all } }",
		"odds(n: 10) { inner { name late } list { ...all late } inner { ...all computed } }",
		"odd(n: 11) { a: name b: name name a: name @skip(if: $yes) ... @include(if: $yes) { c: text a: name } }",
	} {
		documents = append(documents, begin+text+" all: odd(n: 1) { ...all } } fragment all on Odd { kinds ats bits { name odd { on doc } } ... @skip(if: $yes) { whole } holes gaps { sum } }")
	}
	return documents
}

// oddTypes are types of a project's own, answered by Go structs with values that few have: nulls where none may be,
// text that is escaped or no UTF-8, numbers that JSON has not, fields that panic, and resolvers beside them.
const oddTypes = `
interface Named { name: String! odd: Odd list: [Odd] }

"A scalar of the project's own."
scalar Own

type Odd implements Named {
  name: String!
  text: String!
  maybe: String
  must: String!
  many: [String!]!
  some: [String!]
  holes: [String]
  whole: Int!
  wholes: [Int!]!
  part: Float!
  parts: [Float!]
  flag: Boolean!
  at: DateTime!
  ats: [DateTime!]
  on: Date
  sum: Decimal!
  sums: [Decimal!]!
  doc: JSON
  kind: Status1!
  kinds: [Status1!]!
  own: Own!
  odd: Odd
  inner: Odd!
  list: [Odd!]!
  gaps: [Odd]
  bit: Bit!
  bits: [Bit!]!
  computed: String
  late: String!
}

type Bit implements Named { name: String! odd: Odd list: [Odd] }
`

// oddQueries are the fields of Query that answer them.
const oddQueries = `
  odd(n: Int!): Odd
  odds(n: Int!): [Odd!]!
  named(n: Int!): [Named]
`

// oddStore is their Go, in package store.
const oddStore = `package store

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/ownql/ownql/model"
)

// Own is a scalar of the project's own.
type Own struct{ text string }

func (o Own) MarshalGQL(w io.Writer) { fmt.Fprintf(w, "{\"own\":%q}", o.text) }

func (o *Own) UnmarshalGQL(any) error { return nil }

type Named interface{ IsNamed() }

// Perhaps is promoted from what may be nil.
type Perhaps struct{ Flag bool }

type Bit struct {
	Name string
	Odd  *Odd
	List []*Odd
}

func (Bit) IsNamed() {}

type Odd struct {
	*Perhaps
	Name, Text  string
	Maybe, Must *string
	Many, Some  []string
	Holes       []*string
	Whole       int
	Wholes      []int
	Part        float64
	Parts       []float64
	At          model.DateTime
	Ats         []model.DateTime
	On          *model.Date
	Sum         model.Decimal
	Sums        []model.Decimal
	Doc         *model.JSON
	Kind        Status1
	Kinds       []Status1
	Own         Own
	Odd, Inner  *Odd
	List, Gaps  []*Odd
	Bit         Bit
	Bits        []Bit
}

func (*Odd) IsNamed() {}

// Computed is a method of the project's own.
func (o *Odd) Computed() *string {
	if o.Whole == 9 {
		panic("computed")
	}
	return &o.Text
}

func plainOdd(depth int) *Odd {
	text, on, doc := "must \"be\"", model.MustDate("2026-02-28"), model.MustJSON("{\"a\":[1.50,\"é\\n\"]}")
	o := &Odd{
		Perhaps: &Perhaps{true}, Name: fmt.Sprint("odd ", depth), Text: "é \u2028 \U0001F600 </script> \x7f", Maybe: &text, Must: &text,
		Many: []string{"a", "", "c\td"}, Some: []string{}, Holes: []*string{&text, nil},
		Whole: -7, Wholes: []int{1, 0, -1}, Part: 0.1, Parts: []float64{1e21, 1e-7, 100000, 1234567, -0.0},
		At: model.NewDateTime(time.Unix(1e9, 0)), Ats: []model.DateTime{{}, model.NewDateTime(time.Unix(0, 999e6))}, On: &on,
		Sum: model.MustDecimal("12.50"), Sums: []model.Decimal{{}, model.MustDecimal("-1e30")}, Doc: &doc,
		Kind: "DRAFT", Kinds: []Status1{"PUBLISHED", "DRAFT"}, Own: Own{"é"}, Bit: Bit{Name: "bit"}, Bits: []Bit{{Name: "a"}, {Name: "b"}},
	}
	if depth > 0 {
		in := plainOdd(depth - 1)
		o.Odd, o.Inner, o.List, o.Gaps, o.Bit.Odd = in, in, []*Odd{in, in, in}, []*Odd{in, nil}, in
		o.Bits[1].Odd = in
	}
	return o
}

// OddOf returns the nth of them.
func OddOf(n int) *Odd {
	o := plainOdd(3)
	switch n {
	case 0:
		o.Perhaps = nil
	case 1:
		o.Part, o.Parts = math.NaN(), []float64{1, math.Inf(1)}
	case 2:
		o.Inner, o.Must = nil, nil
	case 3:
		o.List = append(o.List, nil)
	case 4:
		*o = Odd{Perhaps: o.Perhaps, Inner: o.Inner}
	case 5:
		var all []byte
		for c := range 256 {
			all = append(all, byte(c))
		}
		o.Text, o.Name = string(all), strings.Repeat("\"\x01é", 70)
		o.Many = []string{o.Text, o.Name, strings.Repeat("x", 200), strings.Repeat("x", 201)}
		doc := model.MustJSON("[\"" + strings.Repeat("é", 300) + "\"]")
		o.Doc = &doc
	case 6:
		o.List[1].Perhaps = nil
		o.Bits[0].Odd = o.List[1]
	case 7:
		o.Whole = 9
	case 8:
		o.List[0].Must = nil
	case 9:
		o.Kind, o.Kinds = "NO\"NE", []Status1{"", "\n"}
	}
	return o
}
`

// oddResolvers answer what the structs do not.
const oddResolvers = `package graph

import (
	"context"
	"errors"

	"example.com/shop/store"
)

func (r *queryResolver) Odd(ctx context.Context, n int) (*store.Odd, error) {
	if n < 0 {
		return nil, nil
	}
	return store.OddOf(n), nil
}

func (r *queryResolver) Odds(ctx context.Context, n int) ([]*store.Odd, error) {
	return []*store.Odd{store.OddOf(11), store.OddOf(n), store.OddOf(12)}, nil
}

func (r *queryResolver) Named(ctx context.Context, n int) ([]store.Named, error) {
	odd := store.OddOf(n)
	return []store.Named{odd, nil, &odd.Bit, odd.Bit}, nil
}

func (r *oddResolver) Late(ctx context.Context, obj *store.Odd) (string, error) {
	if obj.Inner == nil {
		return "", errors.New("it is too late")
	}
	return obj.Text, nil
}
`

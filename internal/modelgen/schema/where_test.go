package schema

import "testing"

// TestGoLiteralOfNumbers: what a rule says of a Float is one in Go, however large it is.
func TestGoLiteralOfNumbers(t *testing.T) {
	s, err := parse(`
scalar DateTime
interface Node { id: ID! }
type User implements Node { id: ID! }
type Query { node(id: ID!): Node }
type Post implements Node @model @auth(rules: [
  { allow: owner }
  { allow: public, where: { score: { between: [-1, 10000000000000000000] }, rank: { lt: 7 } }, operations: [read] }
]) {
  id: ID!
  score: Float!
  rank: Int!
}
`, &handwritten{})
	if err != nil {
		t.Fatal(err)
	}
	const want = `map[string]any{"score": map[string]any{"between": []any{-1.0, 10000000000000000000.0}}, "rank": map[string]any{"lt": 7}}`
	if got := s.Models[0].Rules[1].Terms[1].Where.GoLiteral(); got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

package policy

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// TestExamples wants values that @validate admits, as many as there are.
func TestExamples(t *testing.T) {
	for _, test := range []struct {
		field string
		want  int
	}{
		{`String!`, maxUnique},
		{`String! @validate(type: maxLength, value: "1")`, maxUnique},
		{`String! @validate(type: maxLength, value: "0")`, 1},
		{`String! @validate(type: minLength, value: "900")`, maxUnique},
		{`String! @validate(type: minLength, value: "2000000000")`, 0},
		{`String! @validate(type: matches, value: "^[a-z]+(-[a-z0-9]+)*$")`, maxUnique},
		{`String! @validate(type: matches, value: "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$")`, maxUnique},
		{`String! @validate(type: matches, value: "^\\+?[0-9]{6,}$") @validate(type: maxLength, value: "8")`, maxUnique},
		{`String! @validate(type: matches, value: "^.+$") @validate(type: minLength, value: "100")`, maxUnique},
		{`String! @validate(type: matches, value: "(?i)^(on|off)$")`, 2},
		{`String! @validate(type: matches, value: "^\\p{Greek}{2}$")`, maxUnique},
		{`String! @validate(type: matches, value: "^a\\bb$")`, 0},
		{`ID @validate(type: matches, value: "x")`, maxUnique},
		{`Int!`, maxUnique},
		{`Int! @validate(type: gt, value: "2147483646")`, 1},
		{`Int! @validate(type: lte, value: "-5")`, maxUnique},
		{`Int! @validate(type: gte, value: "0") @validate(type: lt, value: "3")`, 3},
		{`Float! @validate(type: gt, value: "0") @validate(type: lt, value: "1e-9")`, maxUnique - 2},
		{`Float! @validate(type: lt, value: "-1e6")`, maxUnique - 1},
		{`Float! @validate(type: gte, value: "-9.9e125") @validate(type: lte, value: "9.9e125")`, maxUnique},
		{`Boolean!`, 2},
		{`DateTime!`, maxUnique},
		{`[Int!]!`, maxUnique},
	} {
		t.Run(test.field, func(t *testing.T) {
			s, err := schema.Parse(`scalar DateTime
				interface Node { id: ID! }
				type User implements Node { id: ID! }
				type Query { node(id: ID!): Node }
				type Thing implements Node @model @auth(rules: [{ allow: owner }]) { id: ID! field: ` + test.field + ` }`)
			if err != nil {
				t.Fatal(err)
			}
			field := s.Models[0].Field("field")
			values := validValues(s, field)
			if len(values) != test.want {
				t.Errorf("%d values, want %d: %s", len(values), test.want, asJSON(values))
			}
			for _, value := range values {
				if !admits(field, value) || strings.Contains(asJSON(value), `\u`) {
					t.Errorf("%s is no example", asJSON(value))
				}
			}
		})
	}
}

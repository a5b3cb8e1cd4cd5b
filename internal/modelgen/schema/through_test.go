package schema

import (
	"strings"
	"testing"
)

// TestThroughLeftOut: a rule for members need not say by which type where one is like that, and has to where there are two, or
// none.
func TestThroughLeftOut(t *testing.T) {
	const base = `
scalar DateTime
interface Node { id: ID! }
type User implements Node { id: ID! SEEN }
type Query { viewer: User }
type Crew implements Node @model(onOwnerDelete: KEEP) @auth(rules: [{ allow: owner, operations: [create] }, { allow: members, operations: [read, update] }]) { id: ID! }
`
	const berth = `
type Berth implements Node @model @unique(fields: ["sailor", "crew"]) { id: ID! crew: Crew! @belongsTo(onDelete: CASCADE) sailor: User! @belongsTo }
`
	const liking = `
type Song implements Node @model @auth(rules: [{ allow: owner }]) { id: ID! }
type Liking implements Node @model @unique(fields: ["song", "user"]) AUTH { id: ID! song: Song! @belongsTo(onDelete: CASCADE) user: User! @belongsTo }
`
	const seen = "firstName: String! @auth(rules: [{ allow: owner }, { allow: members, operations: [read] }])"
	for _, test := range []struct {
		what, schema, err string
	}{
		{"one", base + berth, ""},
		{"one, and people who see one another", strings.Replace(base, "SEEN", seen, 1) + berth, ""},
		{"none", base, "a rule for members says by which type"},
		{"two", base + berth + strings.ReplaceAll(berth, "Berth", "Watch"), "a rule for members says by which type"},
		{"two, of which a rule names one", strings.Replace(base, "members,", `members, through: "Watch",`, 1) + berth + strings.ReplaceAll(berth, "Berth", "Watch"), "Berth has no @auth"},
		{"no CASCADE", base + strings.Replace(berth, "onDelete: CASCADE", "onDelete: RESTRICT", 1), "a rule for members says by which type"},
		{"another like it, of something else", base + berth + strings.Replace(liking, "AUTH", "@auth(rules: [{ allow: owner }])", 1), ""},
		{"another like it, without rules", base + berth + strings.Replace(liking, "AUTH", "", 1), "Liking has no @auth"},
	} {
		t.Run(test.what, func(t *testing.T) {
			s, err := parse(strings.Replace(test.schema, "SEEN", "", 1), &handwritten{})
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if crew := s.Model("Crew"); len(crew.Memberships()) != 1 || crew.Rules[1].Terms[0].Through != crew.Memberships()[0] {
				t.Errorf("the rule goes by %v", crew.Rules[1].Terms[0].Through)
			}
			if berth := s.Model("Berth"); len(berth.Rules) != 3 {
				t.Errorf("the memberships have the rules %v", berth.Rules)
			}
		})
	}
}

package review

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// world is one caller and one post, as far as rules ask.
type world struct {
	isSignedIn, isOwner, isTo, ownsTeam bool
	groups                              []string
	role                                string // empty: none
	state                               string
	rating                              int
}

// worlds are all that there are.
func worlds() (all []world) {
	people := []world{{}} // the anonymous
	for _, groups := range [][]string{nil, {"a"}, {"b"}, {"a", "b"}} {
		for _, role := range []string{"", "ADMIN", "EDITOR", "READER"} {
			for i := range 8 {
				people = append(people, world{isSignedIn: true, isOwner: i&1 > 0, isTo: i&2 > 0, ownsTeam: i&4 > 0, groups: groups, role: role})
			}
		}
	}
	for _, w := range people {
		for _, w.state = range []string{"DRAFT", "REVIEW", "DONE"} {
			for w.rating = -1; w.rating < 4; w.rating++ {
				all = append(all, w)
			}
		}
	}
	return all
}

// allows tells whether rules of a post, or of its team, let the caller do op.
func (w world) allows(rules []schema.Rule, op schema.Operation, team *schema.Model, isOfTeam bool) bool {
	return slices.ContainsFunc(rules, func(rule schema.Rule) bool {
		return slices.Contains(rule.Operations, op) && !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool { return !w.meets(term, op, team, isOfTeam) })
	})
}

func (w world) meets(term schema.Term, op schema.Operation, team *schema.Model, isOfTeam bool) bool {
	switch term.Allow {
	case "":
		return w.allows(team.Rules, term.ParentOperation, team, true)
	case "public":
		return true
	case "authenticated":
		return w.isSignedIn
	case "groups":
		return slices.ContainsFunc(term.Groups, func(group string) bool { return slices.Contains(w.groups, group) })
	case "named":
		return w.isTo
	case "members":
		return w.role != "" && (len(term.Roles) == 0 || slices.Contains(term.Roles, w.role))
	case "where":
		return w.is(term.Where)
	}
	if isOfTeam {
		return w.ownsTeam
	}
	return w.isOwner || op == schema.Create && w.isSignedIn
}

func (w world) is(where *schema.Where) bool {
	holds := func(part *schema.Where) bool { return w.is(part) }
	switch where.Op {
	case "and":
		return !slices.ContainsFunc(where.Parts, func(part *schema.Where) bool { return !w.is(part) })
	case "or":
		return slices.ContainsFunc(where.Parts, holds)
	case "not":
		return !w.is(where.Parts[0])
	}
	if where.Field.Name == "state" {
		return slices.Contains(where.Values, w.state) != (where.Op == "ne")
	}
	limit := int(where.Values[0][0] - '0')
	return map[string]bool{"eq": w.rating == limit, "ge": w.rating >= limit, "lt": w.rating < limit}[where.Op]
}

// TestRightsDifferential makes rules by chance, and tries those of before and those of now in each world: where somebody
// may do something now that nobody like them might, it is told, and otherwise not; and the other way round. No rule is
// for DRAFT: several rules that come to one without where are told apart from that.
func TestRightsDifferential(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 14))
	all, told, untold := worlds(), 0, 0
	for range 80 {
		before, now := randomHouse(t, random), randomHouse(t, random)
		facts := compareRights(before, now)
		for _, op := range []schema.Operation{schema.Create, schema.Read, schema.Update, schema.Delete} {
			may := func(s *schema.Schema, w world) bool {
				return w.allows(s.Model("Post").Rules, op, s.Model("Team"), false)
			}
			for _, isWidening := range []bool{true, false} {
				from, to := before, now
				if !isWidening {
					from, to = now, before
				}
				isSo := slices.ContainsFunc(all, func(w world) bool { return may(to, w) && !may(from, w) })
				isTold := slices.ContainsFunc(facts, func(f Fact) bool {
					return f.IsWidening == isWidening && f.On == "Post" && slices.Contains(f.Operations, string(op))
				})
				if isSo != isTold {
					t.Fatalf("wider %v, %s: it is %v, and is told %v\n%v\n%v\nto\n%v\n%v\n%v", isWidening, op, isSo, isTold,
						before.Model("Post").Rules, before.Model("Team").Rules, now.Model("Post").Rules, now.Model("Team").Rules, facts)
				}
				if isTold {
					told++
				} else {
					untold++
				}
			}
		}
	}
	if told < 130 || untold < 70 {
		t.Errorf("%d are told, and %d are not", told, untold)
	}
}

func randomHouse(t *testing.T, random *rand.Rand) *schema.Schema {
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	operations := func() string {
		var some []string
		for _, op := range []string{"read", "update", "delete"} {
			if random.IntN(2) == 0 {
				some = append(some, op)
			}
		}
		return ", operations: [" + strings.Join(append(some, "read")[:max(1, len(some))], ", ") + "]"
	}
	people := func() string {
		return pick(`allow: owner`, `allow: public`, `allow: authenticated`, `allow: groups, groups: ["a"]`, `allow: groups, groups: ["b", "a"]`,
			`allow: owner, ownerField: "to"`, `via: "team"`, `via: "team", parentOperation: update`,
			`allow: members, via: "team", through: "Membership"`, `allow: members, via: "team", through: "Membership", roles: ["ADMIN"]`,
			`allow: members, via: "team", through: "Membership", roles: ["READER", "EDITOR"]`)
	}
	where := func() string {
		return pick("", "", `, where: { state: { eq: DONE } }`, `, where: { state: { in: [DONE, REVIEW] } }`, `, where: { rating: { ge: 2 } }`, `, where: { rating: { ge: 1 } }`,
			`, where: { rating: { eq: 3 } }`, `, where: { or: [{ state: { eq: REVIEW } }, { rating: { eq: 0 }, state: { eq: DONE } }] }`)
	}
	rule := func() string {
		if random.IntN(3) == 0 {
			return `{ and: [{ ` + people() + ` }, { ` + people() + where() + ` }]` + operations() + ` }`
		}
		return `{ ` + people() + where() + operations() + ` }`
	}
	team := func() string {
		return `{ ` + pick(`allow: owner`, `allow: public`, `allow: authenticated`, `allow: groups, groups: ["b"]`, `allow: members, through: "Membership"`, `allow: members, through: "Membership", roles: ["ADMIN", "EDITOR"]`) + operations() + ` }`
	}
	post := rule()
	for range random.IntN(3) {
		post += ", " + rule()
	}
	if random.IntN(2) == 0 {
		post += ", { " + people() + where() + ", operations: [create] }"
	}
	teams := team()
	for range random.IntN(3) {
		teams += ", " + team()
	}
	return housed(t, map[string]string{"POST": post, "TEAM": teams})
}

package review

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// house is what every project has, with a type that others belong to.
const house = `interface Node { id: ID! }
type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! viewer: User }
type User implements Node { id: ID! email: String! %USER }
type Team implements Node @model(onOwnerDelete: CASCADE) @auth(rules: [%TEAM]) { id: ID! memberships: [Membership!]! @hasMany posts: [Post!]! @hasMany }
enum Role { ADMIN EDITOR READER }
type Membership implements Node @model @unique(fields: ["team", "user"]) @auth(rules: [{ allow: owner }]) { id: ID! team: Team! @belongsTo(onDelete: CASCADE) user: User! @belongsTo role: Role! @default(value: "READER") }
type Post implements Node @model(onOwnerDelete: CASCADE %MODEL) @auth(rules: [%POST]) {
  id: ID! title: String! %TITLE rating: Int! @default(value: "0") state: State! @default(value: "DRAFT") until: Date %MORE
  to: User @belongsTo @immutable team: Team! @belongsTo(onDelete: CASCADE)
}
enum State { DRAFT REVIEW DONE }
type Other implements Node @model(onOwnerDelete: CASCADE) @auth(rules: [{ allow: members, via: "team", through: "Membership" }]) { id: ID! team: Team! @belongsTo(onDelete: CASCADE) }
`

// TestRights wants of rules before and now what is told of it.
func TestRights(t *testing.T) {
	const (
		ofTeam = `{ allow: members, through: "Membership", operations: [read] }`
		member = `{ allow: members, via: "team", through: "Membership"`
	)
	manyOfTeam := `{ and: [{ via: "team" }, { allow: groups, groups: [` + words("b", 15) + `] }], operations: [read] }`
	roles := strings.ReplaceAll(words("a", 14), `"`, "") + " or a14"
	for _, test := range []struct {
		what        string
		before, now map[string]string
		want        string
	}{
		{"the same in other words", post(`{ allow: owner }, { allow: public, operations: [read] }`),
			post(`{ allow: public, operations: read }, { allow: owner, operations: [read, create] }, { allow: owner, operations: [update, delete] }`), ``},
		{"wider, and first of all what is for everybody", post(`{ allow: owner }`), post(`{ allow: owner }, { allow: groups, groups: ["a"], operations: [delete] }, { allow: public, operations: [read] }`), `
**Everybody may now read Post.** Before: its owner.
**Users with the role a may now delete Post.** Before: its owner.`},
		{"narrower", post(`{ allow: authenticated }`), post(`{ allow: owner }`), `
Whoever is signed in may no longer read, update and delete Post. Now: its owner.`},
		{"from no rule to one", post(`{ allow: owner, operations: [read] }`), post(`{ allow: owner, operations: [read, delete] }`), `
**Its owner may now delete Post.** Before: nobody.`},
		{"a condition that goes", post(`{ allow: public, where: { state: { eq: DONE } } }`), post(`{ allow: public }`), `
**Everybody may now read, create, update and delete Post.** Before: everybody, where state is DONE.`},
		{"a condition that comes", post(`{ allow: owner }`), post(`{ allow: owner, where: { state: { ne: DONE } } }`), `
Whoever is signed in may no longer create Post. Now: whoever is signed in, where state is not DONE.
Its owner may no longer read, update and delete Post. Now: its owner, where state is not DONE.`},
		{"a value more", post(`{ allow: public, where: { state: { eq: DONE } }, operations: [read] }`), post(`{ allow: public, where: { state: { in: [DONE, REVIEW] } }, operations: [read] }`), `
**Everybody, where state is REVIEW, may now read Post.** Before: everybody, where state is DONE.`},
		{"a limit that is lower", post(`{ allow: public, where: { rating: { ge: 3 } }, operations: [read] }`), post(`{ allow: public, where: { rating: { gt: 1 } }, operations: [read] }`), `
**Everybody, where rating is more than 1, may now read Post.** Before: everybody, where rating is at least 3.`},
		{"a value within what was unequal", post(`{ allow: public, where: { state: { ne: DRAFT } }, operations: [read] }`), post(`{ allow: public, where: { state: { eq: DONE } }, operations: [read] }`), `
Everybody, where state is not DRAFT, may no longer read Post. Now: everybody, where state is DONE.`},
		{"a group less", post(`{ allow: groups, groups: ["a", "b"], operations: [read] }`), post(`{ allow: groups, groups: ["b"], operations: [read] }`), `
Users with the role a may no longer read Post. Now: users with the role b.`},
		{"roles in one rule or in two", post(member + `, roles: ["ADMIN", "EDITOR"] }`), post(member + `, roles: ["ADMIN"] }, ` + member + `, roles: ["EDITOR"] }`), ``},
		{"all roles by name", post(member + ` }`), post(member + `, roles: ["ADMIN", "EDITOR", "READER"] }`), ``},
		{"all roles but one", post(member + `, operations: [read] }`), post(member + `, roles: ["ADMIN", "EDITOR"], operations: [read] }`), `
Members of its team as READER may no longer read Post. Now: members of its team as ADMIN or EDITOR.`},
		{"two conditions, one of which goes", post(`{ and: [{ allow: owner }, ` + member + ` }], operations: [read] }`), post(`{ allow: owner, operations: [read] }`), `
**Its owner may now read Post.** Before: whoever owns it and is a member of its team.`},
		{"by the rules of a parent", map[string]string{"POST": `{ via: "team", operations: [read] }`, "TEAM": ofTeam},
			map[string]string{"POST": `{ via: "team", operations: [read] }`, "TEAM": `{ allow: public, operations: [read] }`}, `
**Everybody may now read Team.** Before: members of it.
**Everybody may now read Post.** Before: members of its team. By the rules of Team.`},
		{"by the parent, or said itself", map[string]string{"POST": `{ via: "team", operations: [read] }`, "TEAM": ofTeam}, map[string]string{"POST": member + `, operations: [read] }`, "TEAM": ofTeam}, ``},
		{"an owner by a field", post(`{ allow: owner }`), post(`{ allow: owner }, { allow: owner, ownerField: "to", operations: [read] }`), `
**Whom its to names may now read Post.** Before: its owner.`},
		{"to give away", post(`{ allow: owner }`), post(`{ allow: owner, operations: [create, read, update, delete, transfer] }`), `
**Its owner may now transfer Post.** Before: nobody.`},
		{"a field that all may read with the object", map[string]string{"POST": `{ allow: public, operations: [read] }`, "TITLE": `@auth(rules: [{ allow: owner }, { allow: groups, groups: ["a"] }])`}, post(`{ allow: public, operations: [read] }`), `
**Everybody may now read Post.title.** Before: its owner; users with the role a.`},
		{"a field of what the owner alone reads", map[string]string{"TITLE": `@auth(rules: [{ allow: owner }])`}, map[string]string{}, ``},
		{"a field that comes to be guarded", post(`{ allow: authenticated }`), map[string]string{"POST": `{ allow: authenticated }`, "TITLE": `@auth(rules: [{ allow: owner }, { allow: public, operations: [read] }])`}, `
Whoever is signed in may no longer change Post.title. Now: its owner.`},
		{"a field that may change", map[string]string{"TITLE": `@immutable`}, map[string]string{}, `
**Whoever may update Post may now change Post.title.** Before: nobody.`},
		{"a field that clients do not set any more", map[string]string{}, map[string]string{"TITLE": `@default(value: "a") @readOnly`}, `
Whoever may create Post may no longer set on creation Post.title. Now: nobody.
Whoever may update Post may no longer change Post.title. Now: nobody.`},
		{"more than are told apart", post(`{ allow: public, where: { rating: { in: [` + numbers(0, 100) + `] }, title: { in: ["a", "b", "c"] } }, operations: [read] }`),
			post(`{ allow: public, where: { rating: { in: [` + numbers(0, 100) + `] }, title: { in: ["a", "b", "c"] } }, operations: [read] }, { allow: owner }`), `
**Whoever is signed in may now create Post.** Before: nobody.
**Its owner may now read Post.** Before: everybody, where (rating is ` + strings.ReplaceAll(numbers(0, 100), ",", " or") + ` and title is a or b or c).
**Its owner may now update and delete Post.** Before: nobody.`},
		{"what users set for themselves", map[string]string{"USER": `lastName: String! plan: String @readOnly`}, map[string]string{"USER": `lastName: String! plan: String`}, `
**The user may now change User.plan.** Before: nobody.`},
		{"what users set for themselves no more, by another name", map[string]string{"USER": `tariff: String`}, map[string]string{"USER": `plan: String @readOnly @renamed(from: "tariff")`}, `
The user may no longer change User.plan. Now: nobody.`},
		{"a type that has another name of before", post(`{ allow: owner }`), map[string]string{"MODEL": `formerly: "Paper"`, "POST": `{ allow: public, operations: [read] }, { allow: owner }`}, `
**Everybody may now read Post.** Before: its owner.`},
		{"a type that has no name of before any more", map[string]string{"MODEL": `formerly: "Paper"`}, post(`{ allow: public, operations: [read] }, { allow: owner }`), `
**Everybody may now read Post.** Before: its owner.`},
		{"a condition of a field that has another type", map[string]string{"MORE": `level: String`, "POST": `{ allow: public, where: { level: { eq: "high" } }, operations: [read] }`},
			map[string]string{"MORE": `level: Int`, "POST": `{ allow: public, where: { level: { ge: 3 } }, operations: [read] }`}, `
**Everybody, where level is at least 3, may now read Post.** Before: everybody, where level is high.
Everybody, where level is high, may no longer read Post. Now: everybody, where level is at least 3.`},
		{"a condition of a field that has another name", map[string]string{"MORE": `rank: Int`, "POST": `{ allow: public, where: { rank: { ge: 3 } }, operations: [read] }, { allow: public, where: { rank: { eq: 1 } }, operations: [delete] }`},
			map[string]string{"MORE": `level: Int @renamed(from: "rank")`, "POST": `{ allow: public, where: { level: { ge: 2 } }, operations: [read] }, { allow: public, where: { level: { lt: 2 } }, operations: [delete] }`}, `
**Everybody, where level is at least 2, may now read Post.** Before: everybody, where level is at least 3.
**Everybody, where level is less than 2, may now delete Post.** Before: everybody, where level is 1.`},
		{"more than are told apart, beside whoever is signed in", post(`{ allow: authenticated, operations: [read] }`),
			post(`{ allow: authenticated, operations: [read] }, { and: [{ allow: public, where: { rating: { in: [` + numbers(0, 100) + `] } } }, { allow: public, where: { title: { in: ["a", "b", "c"] } } }], operations: [read] }`), `
**Whoever is admitted by { and: [{ allow: public }, { where: {rating:{in:[` + strings.ReplaceAll(numbers(0, 100), " ", "") + `]}} }, { allow: public }, { where: {title:{in:["a","b","c"]}} }], operations: [read] } may now read Post.** Before: whoever is signed in.`},
		{"more than are told apart, of a parent", map[string]string{"POST": manyOfTeam, "TEAM": `{ allow: groups, groups: [` + words("a", 15) + `], operations: [read] }`},
			map[string]string{"POST": manyOfTeam, "TEAM": `{ allow: groups, groups: [` + words("a", 15) + `, "more"], operations: [read] }`}, `
**Users with the role more may now read Team.** Before: users with the role ` + roles + `.
**Whoever is admitted by ` + manyOfTeam + ` may now read Post.** Before: whoever is admitted by ` + manyOfTeam + `. By the rules of Team.`},
		{"more than are told apart, all of whom are signed in", map[string]string{"POST": `{ allow: authenticated, operations: [read] }`, "TEAM": `{ allow: groups, groups: [` + words("a", 15) + `] }`},
			map[string]string{"POST": `{ allow: authenticated, operations: [read] }, ` + manyOfTeam, "TEAM": `{ allow: groups, groups: [` + words("a", 15) + `] }`}, ``},
		{"people", map[string]string{"USER": `lastName: String!`}, map[string]string{"USER": `lastName: String! @auth(rules: [{ allow: owner }, { allow: members, through: "Membership", roles: ["ADMIN"], operations: [read] }])`}, `
**Whoever is in something together with the user by Membership as ADMIN may now read User.lastName.** Before: the user.`},
	} {
		t.Run(test.what, func(t *testing.T) {
			var lines []string
			for _, fact := range compareRights(housed(t, test.before), housed(t, test.now)) {
				lines = append(lines, strings.ReplaceAll(fact.String(), "`", ""))
			}
			if diff := cmp.Diff(strings.TrimSpace(test.want), strings.Join(lines, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// numbers lists whole numbers.
func numbers(from, to int) string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return strings.Join(all, ", ")
}

// words lists texts.
func words(of string, n int) string {
	var all []string
	for i := range n {
		all = append(all, strconv.Quote(of+strconv.Itoa(i)))
	}
	return strings.Join(all, ", ")
}

func post(rules string) map[string]string { return map[string]string{"POST": rules} }

// housed is a schema with what stands in its places.
func housed(t *testing.T, places map[string]string) *schema.Schema {
	t.Helper()
	return housedIn(t, house, places)
}

func housedIn(t *testing.T, text string, places map[string]string) *schema.Schema {
	t.Helper()
	for place, usual := range map[string]string{"POST": `{ allow: owner }`, "TEAM": `{ allow: owner }`, "TITLE": "", "USER": "", "MORE": "", "MODEL": ""} {
		if said, ok := places[place]; ok {
			usual = said
		}
		text = strings.ReplaceAll(text, "%"+place, usual)
	}
	s, err := schema.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// TestOtherIDs tells of ids that lead nowhere where the first name of a type is another, and of no table that is gone.
func TestOtherIDs(t *testing.T) {
	data := compareData(housed(t, nil), housed(t, map[string]string{"MODEL": `formerly: "Paper"`}))
	all := strings.Join(data.Contradictions, "\n")
	if !strings.Contains(all, "**The global ids of `Post` are made of `Paper` now, and were of `Post`**") || strings.Contains(all, "is gone") {
		t.Errorf("it tells %s", all)
	}
}

// TestUniques tells of what two objects may have the same of from now on, by the names that fields have now.
func TestUniques(t *testing.T) {
	unique := `@unique(fields: ["rank", "team"]) @auth`
	before, now := house, strings.Replace(house, "%MORE", "code: String level: Int @renamed(from: \"rank\")", 1)
	before = strings.Replace(before, "%MORE", "code: String @unique rank: Int", 1)
	before = strings.Replace(before, "%MODEL) @auth", ") "+unique, 1)
	for _, test := range []struct {
		now  string
		want []string
	}{
		{now, []string{"several `Post` may have the same `code` now", "several `Post` may have the same `level` and `team` now"}},
		{strings.Replace(strings.Replace(now, "%MODEL) @auth", ") "+strings.Replace(unique, `"rank", "team"`, `"team", "level"`, 1), 1), "code: String", "code: String @unique", 1), nil},
	} {
		var told []string
		for _, note := range compareData(housedIn(t, before, nil), housedIn(t, test.now, nil)).Notes {
			if strings.HasPrefix(note, "several") {
				told = append(told, note)
			}
		}
		if diff := cmp.Diff(test.want, told); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

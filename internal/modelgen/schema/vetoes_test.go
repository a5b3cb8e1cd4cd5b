package schema

import "testing"

// TestRestrictIsAccepted holds the rules under which RESTRICT stays the default: whoever may create
// a reply may update the article. Those under which it is refused are in testdata/errors/veto-*.
func TestRestrictIsAccepted(t *testing.T) {
	const house = `
		scalar DateTime
		interface Node { id: ID! }
		type User implements Node { id: ID! }
		type Query { node(id: ID!): Node }
		type Site implements Node @model @auth(rules: [{ allow: owner }]) { id: ID! }
	`
	for name, test := range map[string]struct{ article, fields, reply string }{
		"only the owner reads the article": {`{ allow: owner }`, ``, `{ allow: owner }`},
		"anyone may update it":             {`{ allow: public }`, ``, `{ allow: public, operations: [create] }`},
		"anyone signed in may update it":   {`{ allow: authenticated, operations: [read, update] }`, ``, `{ allow: owner }`},
		"the rule asks for it": {
			`{ allow: owner }, { allow: public, operations: [read] }`, ``,
			`{ and: [{ allow: owner }, { via: "article", parentOperation: update }], operations: [create] }, { allow: public, operations: [read] }`,
		},
		"each role updates by a rule of its own": {
			`{ allow: groups, groups: ["a"], operations: [update] }, { allow: groups, groups: ["b", "c"], operations: [update] }, { allow: public, operations: [read] }`, ``,
			`{ allow: groups, groups: ["b", "a"], operations: [create] }`,
		},
		"who reads by each rule updates by another": {
			`{ allow: owner, operations: [read] }, { allow: groups, groups: ["a"], operations: [read] }, { allow: owner, operations: [update] }, { allow: groups, groups: ["b", "a"], operations: [update] }`, ``,
			`{ allow: owner }`,
		},
		"the owner with a role": {
			`{ allow: owner, operations: [read] }, { and: [{ allow: owner }, { allow: groups, groups: ["writer"] }], operations: [update] }`, ``,
			`{ and: [{ allow: owner }, { allow: groups, groups: ["writer"] }], operations: [create] }`,
		},
		"who updates the site updates the article, and nobody else reads it": {
			`{ via: "site", parentOperation: update }`, `site: Site! @belongsTo(onDelete: CASCADE)`, `{ allow: owner }`,
		},
		"who reads the article may read its site, whose owner alone does": {
			`{ via: "site", operations: [read] }, { via: "site", parentOperation: delete, operations: [update] }`, `site: Site! @belongsTo`, `{ allow: owner }`,
		},
		"nobody creates":  {`{ allow: owner }, { allow: public, operations: [read] }`, ``, `{ allow: owner, operations: [read, delete] }`},
		"nobody reads it": {`{ allow: owner, operations: [create] }`, ``, `{ allow: owner }`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(house + `
				type Article implements Node @model @auth(rules: [` + test.article + `]) { id: ID! ` + test.fields + ` }
				type Reply implements Node @model @auth(rules: [` + test.reply + `]) { id: ID! article: Article! @belongsTo }
			`)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

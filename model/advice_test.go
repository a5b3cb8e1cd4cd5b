package model

import "testing"

// TestAdvice plans lists under filters, and wants the @index that would serve those better.
func TestAdvice(t *testing.T) {
	tr := newTracker(t)
	owner, editor := Caller{ID: ada.ID}, Caller{ID: ada.ID, Roles: []string{"editor"}}
	byOwner := []Rule{Allow(OnRead, Owner), Allow(OnRead, Groups("editor"))}
	rules := tr.issues.core.definition.Rules
	for _, test := range []struct {
		name   string
		list   Index
		order  string
		filter string
		caller Caller
		want   string
		rest   string // the first field that is examined for; empty: none
	}{
		{"nothing is asked for", ByOwner, "", `{}`, owner, "", ""},
		{"by one more field", ByOwner, "", `{"status": {"eq": "DRAFT"}}`, owner, `@index(fields: ["owner", "status"])`, "status"},
		{"by two more, and one that is no equality", ByOwner, "", `{"isOpen": {"eq": true}, "board": {"eq": "b"}, "title": {"contains": "x"}}`, owner, `@index(fields: ["owner", "board", "isOpen"])`, "board"},
		{"in the list's order", ByOwner, "ESTIMATE", `{"status": {"eq": "DRAFT"}}`, owner, `@index(fields: ["owner", "status"], sortKeyFields: ["estimate", "title:desc"])`, "status"},
		{"what has none", ByOwner, "", `{"dueDate": {"exists": false}}`, owner, `@index(fields: ["owner", "dueDate"])`, "dueDate"},
		{"what an index serves", ByOwner, "", `{"isBlocked": {"eq": true}, "points": {"eq": 3}}`, owner, "", ""},
		{"bounds of what it is not ordered by", ByOwner, "", `{"rank": {"gt": 1}}`, owner, `@index(fields: ["owner"], sortKeyFields: ["rank"]), and its orderBy`, "rank"},
		{"bounds of what it is ordered by", ByOwner, "ESTIMATE", `{"estimate": {"ge": 1, "le": 5}}`, owner, "", ""},
		{"what no index can find", ByOwner, "", `{"title": {"contains": "x"}}`, owner, "", "title"},
		{"what it is ordered by already", ByOwner, "ESTIMATE", `{"estimate": {"eq": 1}, "title": {"contains": "x"}}`, owner, "", "title"},
		{"bounds, and one more field", ByOwner, "", `{"rank": {"gt": 1}, "status": {"eq": "DRAFT"}}`, owner, `@index(fields: ["owner", "status"])`, "rank"},
		{"twice, and not the same", ByOwner, "", `{"and": [{"status": {"eq": "DRAFT"}}, {"status": {"eq": "PUBLISHED"}}]}`, owner, `@index(fields: ["owner", "status"])`, "status"},
		{"what was renamed", ByOwner, "", `{"severity": {"eq": "LOW"}}`, owner, "", "severity"},
		{"under or", ByOwner, "", `{"or": [{"status": {"eq": "DRAFT"}}, {"isOpen": {"eq": true}}]}`, owner, "", "status"},
		{"a part of an object", ByOwner, "", `{"at": {"city": {"eq": "Turin"}}}`, owner, "", "at"},
		{"more than an index has", ByOwner, "", `{"board": {"eq": "b"}, "isOpen": {"eq": true}, "note": {"eq": "n"}, "rank": {"eq": 1}}`, owner, `@index(fields: ["owner", "note", "board", "rank"])`, "board"},
		{"where the rules read other parents", ByOwner, "", `{"status": {"eq": "DRAFT"}}`, owner, "", "status"},
		{"of all, to whom reads all", OfAll.Index(), "", `{"board": {"eq": "b"}}`, editor, `@index(fields: ["board"])`, "board"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr.issues.core.definition.Rules = byOwner
			if test.name == "where the rules read other parents" {
				tr.issues.core.definition.Rules = rules
			}
			plan, err := tr.issues.PlanOf(test.caller, test.list, Page{Filter: filterOf(t, test.filter), Order: test.order})
			if err != nil {
				t.Fatal(err)
			}
			rest := ""
			if len(plan.Rest) > 0 {
				rest = plan.Rest[0]
			}
			if plan.Advice != test.want || rest != test.rest || plan.IsExact != (test.rest == "") {
				t.Errorf("%+v, want %q, examined for %q", plan, test.want, test.rest)
			}
		})
	}
}

package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// guardedIssue are rules of fields of issues: by the owner, by the project, and by several things.
var guardedIssue = map[string][]Rule{
	"body":   {Allow(OnCreate|OnRead|OnUpdate, Owner)},
	"note":   {Allow(OnRead, Via("projectId", OnRead))},
	"labels": {Allow(OnRead, Owner), Allow(OnRead, Groups("editor"))},
	"sizes":  {Allow(OnRead, Via("projectId", OnRead), Owner), Allow(OnUpdate, Authenticated)},
	"from":   {Allow(OnRead, Owner)},
	"epic":   {Allow(OnRead, Owner)},
	"fee":    {Allow(OnRead, Owner), Allow(OnUpdate, Authenticated)},
	"until":  {Allow(OnRead, Via("projectId", OnRead))},
	"rank":   {Allow(OnRead, Anyone), Allow(OnUpdate, Groups("editor"))},
}

// joinedWithoutEpics are the indexes of issues that tell of none of those.
var joinedWithoutEpics = slices.DeleteFunc(slices.Clone(joinedIssues), func(j Joined) bool { return slices.Contains(j.Hash, "epicId") })

// newGuardedTracker returns a tracker in which fields of issues have rules.
func newGuardedTracker(t testing.TB) *tracker {
	t.Helper()
	tr := newTrackerBy(t, []Index{issuesByStatus, issuesByBoard, issuesByTitle}, joinedWithoutEpics)
	tr.issues.core.definition.FieldRules = guardedIssue
	return tr
}

// isHidden is what a hidden field is to the plain evaluation.
var isHidden = any(new(int))

// hide hides the fields of an issue that the caller may not read, by a reading of guardedIssue of its own.
func (d *differential) hide(caller Caller, i *issue, object map[string]any) {
	if d.issues.core.definition.FieldRules == nil || caller.IsSystem() {
		return
	}
	isOwner, isOfProject := i.OwnerID == caller.ID, d.maySeeProject(caller, i.ProjectID)
	for name, sees := range map[string]bool{
		"body": isOwner, "from": isOwner, "epic": isOwner, "fee": isOwner,
		"note": isOfProject, "until": isOfProject,
		"labels": isOwner || slices.Contains(caller.Roles, "editor"),
		"sizes":  isOwner && isOfProject,
	} {
		if !sees {
			object[name] = isHidden
		}
	}
}

// asksAnything tells whether a field of a filter has an operator.
func asksAnything(operators map[string]any) bool {
	for _, given := range operators {
		if inner, isField := given.(map[string]any); !isField || asksAnything(inner) {
			return true
		}
	}
	return false
}

// TestHiddenFieldsTellNothing wants all that a caller is told of a list to be the same, whatever is in the
// fields that are hidden to it: edges, cursors, ends, totals, and what is left of the budgets.
func TestHiddenFieldsTellNothing(t *testing.T) {
	tr := newGuardedTracker(t)
	p := project{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "p"}
	other := project{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "other"}
	put(t, tr.projects.core.table, []project{p, other})
	var issues []issue
	for n := range 60 {
		made := issue{Object: Object{ID: NewID(), OwnerID: []Caller{ada, eve}[n%2].ID, Version: 1}, Title: "t", Board: "b", Status: draft, ProjectID: p.ID}
		if n%5 == 0 {
			made.Title = "other"
		}
		issues = append(issues, made)
	}
	// told returns what ada is told of the issues, of which she sees all, once those of some have values.
	told := func(isSet func(issue) bool) (told []string) {
		secret, nine := "secret", MustDecimal("9")
		some := slices.Clone(issues)
		for i := range some {
			if isSet(some[i]) {
				some[i].Body, some[i].Labels, some[i].From, some[i].Fee, some[i].EpicID = &secret, []string{secret}, &spot{City: secret}, &nine, other.ID
			}
		}
		put(t, tr.issues.core.table, some)
		if err := tr.issues.core.writeKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, field := range hiddenConditions(other.ID) {
			for _, filter := range []map[string]any{
				field, {"not": field}, {"or": []any{field, map[string]any{"title": map[string]any{"eq": "other"}}}},
				{"and": []any{field, map[string]any{"title": map[string]any{"eq": "t"}}}},
			} {
				ctx, budget := WithReadBudget(WithReads(t.Context(), true), ReadLimits{List: 25})
				list, err := tr.issues.List(ctx, ada, issuesOf, p.ID, Page{First: new(4), Filter: NewFilter(filter)})
				if err != nil {
					t.Fatal(err)
				}
				total, err := list.TotalCount(ctx)
				if err != nil || total == nil {
					t.Fatalf("the total is %v, %v", total, err)
				}
				page := fmt.Sprintf("%v: next %v, total %d, left %d and %d", filter, list.PageInfo.HasNextPage, *total, budget.left, budget.counts.left)
				for range 3 { // where a page ends early, its cursor is sealed anew each time
					page += fmt.Sprintf("; %d edges", len(list.Edges))
					for _, edge := range list.Edges {
						page += fmt.Sprintf(" %s of %s", edge.Cursor, edge.Node.ID)
					}
					if list.PageInfo.EndCursor == nil {
						break
					}
					page += fmt.Sprintf(", an end of %d", len(*list.PageInfo.EndCursor))
					if list, err = tr.issues.List(ctx, ada, issuesOf, p.ID, Page{First: new(4), Filter: NewFilter(filter), After: list.PageInfo.EndCursor}); err != nil {
						t.Fatal(err)
					}
				}
				told = append(told, page)
			}
		}
		return told
	}
	nothing := told(func(issue) bool { return false })
	if diff := cmp.Diff(nothing, told(func(i issue) bool { return i.OwnerID == eve.ID })); diff != "" {
		t.Errorf("-without +with what is hidden: %s", diff)
	}
	if cmp.Equal(nothing, told(func(i issue) bool { return i.OwnerID == ada.ID })) {
		t.Error("what ada may read makes no difference either")
	}
}

// hiddenConditions are conditions on fields of which ada sees none of eve's issues.
func hiddenConditions(epic string) []map[string]any {
	return []map[string]any{
		{"body": map[string]any{"eq": "secret"}}, {"body": map[string]any{"ne": "secret"}}, {"body": map[string]any{"exists": false}},
		{"labels": map[string]any{"contains": "secret"}}, {"from": map[string]any{"city": map[string]any{"eq": "secret"}}},
		{"fee": map[string]any{"lt": "10"}},
		{"epic": map[string]any{"exists": true}}, {"epic": map[string]any{"eq": GlobalID("Project", epic)}},
	}
}

// TestFieldRuleWrites wants inputs that give fields with rules of their own to be refused, whatever they
// give, to whom the rules do not allow that, and nothing to be written.
func TestFieldRuleWrites(t *testing.T) {
	tr := newGuardedTracker(t)
	tr.issues.core.definition.Rules = []Rule{Allow(OnCreate|OnRead|OnUpdate, Authenticated)}
	redefine(tr.issues, func(d *Definition[issue]) {
		d.Counters = map[string]func(*issue) any{"rank": func(i *issue) any { return &i.Rank }, "fee": func(i *issue) any { return &i.Fee }}
	})
	tr.issues.core.definition.Bulk = Bulk{List: "issues", Create: 10, Update: 10}
	p := project{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "p"}
	put(t, tr.projects.core.table, []project{p})
	secret := "secret"
	creation := func(given ...string) Creation[issue] {
		c := Creation[issue]{Given: Given{"note": false}, Set: func(i *issue) { i.Title, i.Board, i.Body, i.ProjectID = "t", "b", &secret, p.ID }}
		for _, name := range given {
			c.Given[name] = true
		}
		return c
	}
	ofAda, err := tr.issues.CreateOnceOf(t.Context(), ada, creation("body"))
	if err != nil {
		t.Fatalf("the maker owns what is made: %v", err)
	}
	wantForbidden := func(what, field string, write func(context.Context) error) {
		t.Helper()
		before := everything(t, tr)
		err := write(t.Context())
		told := (*Error)(nil)
		if !errors.As(err, &told) || told.Code != CodeForbidden || !errors.Is(err, ErrForbidden) || told.Field != field {
			t.Errorf("%s: %+v, want FORBIDDEN of %s", what, err, field)
		}
		if diff := cmp.Diff(before, everything(t, tr)); diff != "" {
			t.Errorf("%s: -before +after: %s", what, diff)
		}
	}
	wantForbidden("create", "note", func(ctx context.Context) error {
		_, err := tr.issues.CreateOnceOf(ctx, ada, creation("body", "note"))
		return err
	})
	wantForbidden("create several", "issues[1].note", func(ctx context.Context) error {
		_, err := tr.issues.CreateAll(ctx, ada, nil, []Creation[issue]{creation("body"), creation("note")})
		return err
	})
	change := func(given ...string) Change[issue] {
		c := Change[issue]{ID: ofAda.GlobalID(), Given: Given{}, Set: func(i *issue) { i.Title = "changed" }}
		for _, name := range given {
			c.Given[name] = true
		}
		return c
	}
	apply := func(caller Caller, c Change[issue]) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := tr.issues.Apply(ctx, caller, c)
			return err
		}
	}
	wantForbidden("change to what it is", "body", apply(eve, change("body")))
	wantForbidden("change what nobody may", "epicId", apply(ada, change("epic")))
	wantForbidden("change several", "issues[0].body", func(ctx context.Context) error {
		_, err := tr.issues.ApplyAll(ctx, eve, []Change[issue]{change("body")})
		return err
	})
	added := change()
	added.Increment = NewIncrement(map[string]any{"rank": 1.0})
	wantForbidden("add", "increment.rank", apply(ada, added))
	added.Increment = NewIncrement(map[string]any{"fee": "1"})
	wantForbidden("add to what may be changed and not read", "increment.fee", apply(eve, added))
	if err := apply(editor, Change[issue]{ID: ofAda.GlobalID(), Increment: NewIncrement(map[string]any{"rank": 1.0})})(t.Context()); err != nil {
		t.Error(err)
	}
	if err := apply(ada, change("body"))(t.Context()); err != nil {
		t.Error(err)
	}
	// Who may change a field and not read it is told a new version, whether that has changed anything or not.
	for _, fee := range []string{"1", "1", "2"} {
		before, err := tr.issues.Get(t.Context(), eve, ofAda.ID)
		if err != nil {
			t.Fatal(err)
		}
		set := func(i *issue) { i.Fee = new(MustDecimal(fee)) }
		after, err := tr.issues.Apply(t.Context(), eve, Change[issue]{ID: ofAda.GlobalID(), Given: Given{"fee": true}, Set: set})
		if err != nil || after.Version != before.Version+1 {
			t.Errorf("the fee %s: %+v, %v, want version %d", fee, after, err, before.Version+1)
		}
		if kept, err := tr.issues.Get(t.Context(), ada, ofAda.ID); err != nil || kept.Fee.String() != fee || kept.Version != after.Version {
			t.Errorf("the fee %s: %+v is kept, %v", fee, kept, err)
		}
	}
}

// everything returns what is in the table of issues, as text.
func everything(t *testing.T, tr *tracker) []string {
	t.Helper()
	var all []string
	for page, err := range tr.issues.core.scan(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page {
			text, err := json.Marshal(item)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, string(text))
		}
	}
	slices.Sort(all)
	return all
}

// TestFieldsOfNobody wants filters, orders and lists by fields that a caller may read of no item to be
// refused, whether there are items or not.
func TestFieldsOfNobody(t *testing.T) {
	tr := newGuardedTracker(t)
	tr.issues.core.definition.FieldRules = map[string][]Rule{"title": {Allow(OnRead, Groups("editor"))}, "note": {Allow(OnRead, Owner, Groups("editor"))}}
	p := project{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "p"}
	put(t, tr.projects.core.table, []project{p})
	where := func(field string) map[string]any { return map[string]any{field: map[string]any{"eq": "x"}} }
	for _, test := range []struct {
		what  string
		index Index
		hash  any
		page  Page
		field string
		code  Code
	}{
		{"a filter", issuesOf, p.ID, Page{Filter: NewFilter(where("title"))}, "filter.title", CodeBadUserInput},
		{"a filter by what is never readable", issuesOf, p.ID, Page{Filter: NewFilter(where("note"))}, "filter.note", CodeBadUserInput},
		{"a filter within others", issuesOf, p.ID, Page{Filter: NewFilter(map[string]any{"or": []any{where("board"), map[string]any{"not": where("title")}}})}, "filter.or[1].not.title", CodeBadUserInput},
		{"an order", ByOwner, ada.ID, Page{Order: "TITLE"}, "orderBy", CodeBadUserInput},
		{"an order in a part", ByOwner, ada.ID, Page{Order: "ESTIMATE"}, "orderBy", CodeBadUserInput},
		{"a list", issuesByTitle, "b", Page{}, "title", CodeForbidden},
	} {
		list := func(caller Caller) error {
			_, err := tr.issues.List(t.Context(), caller, test.index, test.hash, test.page)
			return err
		}
		told := (*Error)(nil)
		if err := list(ada); !errors.As(err, &told) || told.Code != test.code || told.Field != test.field {
			t.Errorf("%s: %v of %+v, want %s of %s", test.what, err, told, test.code, test.field)
		}
		if _, err := tr.issues.PlanOf(ada, test.index, test.page); err == nil || err.Error() != told.Message {
			t.Errorf("%s, explained: %v, want %q", test.what, err, told.Message)
		}
		if err := list(Caller{ID: ada.ID, Roles: []string{"editor"}}); err != nil {
			t.Errorf("%s, by an editor: %v", test.what, err)
		}
	}
}

// TestFieldRulesAreReadTogether wants the parents that the rules of fields of a page ask for to be read together,
// in a mutation too.
func TestFieldRulesAreReadTogether(t *testing.T) {
	for _, remembers := range []bool{true, false} {
		tr := newGuardedTracker(t)
		var projects []project
		var items []*issue
		for range 50 {
			p := project{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "p"}
			projects = append(projects, p)
			items = append(items, &issue{Object: Object{ID: NewID(), OwnerID: eve.ID}, ProjectID: p.ID})
		}
		put(t, tr.projects.core.table, projects)
		ctx := WithReads(t.Context(), remembers)
		calls := tr.client.Counted(func() {
			var group sync.WaitGroup
			for _, item := range items {
				for _, field := range []string{"note", "until", "body"} {
					group.Go(func() {
						may, err := tr.issues.MayReadField(ctx, ada, item, field)
						if err != nil || may != (field != "body") {
							t.Errorf("%s: %v, %v", field, may, err)
						}
					})
				}
			}
			group.Wait()
		})
		const few = 5 // or one, where all begin in time
		if calls["BatchGetItem"] == 0 || calls["BatchGetItem"] > few || len(calls) > 1 {
			t.Errorf("remembers %v: %v, want one BatchGetItem or a few", remembers, calls)
		}
	}
}

// TestHiddenFieldsAreNotTold wants DynamoDB to be told nothing of a filter that is of fields which some items
// hide, nor an index to be chosen by them, and all of it where the caller may read them of every item.
func TestHiddenFieldsAreNotTold(t *testing.T) {
	tr := newGuardedTracker(t)
	tr.issues.core.definition.FieldRules = map[string][]Rule{"status": {Allow(OnRead, Owner), Allow(OnRead, Groups("editor"))}}
	key := &types.AttributeValueMemberS{Value: "p"}
	eq := func(field, value string) map[string]any { return map[string]any{field: map[string]any{"eq": value}} }
	both := map[string]any{"status": map[string]any{"eq": "DRAFT"}, "title": map[string]any{"eq": "t"}}
	either := map[string]any{"or": []any{eq("status", "DRAFT"), eq("title", "t")}}
	for _, test := range []struct {
		filter   map[string]any
		told     string // to ada's queries
		isChosen bool   // for an editor
	}{
		{eq("status", "DRAFT"), "nothing", true},
		{map[string]any{"not": eq("status", "DRAFT")}, "nothing", false},
		{both, `title = "t"`, true},
		{either, "nothing", false},
		{map[string]any{"not": either}, `((attribute_not_exists(title)) OR (attribute_type(title, NULL))) OR (NOT (title = "t"))`, false},
		{map[string]any{"not": both}, "nothing", false},
	} {
		c, err := tr.issues.core.conditionOf(NewFilter(test.filter))
		if err != nil {
			t.Fatal(err)
		}
		for _, caller := range []Caller{ada, editor} {
			isAda := caller.ID == ada.ID
			plan, err := tr.issues.core.planFor(caller, issuesOf, key, "SEVERITY", tr.issues.core.ofSeen(caller, c), true)
			if err != nil {
				t.Fatal(err)
			}
			if isChosen := slices.Contains(plan.joined.Hash, "status"); isChosen != (test.isChosen && !isAda) {
				t.Errorf("%v by %v: an index by the status is chosen: %v", test.filter, caller.Roles, isChosen)
			}
			n, err := tr.issues.core.narrowingOf(t.Context(), caller, issuesOf, listPlan{index: issuesOf, hash: key}, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			if told := described(n.told); isAda && told != test.told || !isAda && !strings.Contains(told, "status") {
				t.Errorf("%v by %v: DynamoDB is told %q", test.filter, caller.Roles, told)
			}
		}
	}
}

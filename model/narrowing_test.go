package model

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestToldBesideKeys: DynamoDB is told a filter of no more than what the key of the chosen index does not
// say already.
func TestToldBesideKeys(t *testing.T) {
	tr := newTracker(t)
	tr.issues.core.definition.Rules = []Rule{Allow(OnRead, Owner)}
	for _, test := range []struct{ name, order, filter, want string }{
		{"what the hash key says", "", `{"isBlocked": {"eq": true}, "points": {"eq": 3}}`, `nothing`},
		{"and something beside", "", `{"isBlocked": {"eq": true}, "points": {"eq": 3}, "board": {"eq": "b"}}`, `board = "b"`},
		{"that it is null", "", `{"isBlocked": {"exists": false}, "points": {"eq": 3}}`, `nothing`},
		{"twice, and not the same", "", `{"and": [{"points": {"eq": 3}}, {"points": {"eq": 4}}], "isBlocked": {"eq": true}}`, `never`},
		{"what it cannot be, or something", "", `{"isBlocked": {"eq": true}, "points": {"eq": 3}, "or": [{"points": {"eq": 4}}, {"board": {"eq": "b"}}]}`, `board = "b"`},
		{"not what the hash key says", "", `{"isBlocked": {"eq": true}, "points": {"eq": 3}, "not": {"isBlocked": {"eq": true}}}`, `never`},
		{"bounds of the order", "ESTIMATE", `{"estimate": {"ge": 1, "le": 5}}`, `nothing`},
		{"bounds that leave out their ends", "ESTIMATE", `{"estimate": {"gt": 1}}`, `estimate > "1"`},
		{"bounds, or something", "ESTIMATE", `{"or": [{"estimate": {"ge": 1}}, {"board": {"eq": "b"}}]}`, `(estimate >= "1") OR (board = "b")`},
		{"of what it is ordered by next", "ESTIMATE", `{"title": {"beginsWith": "a"}}`, `begins_with(title, "a")`},
	} {
		t.Run(test.name, func(t *testing.T) {
			hash, c := &types.AttributeValueMemberS{Value: ada.ID}, tr.condition(t, test.filter)
			plan, err := tr.issues.core.planOf(ByOwner, hash, test.order, c, true)
			if err != nil {
				t.Fatal(err)
			}
			narrowing, err := tr.issues.core.narrowingOf(t.Context(), ada, ByOwner, plan, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := described(narrowing.told); got != test.want {
				t.Errorf("told %s, want %s", got, test.want)
			}
		})
	}
}

// TestNullIsNotRead: a list in an order is not read to where what is null is, for a filter that compares.
func TestNullIsNotRead(t *testing.T) {
	tr := newTracker(t)
	var issues []issue
	for i := range 40 {
		one := issue{Object: Object{ID: NewID(), OwnerID: ada.ID, CreatedAt: Now()}, Title: fmt.Sprint(i), Board: "b"}
		if i < 5 {
			one.Estimate = new(i)
		}
		issues = append(issues, one)
	}
	put(t, tr.issues.core.table, issues)
	if err := tr.issues.core.writeKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, filter := range []string{`{"estimate": {"ge": 0}}`, `{"estimate": {"gt": -1}}`} {
		size := 20
		tr.client.Listed = 0
		page, err := tr.issues.List(t.Context(), ada, ByOwner, ada.ID, Page{First: &size, Order: "ESTIMATE", Filter: filterOf(t, filter)})
		if err != nil || len(page.Edges) != 5 || page.PageInfo.HasNextPage || tr.client.Listed != 5 {
			t.Errorf("%s: %+v, %v, of %d items", filter, page, err, tr.client.Listed)
		}
	}
}

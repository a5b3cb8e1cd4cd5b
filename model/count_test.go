package model

import "testing"

// TestTotalCount counts lists whose objects have several things in common, and up to a budget.
func TestTotalCount(t *testing.T) {
	m, ctx := newTickets(t, board, byOpen), t.Context()
	for i := range 12 {
		made[ticket](t)(m.Create(ctx, ada, func(n *ticket) { n.ProjectID, n.IsOpen, n.Estimate = "p#%q", new(i%3 == 0), new(float64(i)) }))
	}
	made[ticket](t)(m.Create(ctx, eve, func(n *ticket) { n.ProjectID, n.IsOpen = "p#%q", new(true) }))
	isOpen := JoinedKey(ada.ID, true)
	for name, test := range map[string]struct {
		caller Caller
		index  Index
		hash   string
		page   Page
		limits ReadLimits
		want   *int
	}{
		"one's own, open":                   {ada, byOpen.Index(), isOpen, Page{}, ReadLimits{}, new(4)},
		"the same on a later page":          {ada, byOpen.Index(), isOpen, Page{Last: new(1)}, ReadLimits{}, new(4)},
		"by an index that the filter binds": {ada, ByOwner, ada.ID, Page{Filter: NewFilter(map[string]any{"isOpen": map[string]any{"eq": true}})}, ReadLimits{Count: 5}, new(4)},
		"of no page":                        {ada, byOpen.Index(), isOpen, Page{First: new(0)}, ReadLimits{}, new(4)},
		"under a filter":                    {ada, byOpen.Index(), isOpen, Page{Filter: NewFilter(map[string]any{"estimate": map[string]any{"ge": 3.0}})}, ReadLimits{}, new(3)},
		"of nothing":                        {ada, ByOwner, eve.ID, Page{}, ReadLimits{}, nil},
		"another's":                         {eve, byOpen.Index(), isOpen, Page{}, ReadLimits{}, nil},
		"of many owners":                    {ada, board.Index(), JoinedKey("p#%q", draft), Page{}, ReadLimits{}, nil},
		"of many owners, for itself":        {System, board.Index(), JoinedKey("p#%q", draft), Page{}, ReadLimits{}, new(13)},
		"as many as may be":                 {ada, ByOwner, ada.ID, Page{}, ReadLimits{Count: 13}, new(12)},
		"more than may be":                  {ada, ByOwner, ada.ID, Page{}, ReadLimits{Count: 11}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, budget := WithReadBudget(ctx, test.limits)
			page, err := m.List(ctx, test.caller, test.index, test.hash, test.page)
			if err != nil {
				t.Fatal(err)
			}
			got, err := page.TotalCount(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
			if err := budget.Err(); err != nil {
				t.Errorf("a count is no page that ends early: %v", err)
			}
		})
	}
}

// TestTotalCountOfNoKey counts a list by an index whose key no item has.
func TestTotalCountOfNoKey(t *testing.T) {
	d := newTracker(t)
	put(t, d.issues.core.table, []issue{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Board: "b"}})
	if err := d.issues.core.writeKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for board, want := range map[string]int{"b": 1, "": 0, "c": 0} {
		page := Page{Order: "SEVERITY", Filter: NewFilter(map[string]any{"board": map[string]any{"eq": board}})}
		got, err := d.issues.List(t.Context(), System, OfAll.Index(), nil, page)
		if err != nil {
			t.Fatal(err)
		}
		total, err := got.TotalCount(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if total == nil || *total != want {
			t.Errorf("board %q: the total is %v, want %d", board, total, want)
		}
	}
}

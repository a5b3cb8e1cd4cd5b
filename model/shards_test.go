package model

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// ofAllByPriority is the order of board, of all tickets.
var ofAllByPriority = Joined{Name: "PRIORITY", Sort: board.Sort}

// newOpenTickets makes so many random tickets of two owners, in lists of all that a rule lets others
// read, too.
func newOpenTickets(t testing.TB, size int, rule Rule, joined ...Joined) (*tickets, []*ticket, *testclient.Client) {
	t.Helper()
	joined = append([]Joined{OfAll, ofAllByPriority}, joined...)
	made := newTickets(t, joined...)
	client := &testclient.Client{DynamoDBAPI: made.client}
	m := ticketsOn(client, made.core.db.prefix, joined...)
	m.core.definition.Rules = append(m.core.definition.Rules, rule)
	random := rand.New(rand.NewPCG(5, 6))
	var (
		all   []*ticket
		items []dynamo.Item
	)
	for i := range size {
		one := randomTicket(random)
		one.Object = Object{ID: NewID(), OwnerID: []string{ada.ID, eve.ID}[i%2], Version: 1, CreatedAt: Now(), UpdatedAt: Now()}
		item, err := m.core.marshal(&one)
		if err != nil {
			t.Fatal(err)
		}
		all, items = append(all, &one), append(items, item)
	}
	put(t, m.core.table, items)
	return m, all, client
}

// TestAllIsMerged lists all of a type in its orders, both ways, in pages of every size.
func TestAllIsMerged(t *testing.T) {
	m, all, _ := newOpenTickets(t, 150, Allow(OnRead, Authenticated))
	for order, compare := range map[string]func(a, b *ticket) int{"": compareIDs, "PRIORITY": compareOnBoard} {
		for _, descending := range []bool{false, true} {
			want := ticketIDs(slices.SortedFunc(slices.Values(all), compare))
			if descending {
				slices.Reverse(want)
			}
			for _, size := range []int{1, 2, 7, 20, 100} {
				for _, isBackward := range []bool{false, true} {
					got := allOf(t, m, eve, Page{Order: order, Descending: descending}, size, isBackward)
					if diff := gocmp.Diff(want, got); diff != "" {
						t.Fatalf("order %q, descending %v, pages of %d, backward %v: -want +got: %s", order, descending, size, isBackward, diff)
					}
				}
			}
		}
	}
	followsRelay(t, m.Model, rand.New(rand.NewPCG(7, 8)), eve, OfAll.Index(), nil)
}

func ticketIDs(tickets []*ticket) []string {
	var ids []string
	for _, one := range tickets {
		ids = append(ids, one.ID)
	}
	return ids
}

// allOf goes through the list of all to its end.
func allOf(t *testing.T, m *tickets, caller Caller, page Page, size int, isBackward bool) (ids []string) {
	t.Helper()
	ctx := t.Context()
	for pages := 0; ; pages++ {
		page.First, page.Last = &size, nil
		if isBackward {
			page.First, page.Last = nil, &size
		}
		got, err := m.All(ctx, caller, page)
		if err != nil || pages > 1000 {
			t.Fatalf("page %d: %v", pages, err)
		}
		var found []*ticket
		for _, edge := range got.Edges {
			found = append(found, edge.Node)
		}
		isLast := !got.PageInfo.HasNextPage && !got.PageInfo.HasPreviousPage
		if !isLast && len(found) != size {
			t.Fatalf("a page of %d has %d", size, len(found))
		}
		if isBackward {
			ids, page.Before = append(ticketIDs(found), ids...), got.PageInfo.StartCursor
		} else {
			ids, page.After = append(ids, ticketIDs(found)...), got.PageInfo.EndCursor
		}
		if isLast {
			return ids
		}
	}
}

// TestAllReadsLittle: a page reads each shard once, or some of them once more, and not a page of each.
func TestAllReadsLittle(t *testing.T) {
	m, _, client := newOpenTickets(t, 600, Allow(OnRead, Authenticated))
	for size, most := range map[int]struct{ calls, items int }{10: {12, 48}, 25: {12, 80}, 100: {12, 190}} {
		var after *string
		calls, pages := 0, 0
		client.Listed = 0
		for hasNext := true; hasNext && pages < 5; pages++ {
			var page *Connection[ticket]
			counted := client.Counted(func() {
				var err error
				if page, err = m.All(t.Context(), eve, Page{First: &size, After: after}); err != nil {
					t.Fatal(err)
				}
			})
			calls += counted["Query"]
			hasNext, after = page.PageInfo.HasNextPage, page.PageInfo.EndCursor
		}
		if calls > pages*most.calls || client.Listed > pages*most.items {
			t.Errorf("pages of %d: %d calls and %d items each, want at most %d and %d", size, calls/pages, client.Listed/pages, most.calls, most.items)
		}
		t.Logf("pages of %d: %.1f calls, %.1f items", size, float64(calls)/float64(pages), float64(client.Listed)/float64(pages))
	}
}

// TestAllGivesUp: where next to nothing may be examined, each page gets on nevertheless.
func TestAllGivesUp(t *testing.T) {
	m, all, _ := newOpenTickets(t, 60, Allow(OnRead, Via("projectId", OnRead)))
	redefine(m.Model, func(d *Definition[ticket]) {
		d.Parents = []Parent[ticket]{{m, "projectId", func(i *ticket) string { return i.ProjectID }, Cascade, false}}
	})
	var want []string
	for _, one := range all {
		if one.OwnerID == ada.ID {
			want = append(want, one.ID)
		}
	}
	slices.SortFunc(want, cmp.Compare)
	for _, limit := range []int{1, 9, 20, 1000} {
		for _, isBackward := range []bool{false, true} {
			ctx, _ := WithReadBudget(t.Context(), ReadLimits{List: limit})
			var got []string
			size, page, isEmpty := 5, Page{}, false
			for pages := 0; ; pages++ {
				page.First, page.Last = &size, nil
				if isBackward {
					page.First, page.Last = nil, &size
				}
				c, err := m.All(ctx, ada, page)
				if err != nil || pages > 100 {
					t.Fatalf("at most %d, page %d: %v", limit, pages, err)
				}
				isEmpty = isEmpty || len(c.Edges) == 0
				for _, edge := range c.Edges {
					got = append(got, edge.Node.ID)
				}
				if page.After = c.PageInfo.EndCursor; isBackward {
					page.After, page.Before = nil, c.PageInfo.StartCursor
				}
				if !c.PageInfo.HasNextPage && !c.PageInfo.HasPreviousPage {
					break
				}
			}
			slices.SortFunc(got, cmp.Compare)
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("at most %d, backward %v: -want +got: %s", limit, isBackward, diff)
			}
			if limit == 1 && !isEmpty {
				t.Error("no page ended early")
			}
		}
	}
	ctx, budget := WithReadBudget(t.Context(), ReadLimits{Operation: 5})
	if c, err := m.All(ctx, ada, Page{}); err != nil || len(c.Edges) > 0 || !c.PageInfo.HasNextPage || budget.Err() == nil {
		t.Errorf("of 5 items in all: %v, %v, %v; want a page without edges that leads on", c, err, budget.Err())
	}
}

// TestAllOfOwn: whom the rules let read nothing but their own passes over nobody else's.
func TestAllOfOwn(t *testing.T) {
	m, all, client := newOpenTickets(t, 30, Allow(OnRead, Groups("editor")))
	for who, test := range map[string]struct {
		caller       Caller
		page         Page
		calls, items int
		total        *int
	}{
		"an owner":                          {ada, Page{}, 1, 15, new(15)},
		"who owns nothing":                  {Caller{ID: NewID()}, Page{}, 1, 0, new(0)},
		"an editor":                         {editor, Page{}, 8, 30, new(30)},
		"the system":                        {System, Page{}, 8, 30, new(30)},
		"nobody":                            {anonymous, Page{}, 0, 0, nil},
		"an owner, in an order of all only": {ada, Page{Order: "PRIORITY"}, 8, 15, new(15)},
	} {
		t.Run(who, func(t *testing.T) {
			test.page.First = new(100)
			var c *Connection[ticket]
			calls := client.Counted(func() {
				var err error
				if c, err = m.All(t.Context(), test.caller, test.page); err != nil {
					t.Fatal(err)
				}
			})
			if calls["Query"] != test.calls || len(c.Edges) != test.items || c.PageInfo.HasNextPage {
				t.Errorf("%d of %d by %d calls, next %v; want %d by %d", len(c.Edges), len(all), calls["Query"], c.PageInfo.HasNextPage, test.items, test.calls)
			}
			total, err := c.TotalCount(t.Context())
			if err != nil || fmt.Sprint(deref(total)) != fmt.Sprint(deref(test.total)) {
				t.Errorf("the total is %v, %v; want %v", deref(total), err, deref(test.total))
			}
		})
	}
	if _, err := m.with().All(t.Context(), System, Page{}); err == nil {
		t.Error("without an index of all it lists all")
	}
	if c, err := m.with().All(t.Context(), ada, Page{First: new(100)}); err != nil || len(c.Edges) != 15 {
		t.Errorf("without an index of all, one's own: %v, %v", c, err)
	}
}

// deref returns what a pointer points at, to be printed.
func deref(p *int) any {
	if p == nil {
		return nil
	}
	return *p
}

// TestAllTellsNothingOfHidden: how much a list examines does not tell how many match of what the caller
// may not read, though DynamoDB is told the filter.
func TestAllTellsNothingOfHidden(t *testing.T) {
	m, _, client := newOpenTickets(t, 150, Allow(OnRead, Groups("editor")))
	stranger := Caller{ID: NewID()}
	examined := func(filter map[string]any) (items, calls int) {
		client.Listed = 0
		ctx, _ := WithReadBudget(t.Context(), ReadLimits{List: 120})
		counted := client.Counted(func() {
			page, err := m.All(ctx, stranger, Page{Order: "PRIORITY", First: new(3), Filter: NewFilter(filter)})
			if err != nil || len(page.Edges) > 0 || !page.PageInfo.HasNextPage {
				t.Errorf("%v, %v; want a page that ends early", page, err)
			}
		})
		return client.Listed, counted["Query"]
	}
	items, calls := examined(map[string]any{"estimate": map[string]any{"ge": -1e125}}) // nearly all match
	for _, few := range []map[string]any{{"estimate": map[string]any{"eq": 10.0}}, {"isOpen": map[string]any{"exists": false}}, {"estimate": map[string]any{"eq": 11.0}}} {
		if gotItems, gotCalls := examined(few); gotItems != items || gotCalls != calls {
			t.Errorf("under %v it examines %d by %d calls, and where nearly all match %d by %d", few, gotItems, gotCalls, items, calls)
		}
	}
}

// TestAllByOtherIndex: of what the caller may read whole, a list is read by the index that its filter
// binds, and its cursors are the same.
func TestAllByOtherIndex(t *testing.T) {
	m, all, client := newOpenTickets(t, 100, Allow(OnRead, Authenticated), Joined{Hash: []string{"isOpen"}}, Joined{Hash: []string{"isOpen"}, Sort: board.Sort})
	isOpen := NewFilter(map[string]any{"isOpen": map[string]any{"eq": true}})
	want := slices.DeleteFunc(slices.Clone(all), func(one *ticket) bool { return one.IsOpen == nil || !*one.IsOpen })
	for order, compare := range map[string]func(a, b *ticket) int{"": compareIDs, "PRIORITY": compareOnBoard} {
		page := Page{First: new(100), Filter: isOpen, Order: order}
		slices.SortFunc(want, compare)
		calls := client.Counted(func() {
			c, err := m.All(t.Context(), eve, page)
			if err != nil {
				t.Fatal(err)
			}
			var got []*ticket
			for _, edge := range c.Edges {
				got = append(got, edge.Node)
			}
			if diff := gocmp.Diff(ticketIDs(want), ticketIDs(got)); diff != "" {
				t.Errorf("order %q: -want +got: %s", order, diff)
			}
			page.After = &c.Edges[0].Cursor
		})
		if calls["Query"] != 1 {
			t.Errorf("order %q: %d calls, want 1", order, calls["Query"])
		}
		m.core.definition.Rules = []Rule{Allow(OnRead, Owner), Allow(OnRead, Via("projectId", OnRead))} // so that the key does not decide
		redefine(m.Model, func(d *Definition[ticket]) {
			d.Parents = []Parent[ticket]{{m, "projectId", func(i *ticket) string { return i.ProjectID }, Cascade, false}}
		})
		calls = client.Counted(func() {
			c, err := m.All(t.Context(), eve, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, edge := range c.Edges {
				if edge.Node.OwnerID != eve.ID || edge.Node.ID == want[0].ID {
					t.Errorf("order %q: %v is among what eve may read after the first", order, edge.Node)
				}
			}
		})
		if calls["Query"] < shardCount {
			t.Errorf("order %q, with hidden ones: %d calls, want one of each shard", order, calls["Query"])
		}
		m.core.definition.Rules, m.core.definition.Parents = []Rule{Allow(OnRead, Authenticated)}, nil
	}
}

// TestAllOfParent: of what the caller may read whole, a filter by a parent reads what belongs to that alone.
func TestAllOfParent(t *testing.T) {
	tr := newTracker(t)
	var wanted string
	for range 12 {
		epic, err := tr.projects.Create(t.Context(), ada, func(*project) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tr.issues.Create(t.Context(), ada, func(n *issue) { n.Title, n.Board, n.ProjectID, n.EpicID = "a", "b", epic.ID, epic.ID }); err != nil {
			t.Fatal(err)
		}
		wanted = epic.ID
	}
	filter := NewFilter(map[string]any{"epic": map[string]any{"eq": GlobalID("Project", wanted)}})
	for _, test := range []struct {
		caller Caller
		found  int
		calls  int
	}{{System, 1, 1}, {editor, 0, 8}} { // to the editor there is no such project
		var c *Connection[issue]
		calls := tr.client.Counted(func() {
			var err error
			if c, err = tr.issues.All(t.Context(), test.caller, Page{Filter: filter}); err != nil {
				t.Fatal(err)
			}
		})
		if len(c.Edges) != test.found || calls["Query"] > test.calls {
			t.Errorf("%v finds %d by %v, want %d by %d", test.caller, len(c.Edges), calls, test.found, test.calls)
		}
	}
}

// TestAllOfOldItems fills the index of items that were made before there was one. What is made then has
// its place at once: the cursor of its edge is good in the list.
func TestAllOfOldItems(t *testing.T) {
	m := newTickets(t)
	for range 20 {
		if _, err := m.Create(t.Context(), ada, func(*ticket) {}); err != nil {
			t.Fatal(err)
		}
	}
	m = m.with(OfAll)
	m.core.definition.Rules = append(m.core.definition.Rules, Allow(OnRead, Authenticated))
	steps, err := m.core.db.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, step := range steps {
		done = append(done, string(step.Action))
		if step.Action == StepFill && !m.core.db.IsOfKeys(step) {
			t.Errorf("%s is not of keys", step)
		}
		if err := m.core.db.Do(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff([]string{"create", "fill"}, slices.Sorted(slices.Values(done))); diff != "" {
		t.Errorf("-want +got: %s, of %v", diff, steps)
	}
	last, err := m.Create(t.Context(), ada, func(*ticket) {})
	if err != nil {
		t.Fatal(err)
	}
	if ids := allOf(t, m, eve, Page{}, 6, false); len(ids) != 21 || ids[20] != last.ID {
		t.Errorf("%d are listed, want 21, the newest last", len(ids))
	}
	c, err := m.All(t.Context(), ada, Page{Before: &m.Edge(ada, last).Cursor, Last: new(30)})
	if err != nil || len(c.Edges) != 20 {
		t.Errorf("before the new one's edge: %v, %v; want 20", c, err)
	}
}

// TestShardsShare: ids as they are made are in every shard, and as many in each, about.
func TestShardsShare(t *testing.T) {
	counts := map[string]int{}
	for range 8000 {
		_, key := keyText(shardKeyOf(NewID()))
		counts[key]++
	}
	for key, count := range counts {
		if len(counts) != shardCount || count < 850 || count > 1150 {
			t.Errorf("%d of 8,000 are in shard %s of %d", count, key, len(counts))
		}
	}
}

// BenchmarkAll reads pages of 25 of 2,000 of a type, beside such of a list by one hash key.
func BenchmarkAll(b *testing.B) {
	for _, bench := range []struct {
		name  string
		index Index
		hash  any
	}{{"of all", OfAll.Index(), nil}, {"by owner", ByOwner, ada.ID}} {
		b.Run(bench.name, func(b *testing.B) {
			m, _, client := newOpenTickets(b, 2000, Allow(OnRead, Authenticated))
			calls := client.Counted(func() {
				for b.Loop() {
					if _, err := m.List(b.Context(), eve, bench.index, bench.hash, Page{First: new(25)}); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.ReportMetric(float64(calls["Query"])/float64(b.N), "calls/op")
			b.ReportMetric(float64(client.Listed)/float64(b.N), "examined/op")
		})
	}
}

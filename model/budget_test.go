package model

import (
	"errors"
	"slices"
	"sync"
	"testing"
)

// TestReadBudget has many lists of one operation go through what is hidden, all at once: together
// they examine no more than the operation may, and each that was not read to its end says so.
func TestReadBudget(t *testing.T) {
	b := newBlog(t)
	const hidden = 250
	put(t, b.posts.core.table, somePosts(hidden+1, func(i int, p *post) {
		if i != hidden/2 {
			p.OwnerID = eve.ID
		}
	}))
	none := 0
	for _, test := range []struct {
		name   string
		lists  int
		limits ReadLimits
		page   Page
		most   int // items, in all
		isOver bool
	}{
		{"a list within its limit", 1, ReadLimits{}, Page{}, hidden + 1, false},
		{"lists within the operation's", 4, ReadLimits{}, Page{}, 4 * (hidden + 1), false},
		{"lists beyond the operation's", 16, ReadLimits{Operation: 1200}, Page{}, 1200, true},
		{"a list beyond its own", 3, ReadLimits{List: 70}, Page{}, 3 * 70, false},
		{"whether there is anything", 5, ReadLimits{}, Page{First: &none}, 5 * maxPageSize, false},
		{"many of those", 100, ReadLimits{Operation: 1200}, Page{First: &none}, 1200, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, budget := WithReadBudget(WithReads(t.Context(), true), test.limits)
			b.client.Listed = 0
			var wg sync.WaitGroup
			pages := make([]*Connection[post], test.lists)
			for i := range pages {
				wg.Go(func() {
					page, err := b.posts.List(ctx, ada, byStatus, published, test.page)
					if err != nil {
						t.Error(err)
						return
					}
					pages[i] = page
				})
			}
			wg.Wait()
			if b.client.Listed > test.most {
				t.Errorf("%d lists examine %d items, want at most %d", test.lists, b.client.Listed, test.most)
			}
			isWhole := test.page.First == nil && test.most == test.lists*(hidden+1)
			for _, page := range pages {
				readWhole := len(page.Edges) == 1 && !page.PageInfo.HasNextPage
				if isWhole && !readWhole || !readWhole && !page.PageInfo.HasNextPage {
					t.Errorf("%d edges, %+v", len(page.Edges), page.PageInfo)
				}
			}
			err := budget.Err()
			if test.isOver {
				wantError(t, err, ErrReadBudget)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReadBudgetGoesOn pages through a list in operations that may each examine little, in both
// directions: each object that may be read comes once.
func TestReadBudgetGoesOn(t *testing.T) {
	b := newBlog(t)
	var want []string
	put(t, b.posts.core.table, somePosts(60, func(i int, p *post) {
		if i%7 == 3 {
			want = append(want, p.ID)
		} else {
			p.OwnerID = eve.ID
		}
	}))
	two := 2
	for _, isBackward := range []bool{false, true} {
		page, steps := Page{First: &two}, 0
		if isBackward {
			page = Page{Last: &two}
		}
		var got []string
		for hasMore := true; hasMore; steps++ {
			if steps > 100 {
				t.Fatal("no end")
			}
			ctx, _ := WithReadBudget(t.Context(), ReadLimits{Operation: 5})
			found, err := b.posts.List(ctx, ada, byStatus, published, page)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, edge := range found.Edges {
				ids = append(ids, edge.Node.ID)
			}
			if isBackward {
				got, hasMore, page.Before = append(ids, got...), found.PageInfo.HasPreviousPage, found.PageInfo.StartCursor
			} else {
				got, hasMore, page.After = append(got, ids...), found.PageInfo.HasNextPage, found.PageInfo.EndCursor
			}
		}
		slices.Sort(got) // three posts share a time, and their order is DynamoDB's
		if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("backward %v: %d posts, want %d", isBackward, len(got), len(want))
		}
	}
	ctx, budget := WithReadBudget(t.Context(), ReadLimits{Operation: 1})
	budget.Take(1)
	page, err := b.posts.List(ctx, ada, byStatus, published, Page{})
	if err != nil || len(page.Edges) > 0 || !page.PageInfo.HasNextPage || page.PageInfo.EndCursor != nil {
		t.Errorf("where nothing is left from the beginning: %+v, %v", page.PageInfo, err)
	}
}

// TestReadBudgetOfLoads: what is loaded by id is charged once, and refused where nothing is left;
// what the rules have to know is read nevertheless.
func TestReadBudgetOfLoads(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	c := b.newComment(t, ada, p)
	other := b.newComment(t, ada, p)
	for _, remembers := range []bool{true, false} {
		ctx, budget := WithReadBudget(WithReads(t.Context(), remembers), ReadLimits{Operation: 2})
		for range 3 {
			if found, err := b.comments.Load(ctx, ada, c.ID); err != nil || found == nil {
				t.Errorf("%v, %v", found, err)
			}
		}
		if budget.left != 0 {
			t.Errorf("%d items are left, want a comment and its post charged", budget.left)
		}
		_, err := b.comments.Load(ctx, ada, other.ID)
		wantError(t, err, ErrReadBudget)
		_, err = b.posts.ByUnique(ctx, ada, "slug", "one")
		wantError(t, err, ErrReadBudget)
		if err := budget.Err(); err != nil {
			t.Errorf("no page has ended early, and yet %v", err)
		}
	}
	for _, test := range []struct {
		name string
		ids  []string
		ok   []bool
		left int
	}{
		{"as many as are left", []string{c.ID, other.ID}, []bool{true, true}, 0},
		{"more than are left", []string{c.ID, other.ID, NewID(), c.ID}, []bool{true, true, false, true}, 0},
		{"more, though not others", []string{c.ID, c.ID, other.ID, c.ID}, []bool{true, true, true, true}, 0},
		{"fewer than are left", []string{c.ID}, []bool{true}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, budget := WithReadBudget(WithReads(t.Context(), true), ReadLimits{Operation: 2})
			var wait func(int) (Node, error)
			AskTogether(ctx, func() { wait = b.comments.core.db.LoadNodes(ctx, System, "Comment", test.ids...) })
			if budget.left != test.left {
				t.Errorf("%d items are left, want %d", budget.left, test.left)
			}
			for i, ok := range test.ok {
				if node, err := wait(i); ok != (err == nil) || ok != (node != nil) || !ok && !errors.Is(err, ErrReadBudget) {
					t.Errorf("%d is %v, %v", i, node, err)
				}
			}
		})
	}
	ctx, budget := WithReadBudget(WithReads(t.Context(), true), ReadLimits{Operation: 2})
	page, err := b.comments.List(ctx, ada, commentsOn, p.ID, Page{})
	if err != nil || len(page.Edges) != 2 {
		t.Errorf("%d comments, %v: the rules lack the post", len(page.Edges), err)
	}
	if budget.left >= 0 {
		t.Errorf("%d items are left, though the post was read beside", budget.left)
	}
}

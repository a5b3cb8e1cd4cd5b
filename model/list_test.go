package model

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// TestListFollowsRelay holds pages of every kind against Relay's algorithm, run over
// the whole list: https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
func TestListFollowsRelay(t *testing.T) {
	b := newBlog(t)
	random := rand.New(rand.NewPCG(1, 2))

	t.Run("by age", func(t *testing.T) {
		put(t, b.posts.core.table, somePosts(60, func(i int, p *post) {}))
		followsRelay(t, b.posts, random, ada, ByOwner, ada.ID)
	})
	t.Run("by a time that many share", func(t *testing.T) {
		followsRelay(t, b.posts, random, ada, byStatus, published)
	})
	t.Run("by a number that many share", func(t *testing.T) {
		notices := make([]notice, 60)
		for i := range notices {
			notices[i] = notice{Object: Object{ID: NewID(), OwnerID: ada.ID}, Board: "b", Rank: float64(random.IntN(7)) - 2.5}
		}
		put(t, b.notices.core.table, notices)
		followsRelay(t, b.notices, random, anonymous, onBoard, "b")
	})
	t.Run("where two of three are hidden", func(t *testing.T) {
		put(t, b.posts.core.table, somePosts(90, func(i int, p *post) {
			p.Status = draft
			if i%3 > 0 {
				p.OwnerID = eve.ID
			}
		}))
		followsRelay(t, b.posts, random, ada, byStatus, draft)
	})
	t.Run("of nobody", func(t *testing.T) {
		followsRelay(t, b.posts, random, ada, ByOwner, "")
	})
	t.Run("by what is too long for a key", func(t *testing.T) {
		followsRelay(t, b.notices, random, ada, onBoard, strings.Repeat("x", 2049))
	})
}

// somePosts returns published posts of ada's, three a second, as alter leaves them.
func somePosts(n int, alter func(int, *post)) []post {
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	posts := make([]post, n)
	for i := range posts {
		at := NewDateTime(start.Add(time.Duration(i/3) * time.Second))
		posts[i] = post{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1, CreatedAt: at, UpdatedAt: at}, Slug: NewID(), Title: "T", Status: published}
		alter(i, &posts[i])
	}
	return posts
}

func followsRelay[T any](t *testing.T, m *Model[T], random *rand.Rand, caller Caller, index Index, hash any) {
	ctx := t.Context()
	for _, descending := range []bool{false, true} {
		all := everyEdge(t, m, caller, index, hash, Page{Descending: descending})
		keys := map[string]int{}
		for i, edge := range all {
			keys[edge.Cursor] = i
		}
		if len(keys) != len(all) {
			t.Fatalf("%d edges have %d cursors", len(all), len(keys))
		}
		// A gone item's cursor still is a place in the list.
		var gone *string
		if len(all) > 2 {
			gone = &all[len(all)/2].Cursor
			if err := m.core.eraseAll(ctx, []string{untyped(all[len(all)/2].Node).base().ID}); err != nil {
				t.Fatal(err)
			}
		}
		for range 150 {
			page := Page{Descending: descending}
			if n := random.IntN(8); random.IntN(2) == 0 {
				page.First = &n
			} else {
				page.Last = &n
			}
			for _, cursor := range []**string{&page.After, &page.Before} {
				if random.IntN(2) == 0 && len(all) > 0 {
					*cursor = &all[random.IntN(len(all))].Cursor
				}
				if random.IntN(10) == 0 {
					*cursor = gone
				}
			}
			got, err := m.List(ctx, caller, index, hash, page)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(describe(relay(all, gone, page)), describe(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", describePage(page, keys), diff)
			}
		}
	}
}

// relay is Relay's algorithm. gone is the cursor of an edge that is not there any more.
func relay[T any](all []*Edge[T], gone *string, page Page) *Connection[T] {
	at := func(cursor string) int {
		return slices.IndexFunc(all, func(edge *Edge[T]) bool { return edge.Cursor == cursor })
	}
	from, to := 0, len(all)
	if page.After != nil {
		from = at(*page.After) + 1
	}
	if page.Before != nil {
		to = at(*page.Before)
	}
	edges := slices.Clone(all[from:max(from, to)])
	edges = slices.DeleteFunc(edges, func(edge *Edge[T]) bool { return gone != nil && edge.Cursor == *gone })
	info := &PageInfo{}
	if page.First != nil && len(edges) > *page.First {
		edges, info.HasNextPage = edges[:*page.First], true
	}
	if page.Last != nil && len(edges) > *page.Last {
		edges, info.HasPreviousPage = edges[len(edges)-*page.Last:], true
	}
	if len(edges) > 0 {
		info.StartCursor, info.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	return &Connection[T]{Edges: edges, PageInfo: info}
}

func describe[T any](c *Connection[T]) string {
	text := fmt.Sprintf("next %v, previous %v\n", c.PageInfo.HasNextPage, c.PageInfo.HasPreviousPage)
	for _, edge := range c.Edges {
		text += edge.Cursor + "\n"
	}
	if c.PageInfo.StartCursor != nil {
		text += fmt.Sprintf("%s to %s\n", *c.PageInfo.StartCursor, *c.PageInfo.EndCursor)
	}
	return text
}

func describePage(page Page, places map[string]int) string {
	text := fmt.Sprintf("descending %v", page.Descending)
	if page.First != nil {
		text += fmt.Sprintf(", first %d", *page.First)
	}
	if page.Last != nil {
		text += fmt.Sprintf(", last %d", *page.Last)
	}
	if page.After != nil {
		text += fmt.Sprintf(", after %d", places[*page.After])
	}
	if page.Before != nil {
		text += fmt.Sprintf(", before %d", places[*page.Before])
	}
	return text
}

// everyEdge goes through the list by endCursor.
func everyEdge[T any](t *testing.T, m *Model[T], caller Caller, index Index, hash any, page Page) []*Edge[T] {
	t.Helper()
	var all []*Edge[T]
	for {
		got, err := m.List(t.Context(), caller, index, hash, page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got.Edges...)
		if !got.PageInfo.HasNextPage {
			return all
		}
		page.After = got.PageInfo.EndCursor
	}
}

func TestListIsInOrder(t *testing.T) {
	b := newBlog(t)
	put(t, b.notices.core.table, []notice{
		{Object: Object{ID: NewID()}, Board: "b", Rank: 10}, {Object: Object{ID: NewID()}, Board: "b", Rank: 9}, {Object: Object{ID: NewID()}, Board: "b", Rank: -1},
		{Object: Object{ID: NewID()}, Board: "other", Rank: 3},
	})
	for _, test := range []struct {
		direction SortDirection
		want      []float64
	}{{SortDirectionAsc, []float64{-1, 9, 10}}, {SortDirectionDesc, []float64{10, 9, -1}}} {
		page, err := b.notices.List(t.Context(), anonymous, onBoard, "b", NewPage(nil, nil, nil, nil, &test.direction))
		if err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, edge := range page.Edges {
			got = append(got, edge.Node.Rank)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.direction, got, test.want)
		}
	}
}

// TestListIsStable inserts and deletes while a list is paged through, in either
// direction: what was there all the time comes once, and in its order.
func TestListIsStable(t *testing.T) {
	b := newBlog(t)
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 10 {
		hash := fmt.Sprint("board ", round)
		fresh := func() notice { return notice{Object: Object{ID: NewID()}, Board: hash, Rank: float64(random.IntN(5))} }
		kept, going := map[string]bool{}, []notice{}
		var notices []notice
		for range 40 {
			n := fresh()
			notices = append(notices, n)
			if random.IntN(3) == 0 {
				going = append(going, n)
			} else {
				kept[n.ID] = true
			}
		}
		put(t, b.notices.core.table, notices)

		isBackward := round%2 == 1
		var got []*notice
		for page := (Page{}); ; {
			size := 1 + random.IntN(5)
			page.First, page.Last = &size, nil
			if isBackward {
				page.First, page.Last = nil, &size
			}
			answer, err := b.notices.List(t.Context(), anonymous, onBoard, hash, page)
			if err != nil {
				t.Fatal(err)
			}
			edges := slices.Clone(answer.Edges)
			more := answer.PageInfo.HasNextPage
			page.After = answer.PageInfo.EndCursor
			if isBackward {
				slices.Reverse(edges)
				more = answer.PageInfo.HasPreviousPage
				page.After, page.Before = nil, answer.PageInfo.StartCursor
			}
			for _, edge := range edges {
				got = append(got, edge.Node)
			}
			if !more {
				break
			}
			put(t, b.notices.core.table, []notice{fresh(), fresh()})
			if len(going) > 0 {
				if err := b.notices.core.removeBatch(t.Context(), []string{going[0].ID}); err != nil {
					t.Fatal(err)
				}
				going = going[1:]
			}
		}
		seen := map[string]int{}
		for i, n := range got {
			seen[n.ID]++
			if i > 0 && n.Rank != got[i-1].Rank && (n.Rank < got[i-1].Rank) != isBackward {
				t.Errorf("rank %v comes after %v, backward: %v", n.Rank, got[i-1].Rank, isBackward)
			}
		}
		for id := range kept {
			if seen[id] == 0 {
				t.Errorf("%s was left out", id)
			}
		}
		for id, times := range seen {
			if times > 1 {
				t.Errorf("%s came %d times", id, times)
			}
		}
	}
}

// TestListGivesUp: where a thousand items are hidden, a page ends without edges, and
// its cursor leads on.
func TestListGivesUp(t *testing.T) {
	b := newBlog(t)
	put(t, b.posts.core.table, somePosts(1203, func(i int, p *post) {
		if i != 1 && i != 1201 {
			p.OwnerID = eve.ID
		}
	}))
	two := 2
	first, err := b.posts.List(t.Context(), ada, byStatus, published, Page{First: &two})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Edges) != 1 || !first.PageInfo.HasNextPage || *first.PageInfo.EndCursor == first.Edges[0].Cursor {
		t.Errorf("%d edges, next %v, to the last edge %v; want 1, and a cursor that is further",
			len(first.Edges), first.PageInfo.HasNextPage, *first.PageInfo.EndCursor == first.Edges[0].Cursor)
	}
	second, err := b.posts.List(t.Context(), ada, byStatus, published, Page{First: &two, After: first.PageInfo.EndCursor})
	if err != nil {
		t.Fatal(err)
	}
	if len(second.Edges) != 1 || second.PageInfo.HasNextPage {
		t.Errorf("then %d edges, next %v; want 1, false", len(second.Edges), second.PageInfo.HasNextPage)
	}

	last, err := b.posts.List(t.Context(), ada, byStatus, published, Page{Last: &two})
	if err != nil {
		t.Fatal(err)
	}
	if len(last.Edges) != 1 || !last.PageInfo.HasPreviousPage || last.PageInfo.HasNextPage || *last.PageInfo.StartCursor == last.Edges[0].Cursor {
		t.Errorf("backward: %d edges, %+v", len(last.Edges), last.PageInfo)
	}
	none, err := b.posts.List(t.Context(), Caller{ID: NewID()}, byStatus, published, Page{})
	if err != nil || len(none.Edges) != 0 || !none.PageInfo.HasNextPage || none.PageInfo.StartCursor != nil {
		t.Errorf("to a stranger: %d edges, %+v, %v", len(none.Edges), none.PageInfo, err)
	}
}

// TestListGivesUpWithoutATrace: the cursor of what may not be read shows nothing of it, and
// is good where the keys are the same, in the same list.
func TestListGivesUpWithoutATrace(t *testing.T) {
	b := newBlog(t)
	put(t, b.posts.core.table, somePosts(1003, func(i int, p *post) { p.OwnerID = eve.ID }))
	keys := [][]byte{bytes.Repeat([]byte{1}, sealKeySize), bytes.Repeat([]byte{2}, sealKeySize)}
	b.sealer = newSealer(keys[:1])
	page, err := b.posts.List(t.Context(), ada, byStatus, published, Page{})
	if err != nil || page.PageInfo.EndCursor == nil {
		t.Fatalf("%+v, %v", page, err)
	}
	cursor := *page.PageInfo.EndCursor
	if text, err := base64.RawURLEncoding.DecodeString(cursor); err != nil || bytes.Contains(text, []byte("2026-11-22")) {
		t.Errorf("the cursor is %q, %v", text, err)
	}
	if again, err := b.posts.List(t.Context(), ada, byStatus, published, Page{}); err != nil || *again.PageInfo.EndCursor == cursor {
		t.Errorf("the cursor of one item is the same twice, %v", err)
	}
	for _, test := range []struct {
		name   string
		keys   [][]byte
		index  Index
		hash   any
		isGood bool
	}{
		{"the same key", keys[:1], byStatus, published, true},
		{"a new key before it", [][]byte{keys[1], keys[0]}, byStatus, published, true},
		{"another key", keys[1:], byStatus, published, false},
		{"another list", keys[:1], ByOwner, ada.ID, false},
		{"the list of another value", keys[:1], byStatus, draft, false},
	} {
		b.sealer = newSealer(test.keys)
		_, err := b.posts.List(t.Context(), ada, test.index, test.hash, Page{After: &cursor})
		if test.isGood && err != nil || !test.isGood && !IsBadInput(err) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestListExamines: whatever is asked for, a page looks at a thousand items at most.
func TestListExamines(t *testing.T) {
	b := newBlog(t)
	put(t, b.posts.core.table, somePosts(1203, func(i int, p *post) {
		p.CreatedAt = NewDateTime(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		if i%2 == 0 {
			p.OwnerID = eve.ID
		}
	}))
	all := everyEdge(t, b.posts, editor, byStatus, published, Page{})
	first, last := &all[0].Cursor, &all[len(all)-1].Cursor
	stranger := Caller{ID: NewID()}
	asStranger := func(edge *Edge[post]) *string {
		at := position{&types.AttributeValueMemberS{Value: edge.Node.CreatedAt.String()}, edge.Node.ID}
		cursor := b.sealer.encodeCursor(at, b.posts.core.scopeOf(stranger, byStatus, &types.AttributeValueMemberS{Value: string(published)}))
		return &cursor
	}
	two := 2
	for _, test := range []struct {
		name   string
		caller Caller
		page   Page
		edges  int
		most   int
	}{
		{"all may be read", editor, Page{First: &two}, 2, 3},
		{"none may be read", stranger, Page{}, 0, DefaultReadLimits.List},
		{"none may be read of those before", stranger, Page{Last: &two, Before: asStranger(all[len(all)-1])}, 0, DefaultReadLimits.List},
		{"between places of one sort key", editor, Page{First: &two, After: first, Before: last}, 2, DefaultReadLimits.List},
		{"and none may be read", stranger, Page{After: asStranger(all[0]), Before: asStranger(all[len(all)-1])}, 0, DefaultReadLimits.List},
		{"and from the end", stranger, Page{Last: &two, After: asStranger(all[0]), Before: asStranger(all[len(all)-1])}, 0, DefaultReadLimits.List},
		{"between places the wrong way round", editor, Page{First: &two, After: last, Before: first}, 0, DefaultReadLimits.List},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.client.Listed = 0
			page, err := b.posts.List(t.Context(), test.caller, byStatus, published, test.page)
			if err != nil {
				t.Fatal(err)
			}
			if listed := b.client.Listed; len(page.Edges) != test.edges || listed > test.most {
				t.Errorf("%d edges, after looking at %d items; want %d, and at most %d", len(page.Edges), listed, test.edges, test.most)
			}
			if info := page.PageInfo; test.most == DefaultReadLimits.List && b.client.Listed == DefaultReadLimits.List && !info.HasNextPage && !info.HasPreviousPage {
				t.Error("it has no further page, and has not come to an end")
			}
		})
	}
}

func TestListRefuses(t *testing.T) {
	b := newBlog(t)
	one := b.newPost(t, ada, "one")
	b.newPost(t, ada, "two")
	cursorOf := func(index Index, hash any) *string {
		page, err := b.posts.List(t.Context(), ada, index, hash, Page{})
		if err != nil {
			t.Fatal(err)
		}
		return page.PageInfo.EndCursor
	}
	good, foreign := cursorOf(ByOwner, ada.ID), cursorOf(byStatus, draft)
	forged := func(scope scope) *string {
		at := position{&types.AttributeValueMemberS{Value: one.ID}, one.ID}
		cursor := b.sealer.encodeCursor(at, scope)
		return &cursor
	}
	own := b.posts.core.scopeOf(ada, ByOwner, &types.AttributeValueMemberS{Value: ada.ID})
	damaged := (*good)[:9] + "A" + (*good)[10:]
	if damaged == *good {
		damaged = (*good)[:9] + "B" + (*good)[10:]
	}
	id := uuid.MustParse(one.ID)
	checked := binary.BigEndian.AppendUint32(nil, crc32.Update(crc32.ChecksumIEEE([]byte("Post/id")), crc32.IEEETable, id[:]))
	minus, zero, hundred, more := -1, 0, 100, 101
	text := func(s string) *string { return &s }
	for _, test := range []struct {
		name  string
		page  Page
		field string // empty: it is good
	}{
		{"nothing asked for", Page{}, ""},
		{"none", Page{First: &zero}, ""},
		{"a hundred", Page{First: &hundred}, ""},
		{"a cursor of this list", Page{After: good}, ""},
		{"more than a hundred", Page{First: &more}, "first"},
		{"more than a hundred at the end", Page{Last: &more}, "last"},
		{"less than none", Page{First: &minus}, "first"},
		{"first and last", Page{First: &zero, Last: &zero}, "last"},
		{"an empty cursor", Page{After: text("")}, "after"},
		{"a cursor that is none", Page{Before: text("?")}, "before"},
		{"a cursor of another order", Page{After: foreign}, "after"},
		{"a cursor as this server makes it", Page{After: forged(own)}, ""},
		{"a cursor of another type", Page{After: forged(b.comments.core.scopeOf(ada, ByOwner, &types.AttributeValueMemberS{Value: ada.ID}))}, "after"},
		{"a cursor of another's list", Page{After: forged(b.posts.core.scopeOf(ada, ByOwner, &types.AttributeValueMemberS{Value: eve.ID}))}, "after"},
		{"a cursor of another caller", Page{After: forged(b.posts.core.scopeOf(eve, ByOwner, &types.AttributeValueMemberS{Value: ada.ID}))}, "after"},
		{"a cursor of another list by age", Page{After: forged(b.posts.core.scopeOf(ada, Index{"folderId", "id"}, &types.AttributeValueMemberS{Value: ada.ID}))}, "after"},
		{"a cursor of another server's key", Page{After: text(newOwnSealer().encodeCursor(position{&types.AttributeValueMemberS{Value: one.ID}, one.ID}, own))}, "after"},
		{"a cursor with a checksum, as servers gave before", Page{After: text(base64.RawURLEncoding.EncodeToString(append(checked, id[:]...)))}, "after"},
		{"a damaged cursor", Page{After: &damaged}, "after"},
		{"a longer cursor", Page{After: text(*good + "AA")}, "after"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := b.posts.List(t.Context(), ada, ByOwner, ada.ID, test.page)
			switch {
			case test.field == "" && err != nil:
				t.Error(err)
			case test.field != "":
				wantBadInput(t, test.name, err, test.field)
			}
		})
	}
}

// TestEdgeOfPayload pages on from where an item stands by its payload's edge, in each of
// the lists that are ordered by id.
func TestEdgeOfPayload(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	var made []*comment
	for range 5 {
		made = append(made, b.newComment(t, ada, p))
	}
	edge := b.comments.Edge(ada, made[2])
	if _, err := b.comments.List(t.Context(), eve, commentsOn, p.ID, Page{After: &edge.Cursor}); !IsBadInput(err) {
		t.Errorf("to another caller: %v", err)
	}
	other := b.newPost(t, ada, "other")
	if _, err := b.comments.List(t.Context(), ada, commentsOn, other.ID, Page{After: &edge.Cursor}); !IsBadInput(err) {
		t.Errorf("in a list that does not have it: %v", err)
	}
	for _, list := range []struct {
		index Index
		hash  string
	}{{ByOwner, ada.ID}, {commentsOn, p.ID}} {
		after, err := b.comments.List(t.Context(), ada, list.index, list.hash, Page{After: &edge.Cursor})
		if err != nil {
			t.Fatal(err)
		}
		before, err := b.comments.List(t.Context(), ada, list.index, list.hash, Page{Before: &edge.Cursor})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, edge := range append(before.Edges, after.Edges...) {
			ids = append(ids, edge.Node.ID)
		}
		if want := []string{made[0].ID, made[1].ID, made[3].ID, made[4].ID}; !slices.Equal(ids, want) {
			t.Errorf("by %s: around %s are %q, want %q", list.index.Hash, made[2].ID, ids, want)
		}
	}
}

// TestSealedCursorsAreOfOneSize: what a cursor hides does not show in its length either.
func TestSealedCursorsAreOfOneSize(t *testing.T) {
	s := newOwnSealer()
	text := func(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
	number := func(value string) types.AttributeValue { return &types.AttributeValueMemberN{Value: value} }
	for name, sorts := range map[string][]types.AttributeValue{
		"texts":   {text("a"), text("ab"), text(strings.Repeat("x", maxSortKeySize)), text("ends in zeros\x00\x00"), text("\x01")},
		"numbers": {number("1"), number("-2.5"), number("1" + strings.Repeat("0", 125))},
	} {
		sizes := map[int]bool{}
		for _, sort := range sorts {
			at := position{sort, NewID()}
			cursor := s.sealCursor(at, "a list")
			if opened, ok := s.decodeCursor("a list", cursor); !ok || !cmp.Equal(at.bytes(), opened.bytes()) {
				t.Errorf("%v becomes %v, %v", at, opened, ok)
			}
			if _, ok := s.decodeCursor("another list", cursor); ok {
				t.Errorf("%v is good in another list", at)
			}
			sizes[len(cursor)] = true
		}
		if len(sizes) != 1 {
			t.Errorf("%s: %v", name, sizes)
		}
	}
}

// FuzzCursor: what nobody of ours has made is no cursor, and of what is put into one by our own
// key, DynamoDB takes the place, or it is refused.
func FuzzCursor(f *testing.F) {
	b := newBlog(f)
	ctx := context.Background()
	for _, at := range []position{
		{sort: &types.AttributeValueMemberS{Value: "01934b6e-7c00-7000-8000-000000000001"}, id: "01934b6e-7c00-7000-8000-000000000001"},
		{sort: &types.AttributeValueMemberS{Value: "2026-11-22T12:00:00.000Z"}, id: NewID()},
		{sort: &types.AttributeValueMemberN{Value: "-2.5"}, id: NewID()},
		{sort: &types.AttributeValueMemberN{Value: "NaN"}, id: NewID()},
	} {
		f.Add(at.bytes())
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, list := range []struct {
			scope scope
			get   func(Page) error
		}{
			{b.notices.core.scopeOf(ada, onBoard, &types.AttributeValueMemberS{Value: "b"}), func(page Page) error {
				_, err := b.notices.List(ctx, ada, onBoard, "b", page)
				return err
			}},
			{b.posts.core.scopeOf(ada, ByOwner, &types.AttributeValueMemberS{Value: ada.ID}), func(page Page) error {
				_, err := b.posts.List(ctx, ada, ByOwner, ada.ID, page)
				return err
			}},
			{b.posts.core.scopeOf(ada, byStatus, &types.AttributeValueMemberS{Value: string(draft)}), func(page Page) error {
				_, err := b.posts.List(ctx, ada, byStatus, draft, page)
				return err
			}},
		} {
			for _, cursor := range []string{string(body), base64.RawURLEncoding.EncodeToString(body)} {
				if _, ok := b.sealer.decodeCursor(list.scope, cursor); ok {
					t.Errorf("%q is a cursor", cursor)
				}
			}
			tagged := append(append([]byte{1}, b.sealer.tag(string(list.scope), body)...), body...)
			for _, made := range [][]byte{tagged, b.sealer.seal(string(list.scope), body)} {
				cursor := base64.RawURLEncoding.EncodeToString(made)
				for _, page := range []Page{{After: &cursor}, {Before: &cursor}} {
					if err := list.get(page); err != nil && !IsBadInput(err) {
						t.Errorf("%s: %q: %v", list.scope, cursor, err)
					}
				}
			}
		}
	})
}

package model

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/testclient"
)

// A ticket is in lists by several attributes, some of which it may lack.
type ticket struct {
	Object
	ProjectID string    `dynamo:"projectId"`
	Status    status    `dynamo:"status"`
	IsOpen    *bool     `dynamo:"isOpen"`
	Priority  *string   `dynamo:"priority"`
	Due       *DateTime `dynamo:"due"`
	Estimate  *float64  `dynamo:"estimate"`
	Title     string    `dynamo:"title,allowempty"`
}

func (*ticket) IsNode() {}

// project returns the id of what the ticket belongs to, nil where that is nothing.
func (i *ticket) project() *string {
	if i.ProjectID == "" {
		return nil
	}
	return &i.ProjectID
}

func (i *ticket) GlobalID() string { return GlobalID("Ticket", i.ID) }

var (
	priorities = []string{"LOW", "MEDIUM", "HIGH", "URGENT"} // by letters another order
	board      = Joined{
		Hash: []string{"projectId", "status"},
		Sort: []SortPart{{Attribute: "priority", Enum: priorities, Descending: true}, {Attribute: "due"}},
	}
	byOpen = Joined{
		Hash: []string{"ownerId", "isOpen"},
		Sort: []SortPart{{Attribute: "estimate"}, {Attribute: "title", Descending: true}},
	}
	bySize = Joined{Hash: []string{"estimate", "isOpen"}}
	byAge  = Joined{Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "updatedAt", Descending: true}, {Attribute: "version"}}}
)

// tickets are the model with what it is made on.
type tickets struct {
	*Model[ticket]
	client dynamodbiface.DynamoDBAPI
}

func newTickets(t testing.TB, joined ...Joined) *tickets {
	t.Helper()
	m := ticketsOn(testclient.Open(t, NewDynamoDB), "test-"+uuid.NewString()+"-", joined...)
	if _, err := m.core.db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, layout := range m.core.db.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return m
}

// with returns the same table as a server of other indexes has it.
func (m *tickets) with(joined ...Joined) *tickets {
	return ticketsOn(m.client, m.core.db.prefix, joined...)
}

func ticketsOn(client dynamodbiface.DynamoDBAPI, prefix string, joined ...Joined) *tickets {
	m := New[ticket](Open(client, prefix, Alone()), "Ticket", "tickets")
	Define(m, Definition[ticket]{
		Defaults: func(i *ticket) { i.Status = draft },
		Fields:   []Field{{Name: "estimate", Type: NumberField, Nullable: true}, {Name: "isOpen", Type: BooleanField, Nullable: true}},
		Joined:   joined,
		Rules:    []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner)},
	})
	return &tickets{m, client}
}

// randomTicket is one of few values in each field, so that many are equal.
func randomTicket(random *rand.Rand) ticket {
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	i := ticket{ProjectID: pick("", "p", "p#q", "p%23q"), Status: status(pick("DRAFT", "q#DRAFT", "PUBLISHED")), Title: pick("", "a", "a\x00", "a\x00b", "ab", "b", "ä", "🚲")}
	if random.IntN(3) > 0 {
		i.IsOpen = new(random.IntN(2) == 0)
	}
	if random.IntN(4) > 0 {
		i.Priority = new(pick(priorities...))
	}
	if random.IntN(3) > 0 {
		i.Due = new(NewDateTime(Now().Time().AddDate(0, 0, random.IntN(5)-2)))
	}
	if random.IntN(4) > 0 {
		i.Estimate = new([]float64{-3, 0.5, 10, 1_000_000, 0, 1e-130, -1e125}[random.IntN(7)])
	}
	return i
}

// byPointer compares what may be absent, which comes last.
func byPointer[V any](a, b *V, compare func(a, b V) int) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return compare(*a, *b)
}

func downward[V cmp.Ordered](a, b V) int { return cmp.Compare(b, a) }

func comparePriorities(a, b string) int {
	return cmp.Compare(slices.Index(priorities, b), slices.Index(priorities, a))
}

func compareOnBoard(a, b *ticket) int {
	return cmp.Or(
		byPointer(a.Priority, b.Priority, comparePriorities),
		byPointer(a.Due, b.Due, func(a, b DateTime) int { return a.Time().Compare(b.Time()) }),
		cmp.Compare(a.ID, b.ID),
	)
}

func compareOpen(a, b *ticket) int {
	return cmp.Or(byPointer(a.Estimate, b.Estimate, cmp.Compare[float64]), downward(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
}

func compareAges(a, b *ticket) int {
	return cmp.Or(b.UpdatedAt.Time().Compare(a.UpdatedAt.Time()), cmp.Compare(a.Version, b.Version), cmp.Compare(a.ID, b.ID))
}

func compareIDs(a, b *ticket) int { return cmp.Compare(a.ID, b.ID) }

// TestJoinedLists lists by several attributes, in orders of several, both ways and page by page, and
// wants what a plain evaluation over all items gives.
func TestJoinedLists(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	m, ctx := newTickets(t, board, byOpen, bySize, byAge), t.Context()
	var all []*ticket
	for range 150 {
		all = append(all, made[ticket](t)(m.Create(ctx, ada, as(randomTicket(random)))))
	}
	for range 60 { // and moves them
		at := random.IntN(len(all))
		change := func(i *ticket) {
			object := i.Object
			if random.IntN(3) > 0 {
				*i = randomTicket(random)
			} else {
				i.Title += "!" // which some lists do not look at
			}
			i.Object = object
		}
		var err error
		if all[at], err = m.Update(ctx, ada, all[at].GlobalID(), nil, change); err != nil {
			t.Fatal(err)
		}
	}
	for name, list := range map[string]struct {
		joined  Joined
		key     func(*ticket) string
		compare func(a, b *ticket) int
	}{
		"priority and due date of a project's":   {board, func(i *ticket) string { return JoinedKey(i.project(), i.Status) }, compareOnBoard},
		"estimate and title of an owner's, open": {byOpen, func(i *ticket) string { return JoinedKey(i.OwnerID, i.IsOpen) }, compareOpen},
		"last change of an owner's":              {byAge, func(i *ticket) string { return JoinedKey(i.OwnerID) }, compareAges},
		"age of those of an estimate":            {bySize, func(i *ticket) string { return JoinedKey(i.Estimate, i.IsOpen) }, compareIDs},
	} {
		t.Run(name, func(t *testing.T) {
			lists := map[string][]*ticket{}
			for _, i := range all {
				lists[list.key(i)] = append(lists[list.key(i)], i)
			}
			if len(lists) < 1 {
				t.Fatalf("%d lists", len(lists))
			}
			for key, want := range lists {
				slices.SortFunc(want, list.compare)
				for _, page := range []Page{{First: new(100)}, {First: new(3)}, {Last: new(4)}, {First: new(7), Descending: true}} {
					got := walkIDs(t, m.Model, list.joined.Index(), key, page)
					ids := make([]string, len(want))
					for i, each := range want {
						ids[i] = each.ID
					}
					if page.Descending {
						slices.Reverse(ids)
					}
					if !slices.Equal(got, ids) {
						t.Fatalf("key %q, page %+v: listed %q, want %q", key, page, got, ids)
					}
				}
			}
		})
	}
}

// walkIDs goes through the list page by page, from the end where the page is of the last.
func walkIDs(t *testing.T, m *Model[ticket], index Index, key string, page Page) (ids []string) {
	t.Helper()
	for {
		got, err := m.List(t.Context(), ada, index, key, page)
		if err != nil {
			t.Fatal(err)
		}
		var these []string
		for _, edge := range got.Edges {
			these = append(these, edge.Node.ID)
		}
		if page.Last != nil {
			these, ids = ids, these
		}
		ids = append(ids, these...)
		switch {
		case page.Last == nil && got.PageInfo.HasNextPage:
			page.After = got.PageInfo.EndCursor
		case page.Last != nil && got.PageInfo.HasPreviousPage:
			page.Before = got.PageInfo.StartCursor
		default:
			return ids
		}
	}
}

// TestJoinedKeysAreApart wants values that are not the same to have keys that are not.
func TestJoinedKeysAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, values := range [][]any{
		{"a#b", "c"}, {"a", "b#c"}, {"a", "#b", "c"}, {"a#", "b"}, {"", "a"}, {nil, "a"}, {(*string)(nil), nil}, {"~", "a"}, {"%23", "a"}, {"#", "a"},
		{"", ""}, {""}, {nil}, {true}, {"true", ""}, {1.0, 2}, {10, 2}, {"=", "a"},
	} {
		key := JoinedKey(values...)
		if other, isSeen := seen[key]; isSeen {
			t.Errorf("%v has the key of %s: %q", values, other, key)
		}
		if key == "" {
			t.Errorf("%v has an empty key", values)
		}
		seen[key] = fmt.Sprint(values)
	}
}

// TestJoinedKeysAreFilledIn adds indexes to items that are there, has a server that does not know them
// change one, and gives an enum another order.
func TestJoinedKeysAreFilledIn(t *testing.T) {
	ctx, older := t.Context(), newTickets(t)
	newer := older.with(board, bySize)
	first := made[ticket](t)(older.Create(ctx, ada, as(ticket{ProjectID: "p", Status: draft, Priority: new("LOW")})))
	second := made[ticket](t)(older.Create(ctx, ada, as(ticket{ProjectID: "p", Status: draft, Priority: new("HIGH")})))
	wantSteps := func(m *tickets, want ...string) []TableStep {
		t.Helper()
		steps, err := m.core.db.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, step := range steps {
			got = append(got, strings.ReplaceAll(step.String(), m.core.db.prefix, ""))
		}
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("planned %q, want %q", got, want)
		}
		return steps
	}
	do := func(m *tickets, steps []TableStep) {
		t.Helper()
		for _, step := range steps {
			if err := m.core.db.Do(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
	}
	wantList := func(m *tickets, joined Joined, want ...*ticket) {
		t.Helper()
		var got, ids []string
		for _, edge := range everyEdge(t, m.Model, ada, joined.Index(), JoinedKey("p", draft), Page{First: new(10)}) {
			got = append(got, edge.Node.ID)
		}
		for _, each := range want {
			ids = append(ids, each.ID)
		}
		if !slices.Equal(got, ids) {
			t.Errorf("listed %q, want %q", got, ids)
		}
	}
	do(newer, wantSteps(newer,
		"create index by-projectId-status-in-priority.desc-due of table tickets", "create index by-estimate-isOpen-id of table tickets",
		"fill by-projectId-status of table tickets: 2 items have not the keys"))
	wantSteps(newer)
	wantList(newer, board, second, first)
	if _, err := older.Update(ctx, ada, first.GlobalID(), nil, func(i *ticket) { i.Priority = new("URGENT") }); err != nil {
		t.Fatal(err)
	}
	wantList(newer, board, second, first)
	if _, err := newer.Update(ctx, ada, second.GlobalID(), nil, func(i *ticket) { i.Title = "Another" }); err != nil {
		t.Fatal(err)
	}
	do(newer, wantSteps(newer, "fill by-projectId-status of table tickets: 1 item has not the keys"))
	wantList(newer, board, first, second)

	reversed := board
	reversed.Sort = slices.Clone(board.Sort)
	reversed.Sort[0].Enum = []string{"URGENT", "HIGH", "MEDIUM", "LOW"}
	other := older.with(reversed, bySize)
	if other.core.db.Fingerprint() == newer.core.db.Fingerprint() {
		t.Error("the order of an enum's values does not change the fingerprint")
	}
	do(other, wantSteps(other, "fill by-projectId-status of table tickets: 2 items have not the keys"))
	wantList(other, reversed, second, first)
	if found, err := other.Get(ctx, ada, second.ID); err != nil || found.Version != 2 {
		t.Errorf("%+v, %v: what is filled in changes for nobody", found, err)
	}
	wantSteps(older, "leave index", "leave index")
}

// TestJoinedKeyTooLong refuses what no index can hold, by its field.
func TestJoinedKeyTooLong(t *testing.T) {
	m, ctx := newTickets(t, board, byOpen), t.Context()
	long := strings.Repeat("ä", 600)
	_, err := m.Create(ctx, ada, as(ticket{ProjectID: strings.Repeat("#", 1000), Status: draft}))
	wantBadInput(t, "a hash key", err, "projectId")
	_, err = m.Create(ctx, ada, as(ticket{Status: draft, Title: long}))
	wantBadInput(t, "a sort key", err, "title")
	i := made[ticket](t)(m.Create(ctx, ada, as(ticket{Status: draft, Title: "short"})))
	_, err = m.Update(ctx, ada, i.GlobalID(), nil, func(i *ticket) { i.Title = long })
	wantBadInput(t, "an update", err, "title")
	err = m.core.db.Transact(ctx, func(tx *Tx) error {
		_, err := m.In(tx).Update(ctx, ada, i.GlobalID(), nil, func(i *ticket) { i.Title = long })
		return err
	})
	wantBadInput(t, "a transaction", err, "title")
}

// TestJoinedInTransaction moves an object in every list by a transaction.
func TestJoinedInTransaction(t *testing.T) {
	m, ctx := newTickets(t, board), t.Context()
	i := made[ticket](t)(m.Create(ctx, ada, as(ticket{ProjectID: "p", Status: draft})))
	err := m.core.db.Transact(ctx, func(tx *Tx) error {
		_, err := m.In(tx).Update(ctx, ada, i.GlobalID(), nil, func(i *ticket) { i.Status = published })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[status]int{draft: 0, published: 1} {
		if got := everyEdge(t, m.Model, ada, board.Index(), JoinedKey("p", value), Page{First: new(10)}); len(got) != want {
			t.Errorf("%d are %s, want %d", len(got), value, want)
		}
	}
	var item dynamo.Item
	if err := m.core.table.Get("id", i.ID).Consistent(true).One(ctx, &item); err != nil {
		t.Fatal(err)
	}
	if _, isText := item["in-priority.desc-due"].(*types.AttributeValueMemberS); !isText {
		t.Errorf("the item is %v", item)
	}
}

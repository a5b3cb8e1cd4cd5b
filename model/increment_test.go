package model

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// An article has numbers of each kind, in an index of each kind, and one that was called something else.
type article struct {
	Object
	Topic  string   `dynamo:"topic"`
	Views  int      `dynamo:"views"`
	Likes  *int     `dynamo:"likes"`
	Rating float64  `dynamo:"rating"`
	Weight *float64 `dynamo:"weight"`
	Price  Decimal  `dynamo:"price"`
	Number *int     `dynamo:"number"`
}

func (*article) IsNode()            {}
func (a *article) GlobalID() string { return GlobalID("Article", a.ID) }

// articles are the model with what it is made on.
type articles struct {
	*Model[article]
	client *testclient.Client
}

var mostViewed = Joined{Name: "VIEWS_DESC", Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "views", Descending: true}}}

func newArticles(t testing.TB, change ...func(*Definition[article])) *articles {
	t.Helper()
	client := &testclient.Client{DynamoDBAPI: testclient.Open(t, NewDynamoDB)}
	db := Open(client, "test-"+uuid.NewString()+"-", Alone())
	m := New[article](db, "Article", "articles")
	definition := Definition[article]{
		Counters: map[string]func(*article) any{
			"views":  func(a *article) any { return &a.Views },
			"likes":  func(a *article) any { return &a.Likes },
			"rating": func(a *article) any { return &a.Rating },
			"weight": func(a *article) any { return &a.Weight },
			"price":  func(a *article) any { return &a.Price },
			"number": func(a *article) any { return &a.Number },
		},
		Validate: func(a *article) []*Error { return []*Error{Gte("views", a.Views, 0), Lt("rating", a.Rating, 10)} },
		Uniques: []Unique[article]{{Field: "number", Value: func(a *article) string {
			if a.Number == nil {
				return ""
			}
			return fmt.Sprint(*a.Number)
		}}},
		Renames: []Rename{{From: "stars", To: "rating"}},
		Indexes: []Index{{"topic", "views"}},
		Joined:  []Joined{mostViewed},
		Rules:   []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner), Allow(OnRead, Authenticated)},
	}
	for _, change := range change {
		change(&definition)
	}
	Define(m, definition)
	if _, err := db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Before = nil
		for _, layout := range db.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return &articles{Model: m, client: client}
}

func (m *articles) create(t testing.TB, item article) *article {
	t.Helper()
	item.Topic = "looms"
	return made[article](t)(m.Create(t.Context(), ada, as(item)))
}

// by is the change of an article that increments its numbers.
func (a *article) by(by map[string]any) Change[article] {
	return Change[article]{ID: a.GlobalID(), Increment: NewIncrement(by)}
}

func TestIncrement(t *testing.T) {
	m := newArticles(t)
	a := m.create(t, article{Views: 3, Rating: 0.25, Price: MustDecimal("0.10")})
	got := made[article](t)(m.Apply(t.Context(), ada, a.by(map[string]any{
		"views": int64(2), "likes": 1, "rating": 0.5, "weight": int64(-2), "price": "12345678901234567890.20", "number": nil,
	})))
	kept := made[article](t)(m.Get(t.Context(), ada, a.ID))
	for _, is := range []*article{got, kept} {
		if is.Views != 5 || *is.Likes != 1 || is.Rating != 0.75 || *is.Weight != -2 || is.Price.String() != "12345678901234567890.3" || is.Number != nil || is.Version != 2 {
			t.Errorf("it is %+v", is)
		}
	}
	t.Run("nothing", func(t *testing.T) {
		for _, change := range []Change[article]{a.by(nil), a.by(map[string]any{"views": 0}), a.by(map[string]any{"views": nil}), {ID: a.GlobalID()}} {
			if got := made[article](t)(m.Apply(t.Context(), ada, change)); got.Version != 2 {
				t.Errorf("%v changes it to version %d", change.Increment, got.Version)
			}
		}
	})
	t.Run("beside what is set", func(t *testing.T) {
		change := a.by(map[string]any{"views": -1})
		change.Set = func(a *article) { a.Topic = "yarn" }
		got := made[article](t)(m.Apply(t.Context(), ada, change))
		if got.Views != 4 || got.Topic != "yarn" {
			t.Errorf("it is %+v", got)
		}
	})
}

func TestIncrementRefused(t *testing.T) {
	m := newArticles(t)
	a := m.create(t, article{Views: 3, Rating: 1, Price: MustDecimal("1e38")})
	for _, test := range []struct {
		name  string
		by    map[string]any
		field string
		says  string
	}{
		{"below what @validate wants", map[string]any{"views": -4}, "views", "at least 0"},
		{"above what @validate wants", map[string]any{"rating": 9}, "rating", "less than 10"},
		{"more than an Int is", map[string]any{"views": math.MaxInt32}, "increment.views", "from -2147483648 to 2147483647"},
		{"more than a Float is", map[string]any{"weight": math.MaxFloat64}, "", ""},
		{"more digits than a Decimal has", map[string]any{"price": "0.1"}, "increment.price", "digits"},
		{"a fraction of a whole number", map[string]any{"views": 0.5}, "increment.views", "whole"},
		{"text", map[string]any{"rating": "1"}, "increment.rating", "a number"},
		{"what is no number of it", map[string]any{"topic": 1}, "increment.topic", "no such"},
		{"the last of several", map[string]any{"likes": 1, "views": -4}, "views", "at least 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := m.Apply(t.Context(), ada, a.by(test.by))
			wantBadInput(t, test.name, err, test.field)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q in it", err, test.says)
			}
		})
	}
	t.Run("what is set as well", func(t *testing.T) {
		change := a.by(map[string]any{"views": 1})
		change.Set, change.IsSet = func(a *article) { a.Views = 7 }, map[string]bool{"views": true}
		_, err := m.Apply(t.Context(), ada, change)
		wantBadInput(t, "both", err, "increment.views")
	})
	t.Run("another's", func(t *testing.T) {
		_, err := m.Apply(t.Context(), eve, a.by(map[string]any{"views": 1}))
		wantError(t, err, ErrForbidden)
	})
	t.Run("of another version", func(t *testing.T) {
		change := a.by(map[string]any{"views": 1})
		change.ExpectedVersion = new(7)
		_, err := m.Apply(t.Context(), ada, change)
		wantError(t, err, ErrConflict)
	})
	if kept := made[article](t)(m.Get(t.Context(), ada, a.ID)); kept.Version != 1 || kept.Views != 3 {
		t.Errorf("it is %+v", kept)
	}
}

// TestIncrementAtOnce has many increment one number, and others write other fields of the object meanwhile:
// none fails, and none is lost.
func TestIncrementAtOnce(t *testing.T) {
	const clients, times = 16, 25
	m := newArticles(t)
	a := m.create(t, article{})
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for n := range times {
				change := a.by(map[string]any{"views": 1, "likes": 2})
				if i == 0 && n%5 == 0 {
					change.Set = func(a *article) { a.Topic = fmt.Sprint("topic ", n) }
				}
				if _, err := m.Apply(t.Context(), ada, change); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	kept := made[article](t)(m.Get(t.Context(), ada, a.ID))
	if kept.Views != clients*times || *kept.Likes != 2*clients*times || kept.Version != 1+clients*times {
		t.Errorf("views %d, likes %d, version %d, after %d increments", kept.Views, *kept.Likes, kept.Version, clients*times)
	}
	if len(m.core.db.turns.of) != 0 {
		t.Errorf("%d turns are kept", len(m.core.db.turns.of))
	}
}

// TestIncrementMovesInIndexes holds that an increment moves the object in every list that the number
// orders, in the same write, and leaves it there where it changes another number.
func TestIncrementMovesInIndexes(t *testing.T) {
	m := newArticles(t)
	first, second := m.create(t, article{Views: 10}), m.create(t, article{Views: 5})
	wantOrder := func(want ...*article) {
		t.Helper()
		for _, list := range []struct {
			index Index
			hash  string
			isUp  bool
		}{{mostViewed.Index(), JoinedKey(ada.ID), false}, {Index{"topic", "views"}, "looms", true}} {
			page, err := m.List(t.Context(), ada, list.index, list.hash, Page{})
			if err != nil {
				t.Fatal(err)
			}
			var ids, wanted []string
			for _, edge := range page.Edges {
				ids = append(ids, edge.Node.ID)
			}
			for _, a := range want {
				wanted = append(wanted, a.ID)
			}
			if list.isUp {
				slices.Reverse(wanted)
			}
			if !slices.Equal(ids, wanted) {
				t.Errorf("%v has %v, want %v", list.index, ids, wanted)
			}
		}
	}
	wantOrder(first, second)
	made[article](t)(m.Apply(t.Context(), ada, second.by(map[string]any{"views": 6})))
	wantOrder(second, first)
	made[article](t)(m.Apply(t.Context(), ada, second.by(map[string]any{"likes": 1})))
	wantOrder(second, first)
	if err := m.core.db.Transact(t.Context(), func(tx *Tx) error {
		_, err := m.In(tx).Apply(t.Context(), ada, first.by(map[string]any{"views": 2}))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantOrder(first, second)
}

// TestIncrementUnderBothNames holds that what was renamed and is written under both names is incremented
// under both, and from the newest.
func TestIncrementUnderBothNames(t *testing.T) {
	m := newArticles(t)
	a := m.create(t, article{Rating: 1})
	// A server that knows the former name alone sets it.
	if err := m.core.table.Update("id", a.ID).Set("stars", 4).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := made[article](t)(m.Apply(t.Context(), ada, a.by(map[string]any{"rating": 0.5}))); got.Rating != 4.5 {
		t.Errorf("the rating is %v", got.Rating)
	}
	var item dynamo.Item
	if err := m.core.table.Get("id", a.ID).One(t.Context(), &item); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rating", "stars"} {
		if number, ok := item[name].(*types.AttributeValueMemberN); !ok || number.Value != "4.5" {
			t.Errorf("%s is %v", name, item[name])
		}
	}
}

// TestIncrementUnique holds that a unique number is claimed as it is after the increment.
func TestIncrementUnique(t *testing.T) {
	m := newArticles(t)
	first, second := m.create(t, article{Number: new(1)}), m.create(t, article{Number: new(2)})
	_, err := m.Apply(t.Context(), ada, first.by(map[string]any{"number": 1}))
	wantErrorOf(t, err, ErrTaken, "number")
	made[article](t)(m.Apply(t.Context(), ada, first.by(map[string]any{"number": 2})))
	if found := made[article](t)(m.ByUnique(t.Context(), ada, "number", "3")); found.ID != first.ID {
		t.Errorf("3 is %s", found.ID)
	}
	if found := made[article](t)(m.ByUnique(t.Context(), ada, "number", "2")); found.ID != second.ID {
		t.Errorf("2 is %s", found.ID)
	}
}

// TestIncrementHooks holds that hooks see what an update makes of the number, may refuse it, and may
// increment the same object in turn.
func TestIncrementHooks(t *testing.T) {
	var m *articles
	m = newArticles(t, func(d *Definition[article]) {
		d.Hooks.BeforeUpdate = func(_ context.Context, _ Caller, before, after *article) error {
			if after.Views-before.Views > 10 {
				return BadInput("views", "that is too fast")
			}
			return nil
		}
		d.Hooks.AfterUpdate = func(ctx context.Context, caller Caller, before, after *article) error {
			if after.Views == before.Views {
				return nil
			}
			_, err := m.Apply(ctx, caller, after.by(map[string]any{"likes": 1}))
			return err
		}
	})
	a := m.create(t, article{})
	_, err := m.Apply(t.Context(), ada, a.by(map[string]any{"views": 11}))
	wantBadInput(t, "a hook's refusal", err, "views")
	if won := won(t, atOnce(func(int) error {
		_, err := m.Apply(t.Context(), ada, a.by(map[string]any{"views": 1}))
		return err
	}), nil); won != 16 {
		t.Errorf("%d of 16 succeed", won)
	}
	if kept := made[article](t)(m.Get(t.Context(), ada, a.ID)); kept.Views != 16 || *kept.Likes != 16 {
		t.Errorf("views %d, likes %d", kept.Views, *kept.Likes)
	}
}

// TestIncrementOnceWritten holds that an increment is written so that DynamoDB knows it again when the SDK
// tries again what was not answered.
func TestIncrementOnceWritten(t *testing.T) {
	m := newArticles(t)
	a := m.create(t, article{})
	calls := m.client.Counted(func() {
		made[article](t)(m.Apply(t.Context(), ada, a.by(map[string]any{"views": 1})))
	})
	if calls["TransactWriteItems"] != 1 || calls["UpdateItem"] != 0 {
		t.Errorf("calls %v, want a transaction, which has a token", calls)
	}
}

// BenchmarkIncrement has 100 increment one number at once.
//
//	go test ./model -run xxx -bench Increment
func BenchmarkIncrement(b *testing.B) {
	m := newArticles(b)
	a := m.create(b, article{})
	b.SetParallelism(100)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Apply(b.Context(), ada, a.by(map[string]any{"views": 1})); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "increments/s")
}

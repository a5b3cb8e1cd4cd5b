package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var uniqueBoard = Unique[notice]{Field: "board", Value: func(n *notice) string { return n.Board }}

func (b *blog) newNotice(t testing.TB, board string) *notice {
	t.Helper()
	return made[notice](t)(b.notices.Create(t.Context(), ada, as(notice{Board: board})))
}

// do carries out the plan.
func (b *blog) do(t testing.TB) error {
	t.Helper()
	steps, err := b.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if err := b.Do(t.Context(), step); err != nil {
			return err
		}
	}
	return nil
}

const fillUniques = "fill notices of table uniques"

func TestAFieldBecomesUnique(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(t *testing.T, b *blog)
		want []string // the plan
	}{
		{"of items that have nothing", func(t *testing.T, b *blog) {
			put(t, b.notices.core.table, []struct {
				ID      string `dynamo:"id"`
				OwnerID string `dynamo:"ownerId"`
				Rank    int    `dynamo:"rank"`
				Version int    `dynamo:"version"`
			}{{ID: NewID(), Version: 1}, {ID: NewID(), Version: 1}})
			b.notices.core.definition.Required = nil
		}, nil},
		{"of items with claims of their own", func(t *testing.T, b *blog) {
			redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
			b.newNotice(t, "a")
		}, nil},
		{"of items without", func(t *testing.T, b *blog) {
			for i := range 130 {
				b.newNotice(t, fmt.Sprint(i))
			}
		}, []string{fillUniques}},
		{"again, after a change", func(t *testing.T, b *blog) {
			n := b.newNotice(t, "b")
			put(t, b.uniques, []unique{{"Notice#board#a", n.ID}})
			b.newNotice(t, "a")
		}, []string{fillUniques}},
		{"again, after a delete", func(t *testing.T, b *blog) {
			put(t, b.uniques, []unique{{"Notice#board#a", NewID()}})
			b.newNotice(t, "a")
		}, []string{fillUniques}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			test.make(t, b)
			redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
			wantPlan(t, b, test.want...)
			if err := b.do(t); err != nil {
				t.Fatal(err)
			}
			wantPlan(t, b)
			for items, err := range b.notices.core.scan(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range items {
					n := item.(*notice)
					if n.Board == "" {
						continue
					}
					got, err := b.notices.ByUnique(t.Context(), ada, "board", n.Board)
					if err != nil || got.ID != n.ID {
						t.Fatalf("of board %s: %+v, %v", n.Board, got, err)
					}
				}
			}
		})
	}
}

func TestAFieldCannotBecomeUnique(t *testing.T) {
	for _, test := range []struct {
		name string
		make func(t *testing.T, b *blog) (ids []string)
	}{
		{"with the same in two items that nobody claims", func(t *testing.T, b *blog) []string {
			return []string{b.newNotice(t, "secret").ID, b.newNotice(t, "secret").ID}
		}},
		{"with the same in one that has claimed it", func(t *testing.T, b *blog) []string {
			redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
			claimed := b.newNotice(t, "secret").ID
			b.notices.core.definition.Uniques = nil
			return []string{claimed, b.newNotice(t, "secret").ID}
		}},
		{"with what is too long for it", func(t *testing.T, b *blog) []string {
			return []string{b.newNotice(t, "secret"+strings.Repeat("x", 2040)).ID}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			ids := test.make(t, b)
			b.newNotice(t, "another")
			claims, err := b.uniques.Scan().Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
			wantPlan(t, b, "refuse board of table notices")
			steps, err := b.Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				if !strings.Contains(steps[0].Why, id) {
					t.Errorf("%s: does not name %s", steps[0], id)
				}
			}
			if strings.Contains(steps[0].String(), "secret") {
				t.Errorf("%s: says the value", steps[0])
			}
			wantCount(t, b.uniques, claims)
			if err := b.notices.core.removeBatch(t.Context(), ids[:1]); err != nil {
				t.Fatal(err)
			}
			wantPlan(t, b, fillUniques)
		})
	}
}

// TestEnteringMeetsAChange changes an item at the moment at which its value is entered.
func TestEnteringMeetsAChange(t *testing.T) {
	move := func(b *blog, n *notice, uniques ...Unique[notice]) {
		b.notices.core.definition.Uniques = mapped(uniques, untypedUnique[*notice]) // as a server of that version would
		_, err := b.notices.Update(t.Context(), editor, GlobalID("Notice", n.ID), nil, func(n *notice) { n.Board = "b" })
		redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
		if err != nil {
			t.Error(err)
		}
	}
	for _, test := range []struct {
		name   string
		change func(b *blog, n *notice)
		want   []string // claims
	}{
		{"by a delete", func(b *blog, n *notice) {
			if _, err := b.notices.Delete(t.Context(), editor, GlobalID("Notice", n.ID), nil); err != nil {
				t.Error(err)
			}
		}, nil},
		{"by an older version of the server", func(b *blog, n *notice) { move(b, n) }, nil},
		{"by this version of the server", func(b *blog, n *notice) { move(b, n, uniqueBoard) }, []string{"Notice#board#b"}},
		{"by another who enters it", func(b *blog, n *notice) {
			put(t, b.uniques, []unique{{"Notice#board#a", n.ID}})
		}, []string{"Notice#board#a"}},
		{"of something else", func(b *blog, n *notice) {
			_, err := b.notices.Update(t.Context(), editor, GlobalID("Notice", n.ID), nil, func(n *notice) { n.Rank++ })
			if err != nil {
				t.Error(err)
			}
		}, []string{"Notice#board#a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			n := b.newNotice(t, "a")
			redefine(b.notices, func(d *Definition[notice]) { d.Uniques = []Unique[notice]{uniqueBoard} })
			steps, err := b.Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b.client.AtFirst("TransactWriteItems", func() { test.change(b, n) })
			if err := b.Do(t.Context(), steps[0]); err != nil {
				t.Error(err)
			}
			var claims []unique
			if err := b.uniques.Scan().All(t.Context(), &claims); err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, claim := range claims {
				ids = append(ids, claim.ID)
			}
			if !slices.Equal(ids, test.want) {
				t.Errorf("claimed %q, want %q", ids, test.want)
			}
		})
	}
}

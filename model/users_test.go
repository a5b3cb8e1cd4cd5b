package model

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
)

// errand is of one who asks for it, somebody who is to run it, perhaps, and somebody for whom it is,
// with whom it goes.
type errand struct {
	Object
	Title    string `dynamo:"title,allowempty"`
	RunnerID string `dynamo:"runnerId"`
	ForID    string `dynamo:"forId"`
}

func (*errand) IsNode() {}

func (e *errand) GlobalID() string { return GlobalID("Errand", e.ID) }

// byRunner has the errands of a runner by their titles.
var byRunner = Joined{Name: "TITLE", Hash: []string{"runnerId"}, Sort: []SortPart{{Attribute: "title"}}}

// runBy is the key of a runner's list; of an empty id that of nobody's.
func runBy(id string) string {
	if id == "" {
		return JoinedKey((*string)(nil))
	}
	return JoinedKey(id)
}

// errandsOf returns a model of errands beside a blog. Ada and the editor see one another; nobody else
// sees anybody.
func errandsOf(t testing.TB) (*blog, *Model[errand]) {
	t.Helper()
	b := newBlog(t)
	b.SetUsers(Users{
		There: b.usersWith,
		Seen: func(_ context.Context, caller Caller, ids []string) (map[string]bool, error) {
			friends, seen := []string{ada.ID, editor.ID}, map[string]bool{}
			for _, id := range ids {
				isFriend := slices.Contains(friends, caller.ID) && slices.Contains(friends, id)
				seen[id] = id == caller.ID || isFriend || caller.IsSystem()
			}
			return seen, nil
		},
		Check: func(id string) *dynamo.ConditionCheck { return b.users.Check("id", id).If("attribute_exists(id)") },
	})
	errands := New[errand](b.DB, "Errand", "errands")
	Define(errands, Definition[errand]{
		Fields: []Field{
			{Name: "title"},
			{Name: "runner", Attribute: "runnerId", Type: ParentField, Nullable: true},
		},
		Joined: []Joined{byRunner},
		Parents: []Parent[errand]{
			{b.Users(), "runnerId", func(e *errand) string { return e.RunnerID }, SetNull, false},
			{b.Users(), "forId", func(e *errand) string { return e.ForID }, Cascade, false},
		},
		Rules: []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Authenticated)},
	})
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.register(t, ada, eve, editor)
	return b, errands
}

// TestBelongingToUsers: an object belongs to those alone whom its maker sees, and who have an account
// when it is written.
func TestBelongingToUsers(t *testing.T) {
	b, errands := errandsOf(t)
	leaves := func(caller Caller) func() {
		return func() {
			if err := b.users.Delete("id", caller.ID).Run(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	create := func(caller Caller, runner string) (*errand, error) {
		return errands.Create(t.Context(), caller, as(errand{Title: "Bread", RunnerID: runner}))
	}
	rename := func(e *errand) { e.Title = "Rolls" }
	give := func(runner string) func(*errand) { return func(e *errand) { e.RunnerID = runner } }

	for _, runner := range []string{"", ada.ID, editor.ID} {
		if _, err := create(ada, runner); err != nil {
			t.Errorf("for %q: %v", runner, err)
		}
	}
	for _, runner := range []string{eve.ID, NewID(), "none"} {
		_, err := create(ada, runner)
		wantErrorOf(t, err, ErrNoParent, "runnerId")
	}
	made := made[errand](t)(create(ada, editor.ID))
	for _, test := range []struct {
		name   string
		by     Caller
		change func(*errand)
		want   error
	}{
		{"to one whom the caller does not see", ada, give(eve.ID), ErrNoParent},
		{"to nobody who is", ada, give("none"), ErrNoParent},
		{"of whom the caller does not see, to the caller", eve, give(eve.ID), nil},
		{"what belongs to one whom the caller does not see, otherwise", ada, rename, nil},
		{"to nobody", ada, give(""), nil},
		{"to another", ada, give(editor.ID), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			after, err := errands.Update(t.Context(), test.by, made.GlobalID(), nil, test.change)
			wantError(t, err, test.want)
			err = b.Transact(t.Context(), func(tx *Tx) error {
				_, err := errands.In(tx).Update(t.Context(), test.by, made.GlobalID(), nil, test.change)
				return err
			})
			wantError(t, err, test.want)
			if test.want != nil {
				return
			}
			page, err := errands.List(t.Context(), System, byRunner.Index(), runBy(after.RunnerID), Page{})
			isIn := slices.ContainsFunc(page.Edges, func(e *Edge[errand]) bool { return e.Node.ID == made.ID })
			if err != nil || !isIn {
				t.Errorf("its list has it not: %v", err)
			}
		})
	}

	t.Run("one who leaves at that moment", func(t *testing.T) {
		writes := map[string]func() error{
			"create": func() error { _, err := create(ada, editor.ID); return err },
			"update": func() error {
				_, err := errands.Update(t.Context(), ada, made.GlobalID(), nil, give(ada.ID))
				return err
			},
		}
		b.client.AtFirst("TransactWriteItems", leaves(editor))
		wantErrorOf(t, writes["create"](), ErrNoParent, "runnerId")
		b.client.AtFirst("TransactWriteItems", leaves(ada))
		wantErrorOf(t, writes["update"](), ErrNoParent, "runnerId")
	})
}

// TestUsersWhoAreHidden: whom the caller does not see is nobody's runner to the caller.
func TestUsersWhoAreHidden(t *testing.T) {
	_, errands := errandsOf(t)
	var items []errand
	for i, runner := range []string{ada.ID, eve.ID, editor.ID, ""} {
		items = append(items, errand{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Title: string(rune('a' + i)), RunnerID: runner})
	}
	put(t, errands.core.table, items)
	if err := errands.core.writeKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	user := func(c Caller) string { return GlobalID("User", c.ID) }
	for _, test := range []struct {
		name   string
		filter map[string]any
		want   map[string]string // the titles by who asks
	}{
		{"by one", map[string]any{"eq": user(eve)}, map[string]string{ada.ID: "", eve.ID: "b", editor.ID: ""}},
		{"by a friend", map[string]any{"in": []any{user(editor), user(eve)}}, map[string]string{ada.ID: "c", eve.ID: "b", editor.ID: "c"}},
		{"not by one", map[string]any{"ne": user(eve)}, map[string]string{ada.ID: "abcd", eve.ID: "acd", editor.ID: "abcd"}},
		{"by somebody", map[string]any{"exists": true}, map[string]string{ada.ID: "ac", eve.ID: "b", editor.ID: "ac"}},
		{"by nobody", map[string]any{"exists": false}, map[string]string{ada.ID: "bd", eve.ID: "acd", editor.ID: "bd"}},
	} {
		for _, caller := range []Caller{ada, eve, editor} {
			filter := &Filter{given: map[string]any{"runner": test.filter}}
			page, err := errands.ByOwner(t.Context(), caller, ada.ID, Page{}.Where(filter))
			if err != nil {
				t.Fatal(err)
			}
			var titles string
			for _, edge := range page.Edges {
				titles += edge.Node.Title
			}
			if titles != test.want[caller.ID] {
				t.Errorf("%s, to %s: %q, want %q", test.name, caller.ID, titles, test.want[caller.ID])
			}
		}
	}
	for _, caller := range []Caller{ada, eve} {
		want := 0
		if caller.ID == eve.ID {
			want = 1
		}
		page, err := errands.List(t.Context(), caller, byRunner.Index(), runBy(eve.ID), Page{})
		if err != nil || len(page.Edges) != want {
			t.Errorf("the list of eve has %d for %s, %v; want %d", len(page.Edges), caller.ID, err, want)
		}
	}
}

// TestUsersWhoLeave: what was theirs by SET_NULL is nobody's, in every list, and what was by CASCADE is
// gone, once the outbox is done, or Sweep.
func TestUsersWhoLeave(t *testing.T) {
	for name, leave := range map[string]func(*testing.T, *blog){
		"by their account's end": func(t *testing.T, b *blog) {
			leaving := b.Leave(eve.ID)
			if err := leaving.Promise(b.WriteTx().Delete(b.users.Delete("id", eve.ID))).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := leaving.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.drain(t)
		},
		"and a sweep": func(t *testing.T, b *blog) {
			if err := b.users.Delete("id", eve.ID).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, errands := errandsOf(t)
			var items []errand
			for range 150 {
				owned := Object{ID: NewID(), OwnerID: ada.ID, Version: 1}
				items = append(items, errand{Object: owned, Title: "run by eve", RunnerID: eve.ID})
			}
			owned := func(by Caller) Object { return Object{ID: NewID(), OwnerID: by.ID, Version: 1} }
			items = append(items,
				errand{Object: owned(ada), Title: "run by ada", RunnerID: ada.ID, ForID: editor.ID},
				errand{Object: owned(ada), Title: "for eve", RunnerID: ada.ID, ForID: eve.ID},
				errand{Object: owned(ada), Title: "by and for eve", RunnerID: eve.ID, ForID: eve.ID},
				errand{Object: owned(eve), Title: "eve's", RunnerID: ada.ID})
			put(t, errands.core.table, items)
			if err := errands.core.writeKeys(t.Context()); err != nil {
				t.Fatal(err)
			}
			leave(t, b)
			left := map[string]int{}
			for items, err := range errands.core.scan(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				for _, kept := range items {
					item := kept.(*errand)
					left[item.Title+"|"+item.RunnerID]++
				}
			}
			if len(left) != 2 || left["run by eve|"] != 150 || left["run by ada|"+ada.ID] != 1 {
				t.Errorf("what is left: %v", left)
			}
			for runner, want := range map[string]int{"": 100, eve.ID: 0} {
				page, err := errands.List(t.Context(), System, byRunner.Index(), runBy(runner), Page{First: new(100)})
				if err != nil || len(page.Edges) != want {
					t.Errorf("the list of %q has %d, %v; want %d", runner, len(page.Edges), err, want)
				}
			}
		})
	}
}

// TestClearingGoesOn: an object that cannot be written as an index wants it keeps no other.
func TestClearingGoesOn(t *testing.T) {
	b, errands := errandsOf(t)
	var items []errand
	for _, title := range []string{strings.Repeat("long", 300), "short"} {
		items = append(items, errand{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Title: title, RunnerID: eve.ID})
	}
	put(t, errands.core.table, items) // as by a version that has no such index
	isDone, err := b.workClearing(t.Context(), clearing{User: eve.ID}, time.Time{})
	if isDone || err == nil {
		t.Errorf("it is done, %v, though one object could not be written", err)
	}
	if after := made[errand](t)(errands.Get(t.Context(), System, items[1].ID)); after.RunnerID != "" {
		t.Error("the other is eve's still")
	}
	if err := b.users.Delete("id", eve.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
}

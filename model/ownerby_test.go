package model

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// letter is for whom it names, who reads, changes and deletes it; who wrote it knows it by nothing.
type letter struct {
	Object
	Text string `dynamo:"text,allowempty"`
	Seal string `dynamo:"seal,allowempty"`
	ToID string `dynamo:"toId"`
}

func (*letter) IsNode()            {}
func (l *letter) GlobalID() string { return GlobalID("Letter", l.ID) }

var byRecipientsText = Joined{Name: "TEXT", Hash: []string{"toId"}, Sort: []SortPart{{Attribute: "text"}}}

// lettersOf returns a model of letters beside a blog. Ada and the editor see one another; nobody else sees anybody.
func lettersOf(t testing.TB) (*blog, *Model[letter]) {
	t.Helper()
	b, _ := errandsOf(t)
	letters := New[letter](b.DB, "Letter", "letters")
	Define(letters, Definition[letter]{
		Fields:  []Field{{Name: "text"}, {Name: "seal"}, {Name: "to", Attribute: "toId", Type: ParentField}},
		Joined:  []Joined{byRecipientsText, OfAll},
		Parents: []Parent[letter]{{b.Users(), "toId", func(l *letter) string { return l.ToID }, Cascade, false}},
		Rules: []Rule{
			Allow(OnCreate, Groups("editor")),
			Allow(OnCreate|OnRead|OnUpdate|OnDelete, OwnerBy("toId")),
		},
		FieldRules: map[string][]Rule{"seal": {Allow(OnRead|OnCreate|OnUpdate, OwnerBy("toId"))}},
	})
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, letters
}

func writing(to Caller, text string) func(*letter) {
	return func(l *letter) { l.Text, l.ToID = text, to.ID }
}

// TestOwnerBy: whom an item names by a field owns it for the rule, and who made it does not.
func TestOwnerBy(t *testing.T) {
	_, letters := lettersOf(t)
	hers := made[letter](t)(letters.Create(t.Context(), editor, writing(ada, "Hello")))
	if _, err := letters.Create(t.Context(), ada, writing(editor, "Hello")); !errors.Is(err, ErrForbidden) {
		t.Errorf("ada writes to another: %v", err)
	}
	if _, err := letters.Create(t.Context(), ada, writing(eve, "Hello")); !errors.Is(err, ErrNoParent) {
		t.Errorf("ada writes to whom she does not see: %v", err)
	}
	made[letter](t)(letters.Create(t.Context(), ada, writing(ada, "To myself")))
	for _, who := range []Caller{editor, eve, anonymous, {ID: hers.ID}} {
		if _, err := letters.Get(t.Context(), who, hers.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q reads it: %v", who.ID, err)
		}
		if _, err := letters.Update(t.Context(), who, hers.GlobalID(), nil, writing(ada, "Changed")); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q changes it: %v", who.ID, err)
		}
		if _, err := letters.Delete(t.Context(), who, hers.GlobalID(), nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q deletes it: %v", who.ID, err)
		}
	}
	if sees, err := letters.MayReadField(t.Context(), ada, hers, "seal"); err != nil || !sees {
		t.Errorf("whom it names reads the field: %v, %v", sees, err)
	}
	if sees, err := letters.MayReadField(t.Context(), editor, hers, "seal"); err != nil || sees {
		t.Errorf("who made it reads the field: %v, %v", sees, err)
	}
	for _, given := range []struct {
		to   Caller
		want error
	}{{editor, nil}, {ada, ErrForbidden}} {
		_, err := letters.CreateOnceOf(t.Context(), editor, Creation[letter]{Set: writing(given.to, "Sealed"), Given: Given{"seal": true}})
		if !errors.Is(err, given.want) {
			t.Errorf("who writes sets what is the other's: %v", err)
		}
	}
	made[letter](t)(letters.Update(t.Context(), ada, hers.GlobalID(), nil, func(l *letter) { l.Text = "Read" }))
	made[letter](t)(letters.Delete(t.Context(), ada, hers.GlobalID(), nil))
}

// TestOwnerByToken: a token's scopes are a condition beside such a rule, too.
func TestOwnerByToken(t *testing.T) {
	_, letters := lettersOf(t)
	hers := made[letter](t)(letters.Create(t.Context(), editor, writing(ada, "Hello")))
	if _, err := letters.Get(t.Context(), ada.Within(ScopesOf([]string{"read:Post"})), hers.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("without the scope: %v", err)
	}
	reader := ada.Within(ScopesOf([]string{"read:Letter"}))
	if _, err := letters.Get(t.Context(), reader, hers.ID); err != nil {
		t.Error(err)
	}
	if _, err := letters.Delete(t.Context(), reader, hers.GlobalID(), nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("by a token that reads: %v", err)
	}
}

// TestListsOfWhomItemsName: by whatever index they are listed, a user's letters are a full page, counted, at the
// cost of a list by owner; of other lists, nobody's.
func TestListsOfWhomItemsName(t *testing.T) {
	b, letters := lettersOf(t)
	var some []letter
	for i := range 30 {
		to := []Caller{ada, eve, editor}[i%3]
		some = append(some, letter{Object: Object{ID: NewID(), OwnerID: editor.ID, Version: 1, CreatedAt: Now(), UpdatedAt: Now()}, Text: fmt.Sprintf("letter %02d", i), ToID: to.ID})
	}
	put(t, letters.core.table, some)
	if err := letters.core.writeKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for i := 0; i < 30; i += 3 {
		want = append(want, fmt.Sprintf("letter %02d", i))
	}
	lists := map[string]func(who Caller, page Page) (*Connection[letter], error){
		"of the parent": func(who Caller, page Page) (*Connection[letter], error) {
			return letters.ByParent(t.Context(), who, "toId", ada.ID, page)
		},
		"of an index": func(who Caller, page Page) (*Connection[letter], error) {
			return letters.List(t.Context(), who, byRecipientsText.Index(), JoinedKey(ada.ID), page)
		},
		"of all": func(who Caller, page Page) (*Connection[letter], error) {
			return letters.All(t.Context(), who, page)
		},
	}
	for name, list := range lists {
		var page *Connection[letter]
		first := len(want)
		queries := b.client.Counted(func() { page = made[Connection[letter]](t)(list(ada, Page{First: &first})) })["Query"]
		var got []string
		for _, edge := range page.Edges {
			got = append(got, edge.Node.Text)
		}
		if !slices.Equal(got, want) || page.PageInfo.HasNextPage || queries != 1 {
			t.Errorf("%s: %q, %+v, by %d queries", name, got, page.PageInfo, queries)
		}
		if total, err := page.TotalCount(t.Context()); err != nil || total == nil || *total != len(want) {
			t.Errorf("%s: %v in all, %v", name, total, err)
		}
		if name == "of all" {
			continue
		}
		for _, who := range []Caller{editor, eve} {
			page := made[Connection[letter]](t)(list(who, Page{}))
			if total, err := page.TotalCount(t.Context()); len(page.Edges) > 0 || total != nil || err != nil {
				t.Errorf("%s: %q sees %d, %v in all, %v", name, who.ID, len(page.Edges), total, err)
			}
		}
	}
	if page := made[Connection[letter]](t)(letters.ByOwner(t.Context(), editor, editor.ID, Page{})); len(page.Edges) != 10 {
		t.Errorf("of what the editor made, the editor sees %d: want those that are for the editor", len(page.Edges))
	} else if total, err := page.TotalCount(t.Context()); total != nil || err != nil {
		t.Errorf("which are %v in all, %v: nothing decides that", total, err)
	}
	for _, told := range []Index{ByOwner, letters.ParentIndex("toId"), byRecipientsText.Index(), OfAll.Index()} {
		plan, err := letters.PlanOf(ada, told, Page{})
		mayHide := told == ByOwner
		if err != nil || plan.MayHide != mayHide || plan.Queries != 1 {
			t.Errorf("the list by %s is %+v, %v", told.Hash, plan, err)
		}
	}
}

// TestOwnerByLeaves: a letter goes with whom it is for, and not with who wrote it but as its type says.
func TestOwnerByLeaves(t *testing.T) {
	b, letters := lettersOf(t)
	letters.core.definition.OnOwnerDelete = OutlivesOwner
	made[letter](t)(letters.Create(t.Context(), editor, writing(ada, "Hello")))
	made[letter](t)(letters.Create(t.Context(), editor, writing(editor, "Note")))
	if err := b.users.Delete("id", editor.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.leave(t, editor)
	b.drain(t)
	page := made[Connection[letter]](t)(letters.ByParent(t.Context(), ada, "toId", ada.ID, Page{}))
	if len(page.Edges) != 1 || page.Edges[0].Node.OwnerID != "" {
		t.Errorf("ada has %d letters", len(page.Edges))
	}
	wantCount(t, letters.core.table, 1)
	if err := b.users.Delete("id", ada.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.leave(t, ada)
	wantCount(t, letters.core.table, 0)
}

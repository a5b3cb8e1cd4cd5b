package model

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var compareItems = cmp.Options{
	cmp.Comparer(func(a, b DateTime) bool { return a.String() == b.String() }),
	cmp.AllowUnexported(Object{}),
}

func TestCreate(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	if p.OwnerID != ada.ID || p.Version != 1 || p.Status != draft || p.CreatedAt != p.UpdatedAt {
		t.Errorf("made %+v", p)
	}
	found, err := b.posts.ByID(t.Context(), ada, []string{p.ID, p.ID, "", NewID()})
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	if diff := cmp.Diff(p, found[p.ID], compareItems); diff != "" {
		t.Errorf("read back (-made +read):\n%s", diff)
	}

	_, err = b.posts.Create(t.Context(), ada, as(post{Slug: "two", Title: strings.Repeat("é", 201)}))
	wantBadInput(t, "a title of 201 characters", err, "title")
	_, err = b.comments.Create(t.Context(), ada, as(comment{PostID: p.ID, Body: strings.Repeat("x", 400<<10)}))
	wantBadInput(t, "more than 400 KB", err, "")
	_, err = b.notices.Create(t.Context(), ada, as(notice{Board: "b", Rank: 1e200}))
	wantBadInput(t, "a number of 201 digits", err, "")
	_, err = b.notices.Create(t.Context(), ada, as(notice{Board: strings.Repeat("b", 2049)}))
	wantBadInput(t, "a board of 2049 bytes", err, "")
	_, err = b.posts.Create(t.Context(), ada, as(post{Slug: strings.Repeat("x", 2048)}))
	wantBadInput(t, "a slug of 2048 bytes", err, "slug")
}

func TestCreateWantsItsParent(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	for _, test := range []struct{ name, id string }{
		{"that never was", NewID()},
		{"by an id of another type", LocalID("Post", GlobalID("Folder", p.ID))},
		{"by no id", LocalID("Post", "?")},
		{"that is not readable", b.newPost(t, eve, "hers").ID},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := b.comments.Create(t.Context(), ada, as(comment{PostID: test.id}))
			wantError(t, err, ErrNotFound)
			wantErrorOf(t, err, ErrNoParent, "postId")
		})
	}
	t.Run("that goes at that moment", func(t *testing.T) {
		b.client.Before = func(operation string) error {
			if operation == "TransactWriteItems" {
				b.client.Before = nil
				return b.dynamo.Table(b.posts.core.table.Name()).Update("id", p.ID).Set("deleting", "x").Run(t.Context())
			}
			return nil
		}
		_, err := b.comments.Create(t.Context(), ada, as(comment{PostID: p.ID}))
		wantError(t, err, ErrNotFound)
		wantCount(t, b.comments.core.table, 0)
	})
}

func TestUnique(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()

	t.Run("one of many wins", func(t *testing.T) {
		errs := atOnce(func(int) error {
			_, err := b.posts.Create(ctx, ada, as(post{Slug: "one"}))
			return err
		})
		if won := won(t, errs, ErrConflict); won != 1 {
			t.Errorf("%d posts of one slug were made", won)
		}
		_, err := b.posts.Create(ctx, ada, as(post{Slug: "one"}))
		wantErrorOf(t, err, ErrTaken, "slug")
		wantCount(t, b.posts.core.table, 1)
	})
	t.Run("found by those who may read", func(t *testing.T) {
		p, err := b.posts.ByUnique(ctx, ada, "slug", "one")
		if err != nil || p.Slug != "one" {
			t.Errorf("%+v, %v", p, err)
		}
		for _, test := range []struct {
			caller Caller
			slug   string
		}{{eve, "one"}, {ada, "two"}, {ada, ""}, {ada, strings.Repeat("x", 3000)}} {
			_, err := b.posts.ByUnique(ctx, test.caller, "slug", test.slug)
			wantError(t, err, ErrNotFound)
		}
	})
	t.Run("moves with a change", func(t *testing.T) {
		one, err := b.posts.ByUnique(ctx, ada, "slug", "one")
		if err != nil {
			t.Fatal(err)
		}
		two := b.newPost(t, ada, "two")
		rename := func(p *post, slug string) error {
			_, err := b.posts.Update(ctx, ada, GlobalID("Post", p.ID), nil, func(p *post) { p.Slug = slug })
			return err
		}
		wantError(t, rename(two, "one"), ErrConflict)
		if err := errors.Join(rename(one, "three"), rename(two, "one"), rename(one, "")); err != nil {
			t.Error(err)
		}
		if got, err := b.posts.ByUnique(ctx, ada, "slug", "one"); err != nil || got.ID != two.ID {
			t.Errorf("one is of %+v, %v", got, err)
		}
		wantCount(t, b.uniques, 1)
	})
	t.Run("is free after a delete", func(t *testing.T) {
		one, err := b.posts.ByUnique(ctx, ada, "slug", "one")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.posts.Delete(ctx, ada, GlobalID("Post", one.ID), nil); err != nil {
			t.Fatal(err)
		}
		wantCount(t, b.uniques, 0)
		b.newPost(t, eve, "one")
	})
}

func TestUpdate(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	p := b.newPost(t, ada, "one")
	global := GlobalID("Post", p.ID)
	retitle := func(title string) func(*post) { return func(p *post) { p.Title = title } }

	t.Run("writes what differs, and leaves what it does not know", func(t *testing.T) {
		if err := b.posts.core.table.Update("id", p.ID).Set("mood", "good").Run(ctx); err != nil {
			t.Fatal(err)
		}
		got, err := b.posts.Update(ctx, ada, global, &p.Version, retitle(""))
		if err != nil {
			t.Fatal(err)
		}
		want := *p
		want.Title, want.Version, want.UpdatedAt = "", 2, got.UpdatedAt
		if diff := cmp.Diff(&want, got, compareItems); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		found, err := b.posts.ByID(ctx, ada, []string{p.ID})
		if diff := cmp.Diff(got, found[p.ID], compareItems); diff != "" || err != nil {
			t.Errorf("read back (-got +read): %v\n%s", err, diff)
		}
		var item map[string]any
		if err := b.posts.core.table.Get("id", p.ID).One(ctx, &item); err != nil || item["mood"] != "good" {
			t.Errorf("%v, %v: the mood is gone", item, err)
		}
	})
	t.Run("of nothing writes nothing", func(t *testing.T) {
		calls := b.client.Counted(func() {
			if got, err := b.posts.Update(ctx, ada, global, nil, retitle("")); err != nil || got.Version != 2 {
				t.Errorf("%+v, %v", got, err)
			}
		})
		if diff := cmp.Diff(map[string]int{"BatchGetItem": 1}, calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
	t.Run("that is not valid is refused", func(t *testing.T) {
		_, err := b.posts.Update(ctx, ada, global, nil, retitle(strings.Repeat("x", 201)))
		wantBadInput(t, "a title of 201 characters", err, "title")
	})
	t.Run("of another version is refused", func(t *testing.T) {
		_, err := b.posts.Update(ctx, ada, global, &p.Version, retitle("Late"))
		wantError(t, err, ErrConflict)
	})
	t.Run("that fails returns nothing", func(t *testing.T) {
		b.newPost(t, ada, "taken")
		got, err := b.posts.Update(ctx, ada, global, nil, func(p *post) { p.Slug = "taken" })
		if got != nil {
			t.Errorf("%+v and %v", got, err)
		}
		wantError(t, err, ErrConflict)
	})
	t.Run("of no item", func(t *testing.T) {
		for _, id := range []string{GlobalID("Post", NewID()), GlobalID("Comment", p.ID), "?", ""} {
			_, err := b.posts.Update(ctx, ada, id, nil, retitle("x"))
			wantError(t, err, ErrNotFound)
		}
	})
	t.Run("what an old item lacks is its default", func(t *testing.T) {
		if err := b.posts.core.table.Update("id", p.ID).Remove("status", "likes").Run(ctx); err != nil {
			t.Fatal(err)
		}
		got, err := b.posts.Update(ctx, ada, global, nil, func(p *post) { p.Likes++ })
		if err != nil || got.Status != draft || got.Likes != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestUpdateOfWhatIsOlderThanARule: a value that was good when it was written stands in no
// other field's way, and is held to the rule when it is changed.
func TestUpdateOfWhatIsOlderThanARule(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "old")
	long := strings.Repeat("a", 300)
	if err := b.posts.core.table.Update("id", p.ID).Set("title", long).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := GlobalID("Post", p.ID)
	if _, err := b.posts.Update(t.Context(), ada, id, nil, func(p *post) { p.Likes = 1 }); err != nil {
		t.Errorf("another field: %v", err)
	}
	for name, title := range map[string]string{"as long": strings.Repeat("b", 300), "longer": long + "a"} {
		_, err := b.posts.Update(t.Context(), ada, id, nil, func(p *post) { p.Title = title })
		wantBadInput(t, name, err, "title")
	}
	if _, err := b.posts.Update(t.Context(), ada, id, nil, func(p *post) { p.Title = "Short" }); err != nil {
		t.Errorf("shorter: %v", err)
	}
}

func TestUpdatesAtOnce(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	global := GlobalID("Post", p.ID)
	like := func(p *post) { p.Likes++ }

	liked := won(t, atOnce(func(int) error {
		_, err := b.posts.Update(t.Context(), ada, global, nil, like)
		return err
	}), ErrConflict)
	found, err := b.posts.ByID(t.Context(), ada, []string{p.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := found[p.ID]; liked == 0 || got.Likes != liked || got.Version != 1+liked {
		t.Errorf("%d updates made %d likes and version %d", liked, got.Likes, got.Version)
	}
	if won := won(t, atOnce(func(int) error {
		_, err := b.posts.Update(t.Context(), ada, global, &found[p.ID].Version, like)
		return err
	}), ErrConflict); won != 1 {
		t.Errorf("%d updates of one version were written", won)
	}
}

// TestCalls holds what things cost: each call is a round trip.
func TestCalls(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	p := b.newPost(t, ada, "one")
	comments := make([]comment, 101)
	ids := make([]string, 100)
	for i := range comments {
		comments[i] = comment{Object: Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, PostID: p.ID}
	}
	put(t, b.comments.core.table, comments)
	for i := range ids {
		ids[i] = comments[i].ID
	}
	posts := somePosts(100, func(i int, p *post) { ids[i] = p.ID })
	put(t, b.posts.core.table, posts)
	n := make([]notice, 1)
	n[0] = notice{Object: Object{ID: NewID()}, Board: "b"}
	put(t, b.notices.core.table, n)
	hundred := 100

	for _, test := range []struct {
		name string
		want map[string]int
		call func() (found int, err error)
		many int
	}{
		{"100 posts by id", map[string]int{"BatchGetItem": 1}, func() (int, error) {
			found, err := b.posts.ByID(ctx, ada, ids)
			return len(found), err
		}, 100},
		{"a list of 100 posts", map[string]int{"Query": 1}, func() (int, error) {
			page, err := b.posts.List(ctx, ada, ByOwner, ada.ID, Page{First: &hundred})
			return len(page.Edges), err
		}, 100},
		{"a list of 100 comments, via their post", map[string]int{"Query": 1, "BatchGetItem": 1}, func() (int, error) {
			page, err := b.comments.List(ctx, ada, commentsOn, p.ID, Page{First: &hundred})
			return len(page.Edges), err
		}, 100},
		{"what the caller can in no case read", map[string]int{}, func() (int, error) {
			found, err := b.posts.ByID(ctx, anonymous, ids)
			return len(found), err
		}, 0},
		{"a list that the caller can in no case read", map[string]int{}, func() (int, error) {
			page, err := b.posts.List(ctx, anonymous, ByOwner, ada.ID, Page{})
			return len(page.Edges), err
		}, 0},
		{"by a unique value", map[string]int{"GetItem": 1, "BatchGetItem": 1}, func() (int, error) {
			_, err := b.posts.ByUnique(ctx, ada, "slug", "one")
			return 1, err
		}, 1},
		{"a new notice", map[string]int{"PutItem": 1}, func() (int, error) {
			_, err := b.notices.Create(ctx, ada, as(notice{Board: "b"}))
			return 1, err
		}, 1},
		{"a new post", map[string]int{"TransactWriteItems": 1}, func() (int, error) {
			_, err := b.posts.Create(ctx, ada, as(post{Slug: "two"}))
			return 1, err
		}, 1},
		{"a change", map[string]int{"BatchGetItem": 1, "UpdateItem": 1}, func() (int, error) {
			_, err := b.notices.Update(ctx, editor, GlobalID("Notice", n[0].ID), nil, func(n *notice) { n.Rank++ })
			return 1, err
		}, 1},
		{"a delete", map[string]int{"BatchGetItem": 1, "DeleteItem": 1}, func() (int, error) {
			_, err := b.notices.Delete(ctx, editor, GlobalID("Notice", n[0].ID), nil)
			return 1, err
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var (
				many int
				err  error
			)
			calls := b.client.Counted(func() { many, err = test.call() })
			if many != test.many || err != nil {
				t.Errorf("found %d, %v; want %d", many, err, test.many)
			}
			if diff := cmp.Diff(test.want, calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoreThanABatch(t *testing.T) {
	b := newBlog(t)
	ids := make([]string, 250)
	put(t, b.posts.core.table, somePosts(250, func(i int, p *post) { ids[i] = p.ID }))
	var found map[string]*post
	calls := b.client.Counted(func() {
		var err error
		if found, err = b.posts.ByID(t.Context(), ada, ids); err != nil {
			t.Error(err)
		}
	})
	if len(found) != 250 || calls["BatchGetItem"] != 3 {
		t.Errorf("found %d in %s; want 250 in 3 BatchGetItem", len(found), fmt.Sprint(calls))
	}
}

func TestCreateWithTheSameParentTwice(t *testing.T) {
	b := newBlog(t)
	b.comments.core.definition.Parents = append(b.comments.core.definition.Parents, b.comments.core.definition.Parents...)
	ada := Caller{ID: NewID()}
	on := b.newPost(t, ada, "twice")
	b.newComment(t, ada, on) // a transaction that named the post twice would be refused
}

package model

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/testclient"
)

func TestDelete(t *testing.T) {
	b := newBlog(t)
	n := made[notice](t)(b.notices.Create(t.Context(), ada, as(notice{Board: "b"})))
	id, late := GlobalID("Notice", n.ID), 2
	_, err := b.notices.Delete(t.Context(), editor, id, &late)
	wantError(t, err, ErrConflict)

	if won := won(t, atOnce(func(int) error {
		got, err := b.notices.Delete(t.Context(), editor, id, &n.Version)
		if diff := cmp.Diff(n, got, compareItems); err == nil && diff != "" {
			t.Errorf("deleted (-was +got):\n%s", diff)
		}
		return err
	}), ErrNotFound); won != 1 {
		t.Errorf("%d deletes of one item did it", won)
	}
	wantCount(t, b.notices.table, 0)
}

// A deep tree, in which each folder is in another by two fields, is gone through once: a
// RESTRICT is below, in the posts' receipts.
func TestDeleteOfADeepTree(t *testing.T) {
	const depth = 30
	b := newBlog(t)
	b.folders.children = append(b.folders.children, b.folders.children[0])
	var root, at *folder
	for i := range depth {
		at = b.newFolder(t, fmt.Sprint(i), at)
		if root == nil {
			root = at
		}
	}
	calls := b.client.Counted(func() {
		if _, err := b.folders.Delete(t.Context(), ada, GlobalID("Folder", root.ID), nil); err != nil {
			t.Error(err)
		}
	})
	if calls["Query"] > 10*depth {
		t.Errorf("%d queries for %d folders", calls["Query"], depth)
	}
	wantCount(t, b.folders.table, 0)
}

// tree makes a folder with a folder, three posts and 130 comments in it, and a folder
// beside it with as much as one of each.
func tree(t *testing.T, b *blog) (outer *folder) {
	outer = b.newFolder(t, "outer", nil)
	inner := b.newFolder(t, "inner", outer)
	beside := b.newFolder(t, "beside", nil)
	for i, in := range []*folder{outer, inner, inner, beside} {
		p := made[post](t)(b.posts.Create(t.Context(), ada, as(post{Slug: fmt.Sprint("post ", i), FolderID: in.ID})))
		if i == 0 {
			put(t, b.comments.table, manyComments(p, 127))
		}
		b.newComment(t, ada, p)
	}
	return outer
}

func manyComments(on *post, n int) []comment {
	comments := make([]comment, n)
	for i := range comments {
		comments[i] = comment{Object: Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, PostID: on.ID}
	}
	return comments
}

func wantOnlyBeside(t *testing.T, b *blog) {
	t.Helper()
	wantCount(t, b.folders.table, 1)
	wantCount(t, b.posts.table, 1)
	wantCount(t, b.comments.table, 1)
	wantCount(t, b.uniques, 2)
}

func TestDeleteCascades(t *testing.T) {
	b := newBlog(t)
	outer := tree(t, b)
	got, err := b.folders.Delete(t.Context(), ada, GlobalID("Folder", outer.ID), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(outer, got, compareItems); diff != "" {
		t.Errorf("(-was +got):\n%s", diff)
	}
	wantOnlyBeside(t, b)
}

// TestDeleteIsFinished cuts the connection after each call of a delete in turn. Until
// something sees to the rest, what is left of it is out of reach.
func TestDeleteIsFinished(t *testing.T) {
	for _, test := range []struct {
		name   string
		finish func(context.Context, *blog, string) error
	}{
		{"by a sweep", func(ctx context.Context, b *blog, _ string) error {
			_, err := b.Sweep(ctx)
			return err
		}},
		{"by another delete", func(ctx context.Context, b *blog, id string) error {
			_, err := b.folders.Delete(ctx, ada, id, nil)
			if errors.Is(err, ErrNotFound) {
				err = nil
			}
			return err
		}},
		{"by an update", func(ctx context.Context, b *blog, id string) error {
			_, err := b.folders.Update(ctx, ada, id, nil, func(*folder) {})
			if !errors.Is(err, ErrNotFound) {
				return fmt.Errorf("an update of what is being deleted: %w", err)
			}
			return nil
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			for calls := 2; ; calls += 3 {
				b := newBlog(t)
				b.register(t, ada, eve)
				outer := tree(t, b)
				id := GlobalID("Folder", outer.ID)
				b.client.FailAfter(calls)
				_, err := b.folders.Delete(ctx, ada, id, nil)
				b.client.Before = nil
				if err == nil {
					if calls < 12 {
						t.Errorf("a delete of all this took %d calls: where was it cut?", calls)
					}
					return
				}
				wantError(t, err, testclient.ErrLost)

				if found, err := b.folders.ByID(ctx, ada, []string{outer.ID}); err != nil || len(found) != 0 {
					t.Errorf("after %d calls: it is still read, %v", calls, err)
				}
				page, err := b.folders.List(ctx, ada, ByOwner, ada.ID, Page{})
				if err != nil || len(page.Edges) > 2 {
					t.Errorf("after %d calls: it is still listed, %v", calls, err)
				}
				_, err = b.posts.Create(ctx, ada, as(post{FolderID: outer.ID}))
				wantError(t, err, ErrNotFound)

				if err := test.finish(ctx, b, id); err != nil {
					t.Errorf("after %d calls: %v", calls, err)
				}
				wantOnlyBeside(t, b)
			}
		})
	}
}

func TestDeleteIsRestricted(t *testing.T) {
	b := newBlog(t)
	b.register(t, ada)
	ctx := t.Context()
	outer := b.newFolder(t, "outer", nil)
	p := made[post](t)(b.posts.Create(ctx, ada, as(post{Slug: "one", Status: draft, FolderID: b.newFolder(t, "inner", outer).ID})))
	b.newComment(t, ada, p)
	r := made[receipt](t)(b.receipts.Create(ctx, ada, as(receipt{PostID: p.ID})))

	unchanged := func(t *testing.T) {
		t.Helper()
		found, err := b.posts.ByID(ctx, ada, []string{p.ID})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, found[p.ID], compareItems); diff != "" {
			t.Errorf("the post (-was +is):\n%s", diff)
		}
		wantCount(t, b.folders.table, 2)
		wantCount(t, b.comments.table, 1)
		b.newComment(t, ada, p)
		if err := b.comments.remove(ctx, collect(t, b.comments.idsOf(ctx, commentsOn, p.ID))[1:], false); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("by what belongs to it", func(t *testing.T) {
		_, err := b.posts.Delete(ctx, ada, GlobalID("Post", p.ID), nil)
		wantError(t, err, ErrHeld)
		wantError(t, err, ErrConflict)
		unchanged(t)
	})
	t.Run("by what belongs to something in it", func(t *testing.T) {
		_, err := b.folders.Delete(ctx, ada, GlobalID("Folder", outer.ID), nil)
		wantError(t, err, ErrHeld)
		unchanged(t)
	})
	t.Run("and a sweep puts back what was cut", func(t *testing.T) {
		b.client.FailAfter(3)
		_, err := b.posts.Delete(ctx, ada, GlobalID("Post", p.ID), nil)
		b.client.Before = nil
		wantError(t, err, testclient.ErrLost)
		if swept, err := b.Sweep(ctx); swept != (Swept{Unfinished: 1}) || err != nil {
			t.Errorf("swept %+v, %v; want one that was unfinished", swept, err)
		}
		unchanged(t)
	})
	t.Run("until that is gone", func(t *testing.T) {
		if _, err := b.receipts.Delete(ctx, ada, GlobalID("Receipt", r.ID), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := b.folders.Delete(ctx, ada, GlobalID("Folder", outer.ID), nil); err != nil {
			t.Fatal(err)
		}
		for _, model := range b.models {
			wantCount(t, model.layout().Table, 0)
		}
		wantCount(t, b.uniques, 0)
	})
}

func collect(t *testing.T, pages idPages) (all []string) {
	t.Helper()
	for ids, err := range pages {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ids...)
	}
	return all
}

// TestDeletersCross lets another see to a deletion that goes on, as if it had been
// interrupted, and come to another end: by then something holds a post of the folder.
func TestDeletersCross(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	f := b.newFolder(t, "both", nil)
	var posts []*post
	for _, slug := range []string{"one", "two"} {
		posts = append(posts, made[post](t)(b.posts.Create(ctx, ada, as(post{Slug: slug, FolderID: f.ID}))))
	}
	b.client.AtFirst("UpdateItem", func() { // of the mark; then it is seen what holds the folder
		b.client.AtFirst("BatchGetItem", func() { // and before something is deleted
			made[receipt](t)(b.receipts.Create(ctx, ada, as(receipt{PostID: posts[1].ID})))
			if _, err := b.folders.Update(ctx, ada, GlobalID("Folder", f.ID), nil, func(*folder) {}); err != nil {
				t.Errorf("the second did not restore the folder: %v", err)
			}
		})
	})
	_, err := b.folders.Delete(ctx, ada, GlobalID("Folder", f.ID), nil)
	wantError(t, err, ErrHeld)
	wantCount(t, b.folders.table, 1)
	wantCount(t, b.posts.table, 2)
	wantCount(t, b.uniques, 3)
}

// TestMarkIsOnesOwn holds what becomes of a deletion that another has taken over.
func TestMarkIsOnesOwn(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	f := b.newFolder(t, "marked", nil)
	made[folder](t)(b.folders.Create(ctx, ada, as(folder{Name: "in it", FolderID: f.ID})))
	read := func() *folder {
		found, err := b.folders.read(ctx, []string{f.ID})
		if err != nil || found[f.ID] == nil {
			t.Fatalf("%v, %v", found, err)
		}
		return found[f.ID]
	}
	first, err := b.folders.mark(ctx, read())
	if err != nil || first == nil {
		t.Fatalf("%v, %v", first, err)
	}
	second, err := b.folders.mark(ctx, read())
	if err != nil || second == nil || second.deleting == first.deleting {
		t.Fatalf("%v, %v", second, err)
	}
	if again, err := b.folders.mark(ctx, first); again != nil || err != nil {
		t.Errorf("taken back with a mark of the past: %v, %v", again, err)
	}
	if isOurs, err := b.folders.removeChildren(ctx, first); isOurs || err != nil {
		t.Errorf("the first still removes: %v, %v", isOurs, err)
	}
	if err := b.folders.restore(ctx, first); err != nil || read().deleting != second.deleting {
		t.Errorf("the first restored it: %v", err)
	}
	if isDeleted, err := b.folders.erase(ctx, first); isDeleted || err != nil {
		t.Errorf("the first erased it: %v", err)
	}
	wantCount(t, b.folders.table, 2)
	if isDeleted, err := b.folders.deleteItem(ctx, read(), false); !isDeleted || err != nil {
		t.Errorf("%v, %v", isDeleted, err)
	}
	wantCount(t, b.folders.table, 0)
	wantCount(t, b.uniques, 0)
}

func TestDeleteOfWhatHasNoChildrenAnyMore(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	if _, err := b.posts.mark(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	b.posts.children = nil // the schema has changed
	b.register(t, ada)
	if swept, err := b.Sweep(t.Context()); swept != (Swept{Unfinished: 1}) || err != nil {
		t.Errorf("swept %+v, %v", swept, err)
	}
	wantCount(t, b.posts.table, 0)
}

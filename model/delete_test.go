package model

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	wantCount(t, b.notices.core.table, 0)
}

// A deep tree, in which each folder is in another by two fields, is gone through once: a
// RESTRICT is below, in the posts' receipts.
func TestDeleteOfADeepTree(t *testing.T) {
	const depth = 30
	b := newBlog(t)
	b.folders.core.children = append(b.folders.core.children, b.folders.core.children[0])
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
	wantCount(t, b.folders.core.table, 0)
}

// tree makes a folder with a folder, three posts and 130 comments in it, and a folder
// beside it with as much as one of each.
func tree(t testing.TB, b *blog) (outer *folder) {
	outer = b.newFolder(t, "outer", nil)
	inner := b.newFolder(t, "inner", outer)
	beside := b.newFolder(t, "beside", nil)
	for i, in := range []*folder{outer, inner, inner, beside} {
		p := made[post](t)(b.posts.Create(t.Context(), ada, as(post{Slug: fmt.Sprint("post ", i), FolderID: in.ID})))
		if i == 0 {
			put(t, b.comments.core.table, manyComments(p, 127))
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
	wantCount(t, b.folders.core.table, 1)
	wantCount(t, b.posts.core.table, 1)
	wantCount(t, b.comments.core.table, 1)
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
		wantCount(t, b.folders.core.table, 2)
		wantCount(t, b.comments.core.table, 1)
		b.newComment(t, ada, p)
		if err := b.comments.core.eraseAll(ctx, collect(t, b.comments.core.idsOf(ctx, commentsOn, p.ID))[1:]); err != nil {
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

func TestDeleteOfWhatHasNoChildrenAnyMore(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "one")
	b.markUnpromised(t, b.posts.core.table, p.ID)
	b.posts.core.children = nil // the schema has changed
	b.register(t, ada)
	if swept, err := b.Sweep(t.Context()); swept != (Swept{Unfinished: 1}) || err != nil {
		t.Errorf("swept %+v, %v", swept, err)
	}
	wantCount(t, b.posts.core.table, 0)
}

package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSweep(t *testing.T) {
	gone := Caller{ID: NewID()}
	for _, test := range []struct {
		name string
		make func(t *testing.T, b *blog)
		want Swept
		left map[string]int // items by table; others are empty
	}{
		{"nothing", func(*testing.T, *blog) {}, Swept{}, nil},
		{
			"leaves what is whole, and an anonymous caller's",
			func(t *testing.T, b *blog) {
				p := b.newPost(t, ada, "one")
				b.newComment(t, editor, p)
				made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: p.ID})))
				b.newFolder(t, "in", b.newFolder(t, "out", nil))
				put(t, b.notices.core.table, []notice{{Object: Object{ID: NewID(), Version: 1}, Board: "b"}})
			},
			Swept{},
			map[string]int{"posts": 1, "comments": 1, "receipts": 1, "folders": 2, "notices": 1, "uniques": 3},
		},
		{
			"deletes what a cascade overlooked, and all that belongs to it",
			func(t *testing.T, b *blog) {
				lost := NewID()
				put(t, b.comments.core.table, manyComments(&post{Object: Object{ID: lost}}, 130))
				put(t, b.folders.core.table, []folder{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: "lost", FolderID: lost}})
				p := made[post](t)(b.posts.Create(t.Context(), ada, as(post{Slug: "one", FolderID: b.newFolder(t, "out", nil).ID})))
				b.newComment(t, editor, p)
				if err := b.folders.core.removeBatch(t.Context(), []string{p.FolderID}); err != nil {
					t.Fatal(err)
				}
				b.newComment(t, editor, b.newPost(t, ada, "two"))
			},
			Swept{Orphans: 132}, // the comment of the lost post goes with that
			map[string]int{"posts": 1, "comments": 1, "uniques": 2},
		},
		{
			"leaves what a gone parent was held by",
			func(t *testing.T, b *blog) {
				put(t, b.receipts.core.table, []receipt{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, PostID: NewID()}})
			},
			Swept{Held: 1},
			map[string]int{"receipts": 1},
		},
		{
			"deletes what a gone user owned, whatever else of theirs holds it",
			func(t *testing.T, b *blog) {
				p := b.newPost(t, gone, "one")
				b.newComment(t, editor, p)
				made[receipt](t)(b.receipts.Create(t.Context(), gone, as(receipt{PostID: p.ID})))
				b.newComment(t, gone, b.newPost(t, gone, "two"))
				made[notice](t)(b.notices.Create(t.Context(), gone, as(notice{Board: "b"})))
			},
			Swept{Orphans: 4}, // the comments go with the posts
			nil,
		},
		{
			"deletes what a gone user owned, though another's holds it, and leaves that",
			func(t *testing.T, b *blog) {
				p := b.newPost(t, gone, "one")
				put(t, b.receipts.core.table, []receipt{{Object: Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, PostID: p.ID}})
				b.markUnpromised(t, b.posts.core.table, p.ID)
				b.newPost(t, gone, "two")
			},
			Swept{Unfinished: 1, Orphans: 2, Held: 1},
			map[string]int{"receipts": 1, "uniques": 0},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			b.register(t, ada, eve, editor)
			test.make(t, b)
			if swept, err := b.Sweep(t.Context()); swept != test.want || err != nil {
				t.Errorf("swept %+v, %v; want %+v", swept, err, test.want)
			}
			for _, model := range b.models {
				table := model.layout().Name()
				wantCount(t, model.layout().Table, test.left[table[len(b.prefix):]])
			}
			if _, isSaid := test.left["uniques"]; isSaid {
				wantCount(t, b.uniques, test.left["uniques"])
			}
			if again, err := b.Sweep(t.Context()); again != (Swept{Held: test.want.Held}) || err != nil {
				t.Errorf("a second sweep: %+v, %v", again, err)
			}
		})
	}
}

// TestSweepReadsInBatches: parents and owners cost a read for a hundred items.
func TestSweepReadsInBatches(t *testing.T) {
	b := newBlog(t)
	b.register(t, ada, eve, editor)
	put(t, b.comments.core.table, manyComments(b.newPost(t, ada, "one"), 200))
	calls := b.client.Counted(func() {
		if swept, err := b.Sweep(t.Context()); swept != (Swept{}) || err != nil {
			t.Errorf("swept %+v, %v", swept, err)
		}
	})
	want := map[string]int{"Scan": 5, "BatchGetItem": 1 + 2*2} // of the post's owner; of owners and posts
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// TestSweepLeavesWhatIsMade creates while a sweep goes on.
func TestSweepLeavesWhatIsMade(t *testing.T) {
	b := newBlog(t)
	b.register(t, ada)
	ctx := t.Context()
	b.newComment(t, ada, b.newPost(t, ada, "one"))
	n := 2
	b.client.Before = func(operation string) error {
		if operation == "BatchGetItem" || operation == "Scan" {
			before := b.client.Before
			b.client.Before = nil
			newcomer := Caller{ID: NewID()}
			b.register(t, newcomer)
			b.newComment(t, newcomer, b.newPost(t, newcomer, NewID()))
			n += 2
			b.client.Before = before
		}
		return nil
	}
	swept, err := b.Sweep(ctx)
	b.client.Before = nil
	if swept != (Swept{}) || err != nil || n < 8 {
		t.Errorf("swept %+v of %d, %v", swept, n, err)
	}
	wantCount(t, b.posts.core.table, n/2)
	wantCount(t, b.comments.core.table, n/2)
}

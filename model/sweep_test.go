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
				made[receipt](t)(b.receipts.create(t.Context(), ada, &receipt{PostID: p.ID}))
				b.newFolder(t, "in", b.newFolder(t, "out", nil))
				put(t, b.notices.table, []notice{{ID: NewID(), Board: "b", Version: 1}})
			},
			Swept{},
			map[string]int{"posts": 1, "comments": 1, "receipts": 1, "folders": 2, "notices": 1, "uniques": 3},
		},
		{
			"deletes what a cascade overlooked, and all that belongs to it",
			func(t *testing.T, b *blog) {
				lost := NewID()
				put(t, b.comments.table, manyComments(&post{ID: lost}, 130))
				put(t, b.folders.table, []folder{{ID: NewID(), OwnerID: ada.ID, Name: "lost", FolderID: lost, Version: 1}})
				p := made[post](t)(b.posts.create(t.Context(), ada, &post{Slug: "one", FolderID: b.newFolder(t, "out", nil).ID}))
				b.newComment(t, editor, p)
				if err := b.folders.removeBatch(t.Context(), []string{p.FolderID}); err != nil {
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
				put(t, b.receipts.table, []receipt{{ID: NewID(), OwnerID: ada.ID, PostID: NewID(), Version: 1}})
			},
			Swept{Held: 1},
			map[string]int{"receipts": 1},
		},
		{
			"deletes what a gone user owned, whatever else of theirs holds it",
			func(t *testing.T, b *blog) {
				p := b.newPost(t, gone, "one")
				b.newComment(t, editor, p)
				made[receipt](t)(b.receipts.create(t.Context(), gone, &receipt{PostID: p.ID}))
				b.newComment(t, gone, b.newPost(t, gone, "two"))
				made[notice](t)(b.notices.create(t.Context(), gone, &notice{Board: "b"}))
			},
			Swept{Orphans: 4}, // the comments go with the posts
			nil,
		},
		{
			"leaves what another holds",
			func(t *testing.T, b *blog) {
				p := b.newPost(t, gone, "one")
				put(t, b.receipts.table, []receipt{{ID: NewID(), OwnerID: eve.ID, PostID: p.ID, Version: 1}})
				if _, err := b.posts.mark(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				b.newPost(t, gone, "two")
			},
			Swept{Unfinished: 1, Orphans: 1, Held: 1},
			map[string]int{"posts": 1, "receipts": 1, "uniques": 1},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			b.register(t, ada, eve, editor)
			test.make(t, b)
			if swept, err := b.Sweep(t.Context()); swept != test.want || err != nil {
				t.Errorf("swept %+v, %v; want %+v", swept, err, test.want)
			}
			for _, model := range b.all {
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
	put(t, b.comments.table, manyComments(b.newPost(t, ada, "one"), 200))
	calls := b.client.counted(func() {
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
	b.client.before = func(operation string) error {
		if operation == "BatchGetItem" || operation == "Scan" {
			before := b.client.before
			b.client.before = nil
			user, err := b.CreateUser(ctx, Signup{Email: NewID(), FirstName: "New"}, nil)
			if err != nil {
				return err
			}
			b.newComment(t, user.Caller(), b.newPost(t, user.Caller(), NewID()))
			n += 2
			b.client.before = before
		}
		return nil
	}
	swept, err := b.Sweep(ctx)
	b.client.before = nil
	if swept != (Swept{}) || err != nil || n < 8 {
		t.Errorf("swept %+v of %d, %v", swept, n, err)
	}
	wantCount(t, b.posts.table, n/2)
	wantCount(t, b.comments.table, n/2)
}

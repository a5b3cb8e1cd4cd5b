package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// restrictNothing takes the one RESTRICT out of the blog's types.
func (b *blog) restrictNothing() {
	b.posts.core.children = slices.DeleteFunc(b.posts.core.children, func(c child) bool { return c.onDelete == Restrict })
}

// aFolder returns a folder of ada's in another, or in none.
func aFolder(in string) folder {
	return folder{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Name: NewID(), FolderID: in}
}

// chainOf returns folders, each in the one before.
func chainOf(n int) []folder {
	folders := make([]folder, n)
	in := ""
	for i := range folders {
		folders[i] = aFolder(in)
		in = folders[i].ID
	}
	return folders
}

// chain makes folders, each in the one before, and returns the first.
func (b *blog) chain(t testing.TB, n int) *folder {
	t.Helper()
	folders := chainOf(n)
	put(t, b.folders.core.table, folders)
	return &folders[0]
}

// wide makes a folder with n folders in it.
func (b *blog) wide(t testing.TB, n int) *folder {
	t.Helper()
	folders := []folder{aFolder("")}
	for range n {
		folders = append(folders, aFolder(folders[0].ID))
	}
	put(t, b.folders.core.table, folders)
	return &folders[0]
}

// comb makes a chain of folders, each of which has a further folder in it, beside the chain's.
func (b *blog) comb(t testing.TB, n int) *folder {
	t.Helper()
	folders := chainOf(n)
	for _, in := range folders {
		folders = append(folders, aFolder(in.ID))
	}
	put(t, b.folders.core.table, folders)
	return &folders[0]
}

// circle makes a chain of folders, of which the first is in the last.
func (b *blog) circle(t testing.TB, n int) *folder {
	t.Helper()
	folders := chainOf(n)
	folders[0].FolderID = folders[n-1].ID
	put(t, b.folders.core.table, folders)
	return &folders[0]
}

// drain does what the outbox has, whether it is due or not.
func (b *blog) drain(t testing.TB) {
	t.Helper()
	for {
		messages, err := b.outbox.read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			return
		}
		for _, message := range messages {
			if err := b.outbox.table.Update("id", message.ID).Set("dueAt", Now()).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.WorkOutbox(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// markUnpromised marks an item as versions before there was an outbox did, which were interrupted.
func (b *blog) markUnpromised(t *testing.T, table dynamo.Table, id string) {
	t.Helper()
	if err := table.Update("id", id).Set("deleting", NewID()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// leave removes what a user owns, to the end.
func (b *blog) leave(t *testing.T, caller Caller) {
	t.Helper()
	leaving := b.Leave(caller.ID)
	if err := leaving.Promise(b.WriteTx()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if isDone, err := leaving.Begin(t.Context()); !isDone || err != nil {
		t.Fatalf("%v, %v", isDone, err)
	}
}

// TestDeleteOfTrees deletes trees that are deeper and wider than what is removed at once, in circles
// too, with and without a RESTRICT in their types.
func TestDeleteOfTrees(t *testing.T) {
	for name, plant := range map[string]func(*blog, testing.TB) *folder{
		"a chain":        func(b *blog, t testing.TB) *folder { return b.chain(t, 2*maxAhead+1) },
		"wide":           func(b *blog, t testing.TB) *folder { return b.wide(t, 2*maxAhead+1) },
		"a comb":         func(b *blog, t testing.TB) *folder { return b.comb(t, maxAhead/2+1) },
		"a circle":       func(b *blog, t testing.TB) *folder { return b.circle(t, maxAhead+1) },
		"in itself":      func(b *blog, t testing.TB) *folder { return b.circle(t, 1) },
		"full of things": func(b *blog, t testing.TB) *folder { return tree(t, b) },
	} {
		for _, isRestricted := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, RESTRICT %v", name, isRestricted), func(t *testing.T) {
				b := newBlog(t)
				if !isRestricted {
					b.restrictNothing()
				}
				kept := b.newFolder(t, "kept", nil)
				root := plant(b, t)
				if _, err := b.folders.Delete(t.Context(), ada, root.GlobalID(), nil); err != nil {
					t.Fatal(err)
				}
				wantGone(t, b, root.ID, kept.ID)
			})
		}
	}
}

// wantGone wants the outbox to be empty, and of the tables what has one of these ids alone, or is
// beside, see tree.
func wantGone(t *testing.T, b *blog, root, kept string) {
	t.Helper()
	wantCount(t, b.outbox.table, 0)
	found, err := b.folders.core.read(t.Context(), []string{root, kept})
	if err != nil || len(found) != 1 || found[kept] == nil {
		t.Errorf("%v, %v: want %s alone", found, err, kept)
	}
	for items, err := range b.folders.core.scan(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			if item := item.(*folder); item.ID != kept && item.Name != "beside" {
				t.Fatalf("there still is %+v", item)
			}
		}
	}
}

// TestDeleteGoesOn cuts the connection after more and more calls, in the request and in those that go
// on with it: each gets further, and the last one is through.
func TestDeleteGoesOn(t *testing.T) {
	for _, isRestricted := range []bool{true, false} {
		b := newBlog(t)
		if !isRestricted {
			b.restrictNothing()
		}
		kept := b.newFolder(t, "kept", nil)
		root := b.comb(t, maxAhead)
		b.client.FailAfter(600)
		if _, err := b.folders.Delete(t.Context(), ada, root.GlobalID(), nil); err != nil {
			t.Fatal(err)
		}
		b.client.Before = nil
		passes := 0
		for ; passes < 1000; passes++ {
			messages, err := b.outbox.read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(messages) == 0 {
				break
			}
			for _, message := range messages {
				promise := &Promise{ID: message.ID, payload: message.Payload, outbox: b.outbox, lease: message.Lease, term: time.Second}
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				if err := b.handleRemoval(ctx, promise); err == nil {
					if err := promise.fulfilled(t.Context()); err != nil {
						t.Fatal(err)
					}
				} else if !errors.Is(err, ErrOutboxMore) && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				cancel()
			}
		}
		if passes < 2 {
			t.Errorf("it took %d passes: where was it cut?", passes)
		}
		wantGone(t, b, root.ID, kept.ID)
	}
}

// TestDeleteIsFinished cuts the connection after each call of a delete in turn: nothing has changed
// then, or the object is gone for everybody, and the rest goes by itself.
func TestDeleteIsFinished(t *testing.T) {
	for _, isRestricted := range []bool{true, false} {
		for calls := 0; ; calls += 1 + calls/8 {
			b := newBlog(t)
			if !isRestricted {
				b.restrictNothing()
			}
			ctx := t.Context()
			outer := tree(t, b)
			id, hooks := outer.GlobalID(), 0
			redefine(b.folders, func(d *Definition[folder]) {
				d.Hooks.AfterDelete = func(_ context.Context, by Caller, f *folder) error {
					if hooks++; by.ID != ada.ID || f.Name != "outer" {
						t.Errorf("the hook runs for %+v, by %+v", f, by)
					}
					return nil
				}
			})
			isCut := false
			b.client.FailAfter(calls)
			cut := b.client.Before
			b.client.Before = func(operation string) error {
				err := cut(operation)
				isCut = isCut || err != nil
				return err
			}
			_, err := b.folders.Delete(ctx, ada, id, nil)
			b.client.Before = nil
			if err != nil {
				wantError(t, err, testclient.ErrLost)
				wantCount(t, b.folders.core.table, 3)
				wantCount(t, b.posts.core.table, 4)
				if hooks > 0 {
					t.Error("the hook has run")
				}
				if _, err := b.folders.Delete(ctx, ada, id, nil); err != nil && !errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
			}
			wantNothingThere(t, b, outer)
			b.drain(t)
			wantOnlyBeside(t, b)
			if hooks != 1 {
				t.Errorf("after %d calls: the hook has run %d times", calls, hooks)
			}
			if !isCut {
				break
			}
		}
	}
}

// wantNothingThere wants a folder that is being deleted not to be there, for its owner and for others,
// and whoever asks to cause no work.
func wantNothingThere(t *testing.T, b *blog, f *folder) {
	t.Helper()
	ctx := t.Context()
	if found, err := b.folders.ByID(ctx, ada, []string{f.ID}); err != nil || len(found) != 0 {
		t.Errorf("it is still read, %v", err)
	}
	page, err := b.folders.List(ctx, ada, ByOwner, ada.ID, Page{})
	if err != nil {
		t.Error(err)
	}
	for _, edge := range page.Edges {
		if edge.Node.ID == f.ID {
			t.Error("it is still listed")
		}
	}
	_, err = b.posts.Create(ctx, ada, as(post{FolderID: f.ID}))
	wantErrorOf(t, err, ErrNoParent, "folderId")
	for _, caller := range []Caller{ada, eve, anonymous} {
		for _, call := range []func() error{
			func() error { _, err := b.folders.Update(ctx, caller, f.GlobalID(), nil, func(*folder) {}); return err },
			func() error { _, err := b.folders.Delete(ctx, caller, f.GlobalID(), nil); return err },
		} {
			var err error
			calls := b.client.Counted(func() { err = call() })
			wantError(t, err, ErrNotFound)
			if len(calls) != 1 || calls["BatchGetItem"] != 1 {
				t.Errorf("it costs %v to ask for what is being deleted", calls)
			}
		}
	}
}

// TestUnpromisedDeletion goes on with what an earlier version has left, for whoever may delete it,
// and nobody else.
func TestUnpromisedDeletion(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	p := b.newPost(t, ada, "one")
	b.newComment(t, ada, p)
	b.markUnpromised(t, b.posts.core.table, p.ID)
	for _, caller := range []Caller{eve, anonymous, editor} {
		_, err := b.posts.Delete(ctx, caller, p.GlobalID(), nil)
		if want := map[bool]error{true: ErrForbidden, false: ErrNotFound}[caller.ID == editor.ID]; !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		_, err = b.posts.Update(ctx, caller, p.GlobalID(), nil, func(*post) {})
		wantError(t, err, ErrNotFound)
	}
	wantCount(t, b.posts.core.table, 1)
	if _, err := b.posts.Delete(ctx, ada, p.GlobalID(), nil); err != nil {
		t.Error(err)
	}
	wantCount(t, b.posts.core.table, 0)
	wantCount(t, b.comments.core.table, 0)
}

// TestRemovalLeavesWhatIsMoved: a project's own code may move an item to another parent while the
// tree goes in which it was. It stays then, with what is below.
func TestRemovalLeavesWhatIsMoved(t *testing.T) {
	for _, isWhole := range []bool{true, false} { // whether what is below is in the same batch
		b := newBlog(t)
		ctx := t.Context()
		gone, kept := NewID(), b.newFolder(t, "kept", nil)
		moved, stays := aFolder(kept.ID), aFolder(gone)
		below := aFolder(moved.ID)
		put(t, b.folders.core.table, []folder{moved, below, stays})
		frames := []frame{
			{Type: "Folder", Field: "folderId", Value: gone, IDs: []string{moved.ID, stays.ID}},
			{Type: "Folder", Field: "folderId", Value: moved.ID, IDs: []string{below.ID}, IsAhead: true},
		}
		if !isWhole {
			frames = frames[1:]
		}
		if err := b.remove(ctx, frames); err != nil {
			t.Fatal(err)
		}
		found, err := b.folders.core.read(ctx, []string{kept.ID, moved.ID, below.ID, stays.ID})
		if want := map[bool]int{true: 3, false: 4}[isWhole]; err != nil || len(found) != want || found[below.ID] == nil || found[moved.ID] == nil {
			t.Errorf("%d are left, %v: want %d", len(found), err, want)
		}
	}
}

// TestRemovalIsSplit makes a promise of its own of a part of what is too much for one message.
func TestRemovalIsSplit(t *testing.T) {
	b := newBlog(t)
	b.restrictNothing()
	ctx := t.Context()
	var frames []frame
	var folders []folder
	for range maxRemovalBytes / 140 * 2 {
		f := aFolder("")
		folders = append(folders, f)
		frames = append(frames, frame{Type: "Folder", IDs: []string{f.ID}})
	}
	put(t, b.folders.core.table, folders)
	r := &removal{Frames: frames}
	promise, write := b.promiseOwn(removalKind, &removal{})
	if err := write.Run(ctx); err != nil {
		t.Fatal(err)
	}
	w := b.newRemover(promise, r)
	w.isSaved = false
	if isDone, err := w.begin(ctx); isDone || err != nil {
		t.Errorf("done %v, though a part is left, %v", isDone, err)
	}
	if count, err := b.outbox.table.Scan().Count(ctx); count == 0 || err != nil {
		t.Errorf("%d messages, %v", count, err)
	}
	b.drain(t)
	wantCount(t, b.folders.core.table, 0)
}

// TestSweepCrossesADeletion: a sweep restores what is held, and whoever was about to delete it leaves
// it alone then.
func TestSweepCrossesADeletion(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	b.register(t, ada)
	p := b.newPost(t, ada, "one")
	b.newComment(t, ada, p)
	b.client.AtFirst("Query", func() { // when it is marked
		put(t, b.receipts.core.table, []receipt{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, PostID: p.ID}})
		if swept, err := b.Sweep(ctx); swept != (Swept{Unfinished: 1}) || err != nil {
			t.Errorf("swept %+v, %v", swept, err)
		}
	})
	_, err := b.posts.Delete(ctx, ada, p.GlobalID(), nil)
	wantError(t, err, ErrHeld)
	b.drain(t)
	wantCount(t, b.posts.core.table, 1)
	wantCount(t, b.comments.core.table, 1)
	if _, err := b.posts.ByUnique(ctx, ada, "slug", "one"); err != nil {
		t.Error(err)
	}
}

// TestHeldLater: what takes longer to look at than there is time for is hidden meanwhile, and comes
// back where something holds it.
func TestHeldLater(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	outer := b.newFolder(t, "outer", nil)
	p := made[post](t)(b.posts.Create(ctx, ada, as(post{Slug: "one", Status: draft, FolderID: b.newFolder(t, "inner", outer).ID})))
	held := made[receipt](t)(b.receipts.Create(ctx, ada, as(receipt{PostID: p.ID})))
	redefine(b.folders, func(d *Definition[folder]) {
		d.Hooks.AfterDelete = func(context.Context, Caller, *folder) error {
			t.Error("the hook runs for what comes back")
			return nil
		}
	})
	b.client.FailAfter(3) // the read, the mark, and one look
	_, err := b.folders.Delete(ctx, ada, outer.GlobalID(), nil)
	b.client.Before = nil
	if err != nil {
		t.Fatal(err)
	}
	wantNothingThere(t, b, outer)
	b.drain(t)
	if found, err := b.folders.Get(ctx, ada, outer.ID); err != nil || found.deleting != "" {
		t.Errorf("it is not back: %+v, %v", found, err)
	}
	wantCount(t, b.posts.core.table, 1)
	b.folders.core.definition.Hooks.AfterDelete = nil
	made[receipt](t)(b.receipts.Delete(ctx, ada, held.GlobalID(), nil))
	made[folder](t)(b.folders.Delete(ctx, ada, outer.GlobalID(), nil))
	wantCount(t, b.folders.core.table, 0)
	wantCount(t, b.posts.core.table, 0)
}

// TestLooksGoOn looks at a chain in small parts, and deletes it when it has seen all of it.
func TestLooksGoOn(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	root := b.comb(t, 50)
	r := &removal{Root: &removalRoot{Type: "Folder", ID: root.ID, Mark: newMark()}, Frames: []frame{{Type: "Folder", IDs: []string{root.ID}}}}
	promise, write := b.promiseOwn(removalKind, r)
	if marked, err := b.folders.core.mark(ctx, root, r.Root.Mark, write); marked == nil || err != nil {
		t.Fatal(err)
	}
	looks := 0
	for r.Root != nil {
		queries := 0
		b.client.Before = func(operation string) error {
			if queries++; queries == 10 {
				return testclient.ErrLost
			}
			return nil
		}
		w := b.newRemover(promise, r)
		isHeld, isLooked, err := w.look(ctx, time.Time{})
		b.client.Before = nil
		if isHeld || isLooked == (err != nil) {
			t.Fatalf("held %v, looked %v, %v", isHeld, isLooked, err)
		}
		if isLooked {
			break
		}
		if looks++; looks > 100 {
			t.Fatal("it does not get further")
		}
	}
	if looks < 5 {
		t.Errorf("it took %d looks", looks)
	}
}

// TestLeave removes all that a user owned, with what belongs to it, whatever holds it. What holds it
// stays with its owner.
func TestLeave(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	outer := tree(t, b)
	p := made[post](t)(b.posts.Create(ctx, ada, as(post{Slug: "held", FolderID: outer.ID})))
	held := receipt{Object: Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, PostID: p.ID}
	own := receipt{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, PostID: p.ID}
	put(t, b.receipts.core.table, []receipt{held, own})
	b.newPost(t, editor, "the editor's")
	b.leave(t, ada)
	wantCount(t, b.folders.core.table, 0)
	wantCount(t, b.posts.core.table, 1)
	wantCount(t, b.comments.core.table, 0)
	wantCount(t, b.uniques, 1)
	if found, err := b.receipts.core.read(ctx, []string{held.ID, own.ID}); err != nil || len(found) != 1 || found[held.ID] == nil {
		t.Errorf("%v, %v: want the other's receipt alone", found, err)
	}

	// What a request was making when the account went is looked for once more.
	wantCount(t, b.outbox.table, 1)
	late := aFolder("")
	put(t, b.folders.core.table, []folder{late, aFolder(late.ID)})
	if next, err := b.WorkOutbox(ctx); err != nil || time.Until(next) < lookAgainAfter/2 {
		t.Errorf("looked for at %v, %v", next, err)
	}
	b.drain(t)
	wantCount(t, b.folders.core.table, 0)
	wantCount(t, b.outbox.table, 0)
}

// TestLeaveGoesOn: what is not done in the time of the request is done by the outbox.
func TestLeaveGoesOn(t *testing.T) {
	b := newBlog(t)
	root := b.wide(t, 2*maxAhead)
	put(t, b.comments.core.table, manyComments(&post{Object: Object{ID: root.ID}}, 30))
	leaving := b.Leave(ada.ID)
	if err := leaving.Promise(b.WriteTx()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	isDone, err := leaving.Begin(ctx)
	if isDone {
		t.Errorf("it is done, %v, though there was no time", err)
	}
	b.drain(t)
	wantCount(t, b.folders.core.table, 0)
	wantCount(t, b.comments.core.table, 30) // eve's
}

// TestRemovalOfATypeThatIsGone is over.
func TestRemovalOfATypeThatIsGone(t *testing.T) {
	b := newBlog(t)
	kept := b.newFolder(t, "kept", nil)
	for _, r := range []removal{
		{Frames: []frame{{Type: "Gone", Field: "folderId", Value: kept.ID, IsOpen: true}, {Type: "Gone", IDs: []string{kept.ID}}}},
		{Root: &removalRoot{Type: "Gone", ID: kept.ID, Mark: newMark()}, Frames: []frame{{Type: "Gone", IDs: []string{kept.ID}}}},
		{Root: &removalRoot{Type: "Folder", ID: kept.ID, Mark: newMark()}, Frames: []frame{{Type: "Folder", IDs: []string{kept.ID}}}},
	} {
		if err := b.Promise(removalKind, r).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.drain(t)
	wantCount(t, b.folders.core.table, 1)
}

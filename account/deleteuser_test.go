package account

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/testclient"
	"github.com/ownql/ownql/model"
)

// anAccount makes a user with a session, two posts, a receipt that holds one of them, and
// on them a comment of the editor's, who has a post too.
func anAccount(t *testing.T, b *blog) (*User, *Session, *post) {
	t.Helper()
	ctx := t.Context()
	session := NewSession(time.Hour, "test")
	user, err := b.CreateUser(ctx, Signup{Email: "ada@example.com", PasswordHash: "hash", FirstName: "Ada"}, session)
	if err != nil {
		t.Fatal(err)
	}
	p := b.newPost(t, user.Caller(), "hers")
	b.newPost(t, user.Caller(), "hers too")
	b.newComment(t, editor, p)
	b.newReceipt(t, user.Caller(), p)
	b.newPost(t, editor, "other")
	b.register(t, editor)
	return user, session, p
}

// wantOnlyOther wants nothing of the account to be left.
func wantOnlyOther(t *testing.T, b *blog) {
	t.Helper()
	for table, want := range map[string]int{"users": 1, "logins": 0, "posts": 1, "comments": 0, "receipts": 0, "uniques": 1} {
		b.wantCount(t, table, want)
	}
	if _, err := b.posts.ByUnique(t.Context(), editor, "slug", "other"); err != nil {
		t.Errorf("the other's post: %v", err)
	}
}

func TestDeleteUser(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, session, p := anAccount(t, b)

	t.Run("is held by what is another's", func(t *testing.T) {
		held := b.newReceipt(t, editor, p)
		calls := b.client.Counted(func() { wantError(t, b.DeleteUser(ctx, user.ID), model.ErrHeld) })
		for call := range calls {
			if call != "Query" && call != "BatchGetItem" {
				t.Errorf("%v: something may have changed", calls)
			}
		}
		if _, _, err := b.Session(ctx, user.ID, session.ID); err != nil {
			t.Errorf("the session has ended: %v", err)
		}
		if _, err := b.receipts.Delete(ctx, editor, held.GlobalID(), nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("ends the sessions and frees the email before all else", func(t *testing.T) {
		b.client.AtFirst("TransactWriteItems", func() {
			b.client.AtFirst("Query", func() {
				_, _, err := b.Session(ctx, user.ID, session.ID)
				wantError(t, err, model.ErrNotFound)
				_, err = b.CreateUser(ctx, Signup{Email: "ada@example.com", FirstName: "Ada"}, nil)
				if err != nil {
					t.Errorf("the email is not free: %v", err)
				}
				b.wantCount(t, "posts", 3)
			})
		})
		if err := b.DeleteUser(ctx, user.ID); err != nil || b.client.Before != nil {
			t.Fatal(err)
		}
		again, err := b.Login(ctx, "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.DeleteUser(ctx, again.UserID); err != nil {
			t.Fatal(err)
		}
		b.wantCount(t, "sessions", 0)
		wantOnlyOther(t, b)
	})
	t.Run("twice", func(t *testing.T) {
		wantError(t, b.DeleteUser(ctx, user.ID), model.ErrNotFound)
	})
}

// TestDeleteUserIsFinished cuts the connection after each call in turn: nothing has
// changed then, or the user is gone, and a sweep sees to the rest.
func TestDeleteUserIsFinished(t *testing.T) {
	ctx := t.Context()
	isFinished := false
	for calls := 0; !isFinished; calls += 2 {
		b := newBlog(t)
		user, session, _ := anAccount(t, b)
		b.client.FailAfter(calls)
		err := b.DeleteUser(ctx, user.ID)
		b.client.Before = nil
		if isFinished = err == nil; !isFinished {
			wantError(t, err, testclient.ErrLost)
		}
		isGone := isFinished || errors.Is(err, ErrUnfinished)
		switch _, _, err := b.Session(ctx, user.ID, session.ID); {
		case err == nil && !isGone:
			b.wantCount(t, "posts", 3)
			b.wantCount(t, "logins", 1)
			if err := b.DeleteUser(ctx, user.ID); err != nil {
				t.Errorf("after %d calls, once more: %v", calls, err)
			}
		default:
			wantError(t, err, model.ErrNotFound)
			if !isGone {
				t.Errorf("after %d calls: the user is gone without a word", calls)
			}
			if _, err := b.db.Sweep(ctx); err != nil {
				t.Errorf("after %d calls: %v", calls, err)
			}
		}
		wantOnlyOther(t, b)
	}
}

// TestDeleteUserLeavesWhatComesToBeHeld lets another hold a post when the account has
// just gone.
func TestDeleteUserLeavesWhatComesToBeHeld(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, _, p := anAccount(t, b)
	var held *receipt
	b.client.AtFirst("TransactWriteItems", func() { held = b.newReceipt(t, editor, p) })
	if err := b.DeleteUser(ctx, user.ID); err != nil {
		t.Fatal(err)
	}
	b.wantCount(t, "users", 1)
	b.wantCount(t, "posts", 2)
	if swept, err := b.db.Sweep(ctx); swept != (model.Swept{Held: 1}) || err != nil {
		t.Errorf("swept %+v, %v; want one that is held", swept, err)
	}
	if err := b.dynamo.Table(b.prefix+"receipts").Delete("id", held.ID).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if swept, err := b.db.Sweep(ctx); swept != (model.Swept{Orphans: 1}) || err != nil {
		t.Errorf("swept %+v, %v; want one without an owner", swept, err)
	}
	wantOnlyOther(t, b)
}

func TestDeleteUserWhoseEmailChanges(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, _, _ := anAccount(t, b)
	b.client.AtFirst("TransactWriteItems", func() {
		login, err := b.Login(ctx, user.Email)
		if err != nil {
			t.Fatal(err)
		}
		login.Email = "lovelace@example.com"
		err = b.db.WriteTx().
			Update(b.users.Update("id", user.ID).Set("email", login.Email)).
			Delete(b.logins.Delete("email", user.Email)).
			Put(b.logins.Put(login)).
			Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
	})
	if err := b.DeleteUser(ctx, user.ID); err != nil {
		t.Fatal(err)
	}
	wantOnlyOther(t, b)
}

// TestThereReadsInBatches: to know which users are there costs a read for a hundred.
func TestThereReadsInBatches(t *testing.T) {
	b := newBlog(t)
	b.register(t, editor)
	ids := []string{editor.ID, "", editor.ID}
	for range 200 {
		ids = append(ids, model.NewID())
	}
	var there map[string]bool
	calls := b.client.Counted(func() {
		var err error
		if there, err = b.there(t.Context(), ids); err != nil {
			t.Error(err)
		}
	})
	if len(there) != 1 || !there[editor.ID] || len(calls) != 1 || calls["BatchGetItem"] != 3 {
		t.Errorf("%v are there, after %v; want the editor, after 3 BatchGetItem", there, calls)
	}
	calls = b.client.Counted(func() {
		if there, err := b.there(t.Context(), []string{""}); len(there) != 0 || err != nil {
			t.Errorf("of nobody: %v, %v", there, err)
		}
	})
	if len(calls) != 0 {
		t.Errorf("of nobody costs %v", calls)
	}
}

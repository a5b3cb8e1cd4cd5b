package account

import (
	"errors"
	"testing"
	"time"
)

// account makes a user with a session, two posts, a receipt that holds one of them, and
// on them a comment of the editor's, who has a post too.
func account(t *testing.T, b *blog) (*User, *Session, *post) {
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
	made[receipt](t)(b.receipts.create(ctx, user.Caller(), &receipt{PostID: p.ID}))
	b.newPost(t, editor, "other")
	b.register(t, editor)
	return user, session, p
}

// wantOnlyOther wants nothing of the account to be left.
func wantOnlyOther(t *testing.T, b *blog) {
	t.Helper()
	for table, want := range map[string]int{"users": 1, "logins": 0, "posts": 1, "comments": 0, "receipts": 0, "uniques": 1} {
		wantCount(t, b.db.Table(b.prefix+table), want)
	}
	if _, err := b.posts.byUnique(t.Context(), editor, "slug", "other"); err != nil {
		t.Errorf("the other's post: %v", err)
	}
}

func TestDeleteUser(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, session, p := account(t, b)

	t.Run("is held by what is another's", func(t *testing.T) {
		held := made[receipt](t)(b.receipts.create(ctx, editor, &receipt{PostID: p.ID}))
		calls := b.client.counted(func() { wantError(t, b.DeleteUser(ctx, user.ID), ErrHeld) })
		for call := range calls {
			if call != "Query" && call != "BatchGetItem" {
				t.Errorf("%v: something may have changed", calls)
			}
		}
		if _, _, err := b.Session(ctx, user.ID, session.ID); err != nil {
			t.Errorf("the session has ended: %v", err)
		}
		if _, err := b.receipts.delete(ctx, editor, globalID("Receipt", held.ID), nil); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("ends the sessions and frees the email before all else", func(t *testing.T) {
		b.client.atFirst("TransactWriteItems", func() {
			b.client.atFirst("Query", func() {
				_, _, err := b.Session(ctx, user.ID, session.ID)
				wantError(t, err, ErrNotFound)
				_, err = b.CreateUser(ctx, Signup{Email: "ada@example.com", FirstName: "Ada"}, nil)
				if err != nil {
					t.Errorf("the email is not free: %v", err)
				}
				wantCount(t, b.posts.table, 3)
			})
		})
		if err := b.DeleteUser(ctx, user.ID); err != nil || b.client.before != nil {
			t.Fatal(err)
		}
		again, err := b.Login(ctx, "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.DeleteUser(ctx, again.UserID); err != nil {
			t.Fatal(err)
		}
		wantCount(t, b.sessions, 0)
		wantOnlyOther(t, b)
	})
	t.Run("twice", func(t *testing.T) {
		wantError(t, b.DeleteUser(ctx, user.ID), ErrNotFound)
	})
}

// TestDeleteUserIsFinished cuts the connection after each call in turn: nothing has
// changed then, or the user is gone, and a sweep sees to the rest.
func TestDeleteUserIsFinished(t *testing.T) {
	ctx := t.Context()
	isFinished := false
	for calls := 0; !isFinished; calls += 2 {
		b := newBlog(t)
		user, session, _ := account(t, b)
		b.client.failAfter(calls)
		err := b.DeleteUser(ctx, user.ID)
		b.client.before = nil
		if isFinished = err == nil; !isFinished {
			wantError(t, err, errLost)
		}
		isGone := isFinished || errors.Is(err, ErrUnfinished)
		switch _, _, err := b.Session(ctx, user.ID, session.ID); {
		case err == nil && !isGone:
			wantCount(t, b.posts.table, 3)
			wantCount(t, b.logins, 1)
			if err := b.DeleteUser(ctx, user.ID); err != nil {
				t.Errorf("after %d calls, once more: %v", calls, err)
			}
		default:
			wantError(t, err, ErrNotFound)
			if !isGone {
				t.Errorf("after %d calls: the user is gone without a word", calls)
			}
			if _, err := b.Sweep(ctx); err != nil {
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
	user, _, p := account(t, b)
	b.client.atFirst("TransactWriteItems", func() {
		made[receipt](t)(b.receipts.create(ctx, editor, &receipt{PostID: p.ID}))
	})
	if err := b.DeleteUser(ctx, user.ID); err != nil {
		t.Fatal(err)
	}
	wantCount(t, b.users, 1)
	wantCount(t, b.posts.table, 2)
	if swept, err := b.Sweep(ctx); swept != (Swept{Held: 1}) || err != nil {
		t.Errorf("swept %+v, %v; want one that is held", swept, err)
	}
	if err := b.receipts.remove(ctx, collect(t, b.receipts.idsOf(ctx, receiptsFor, p.ID)), false); err != nil {
		t.Fatal(err)
	}
	if swept, err := b.Sweep(ctx); swept != (Swept{Orphans: 1}) || err != nil {
		t.Errorf("swept %+v, %v; want one without an owner", swept, err)
	}
	wantOnlyOther(t, b)
}

func TestDeleteUserWhoseEmailChanges(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, _, _ := account(t, b)
	b.client.atFirst("TransactWriteItems", func() {
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

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
	user, session, _ := anAccount(t, b)

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
		b.deleteUser(t, user.ID)
		if b.client.Before != nil {
			t.Error("nothing was looked for")
		}
		again, err := b.Login(ctx, "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		b.deleteUser(t, again.UserID)
		b.wantCount(t, "sessions", 0)
		wantOnlyOther(t, b)
	})
	t.Run("twice", func(t *testing.T) {
		_, err := b.DeleteUser(ctx, user.ID)
		wantError(t, err, model.ErrNotFound)
	})
}

// deleteUser deletes a user, and wants that to be complete.
func (b *blog) deleteUser(t *testing.T, id string) {
	t.Helper()
	if isComplete, err := b.DeleteUser(t.Context(), id); !isComplete || err != nil {
		t.Errorf("complete %v, %v", isComplete, err)
	}
}

// drain does what the outbox has, whether it is due or not.
func (b *blog) drain(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	outbox := b.dynamo.Table(b.prefix + "outbox")
	for {
		var messages []struct {
			ID string `dynamo:"id,hash"`
		}
		if err := outbox.Scan().All(ctx, &messages); err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			return
		}
		for _, message := range messages {
			if err := outbox.Update("id", message.ID).Set("dueAt", model.Now()).Run(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.db.WorkOutbox(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDeleteUserIsFinished cuts the connection after each call in turn: nothing has
// changed then, or the user is gone, and what they owned goes by itself.
func TestDeleteUserIsFinished(t *testing.T) {
	ctx := t.Context()
	for calls, isComplete := 0, false; !isComplete; calls += 2 {
		b := newBlog(t)
		user, session, _ := anAccount(t, b)
		b.client.FailAfter(calls)
		var err error
		isComplete, err = b.DeleteUser(ctx, user.ID)
		b.client.Before = nil
		if err != nil {
			wantError(t, err, testclient.ErrLost)
			if _, _, err := b.Session(ctx, user.ID, session.ID); err != nil {
				t.Errorf("after %d calls: %v", calls, err)
			}
			b.wantCount(t, "posts", 3)
			b.wantCount(t, "logins", 1)
			b.deleteUser(t, user.ID)
		}
		_, _, err = b.Session(ctx, user.ID, session.ID)
		wantError(t, err, model.ErrNotFound)
		b.drain(t)
		wantOnlyOther(t, b)
	}
}

// TestDeleteUserWhoIsHeld: what is another's and belongs with RESTRICT to what the user owns keeps
// nobody from leaving, and stays its owner's.
func TestDeleteUserWhoIsHeld(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, _, p := anAccount(t, b)
	before := b.newReceipt(t, editor, p)
	var meanwhile *receipt
	b.client.AtFirst("TransactWriteItems", func() { meanwhile = b.newReceipt(t, editor, p) })
	b.deleteUser(t, user.ID)
	b.drain(t)
	b.wantCount(t, "users", 1)
	b.wantCount(t, "posts", 1)
	b.wantCount(t, "receipts", 2)
	if swept, err := b.db.Sweep(ctx); swept != (model.Swept{Held: 2}) || err != nil {
		t.Errorf("swept %+v, %v; want two that lack what they belonged to", swept, err)
	}
	for _, left := range []*receipt{before, meanwhile} {
		if _, err := b.receipts.Delete(ctx, editor, left.GlobalID(), nil); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%v: who may read it is whoever may read what it belonged to", err)
		}
		if _, err := b.receipts.Delete(ctx, model.System, left.GlobalID(), nil); err != nil {
			t.Error(err)
		}
	}
	wantOnlyOther(t, b)
}

// TestDeleteLogin deletes an address that has no user any more, with what that owned, and none that has.
func TestDeleteLogin(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	user, _, _ := anAccount(t, b)
	login, err := b.Login(ctx, user.Email)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.DeleteLogin(ctx, login)
	wantError(t, err, model.ErrConflict)
	b.wantCount(t, "posts", 3)
	if err := b.users.Delete("id", user.ID).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if isComplete, err := b.DeleteLogin(ctx, login); !isComplete || err != nil {
		t.Errorf("complete %v, %v", isComplete, err)
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
	b.deleteUser(t, user.ID)
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

// TestDeleteUserWhoOwnsWhatIsKept has a newer server keep the posts of an older's: accounts stay until no older one
// runs, unless they own none, or go by force; then the posts are nobody's.
func TestDeleteUserWhoOwnsWhatIsKept(t *testing.T) {
	older := newBlog(t)
	user, _, _ := anAccount(t, older)
	db := model.Open(older.client, older.prefix)
	newer := New(db)
	posts := model.New[post](db, "Post", "posts")
	model.Define(posts, model.Definition[post]{OnOwnerDelete: model.OutlivesOwner, Rules: []model.Rule{model.Allow(model.OnRead, model.Anyone)}})
	owned := func() (count int) {
		t.Helper()
		count, err := older.dynamo.Table(older.prefix+"posts").Get("ownerId", user.ID).Index("ownerId-id").Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return count
	}
	before := owned()
	if _, err := newer.DeleteUser(t.Context(), user.ID); before == 0 || !errors.Is(err, model.ErrNotKeptYet) {
		t.Errorf("an account that owns %d posts goes: %v", before, err)
	}
	other, err := newer.CreateUser(t.Context(), Signup{Email: "grace@example.com", FirstName: "Grace"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if isComplete, err := newer.DeleteUser(t.Context(), other.ID); !isComplete || err != nil {
		t.Errorf("an account that owns none: %v, %v", isComplete, err)
	}
	if owned() != before {
		t.Errorf("%d posts are the user's still, want %d", owned(), before)
	}
	all, err := older.dynamo.Table(older.prefix + "posts").Scan().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if isComplete, err := newer.ForceDeleteUser(t.Context(), user.ID); !isComplete || err != nil {
		t.Errorf("by force: %v, %v", isComplete, err)
	}
	if owned() != 0 {
		t.Errorf("%d posts are the user's still", owned())
	}
	older.wantCount(t, "posts", all)
}

package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// A pending email is nobody's, and becomes the user's by its newest token alone, unless another has
// it by then.
func TestTakeEmail(t *testing.T) {
	s, _, _ := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	const next = "countess@example.com"
	user, err := s.AwaitEmail(t.Context(), user, next, time.Now().Add(time.Hour))
	if err != nil || user.Email != "ada@example.com" || *user.PendingEmail() != next {
		t.Fatalf("%+v, %v", user, err)
	}
	for _, hash := range []string{"first", "second"} {
		if err := s.AwaitNextEmail(t.Context(), user.ID, next, token(hash, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.UserToVerify(t.Context(), user.ID, []byte("first")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("an older token: %v", err)
	}
	user, email, err := s.UserToVerify(t.Context(), user.ID, []byte("second"))
	if err != nil || email != next {
		t.Fatalf("%s, %v", email, err)
	}
	login := loginOf(t, s, "ada@example.com")
	other, _ := signUp(t, s, next)
	if err := s.TakeEmail(t.Context(), user, login, []byte("second"), ""); !errors.Is(err, account.ErrEmailTaken) {
		t.Errorf("what another has: %v", err)
	}
	if _, err := s.DeleteUser(t.Context(), other.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeEmail(t.Context(), user, login, []byte("first"), ""); !errors.Is(err, model.ErrConflict) {
		t.Errorf("by an older token: %v", err)
	}
	if err := s.TakeEmail(t.Context(), user, login, []byte("second"), ""); err != nil {
		t.Fatal(err)
	}
	read, err := s.User(t.Context(), user.ID)
	if err != nil || read.Email != next || !read.EmailVerified || read.PendingEmail() != nil {
		t.Errorf("%+v, %v", read, err)
	}
	if _, err := s.Login(t.Context(), "ada@example.com"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the old one: %v", err)
	}
	if err := s.TakeEmail(t.Context(), user, login, []byte("second"), ""); err == nil {
		t.Error("a token is good twice")
	}
}

// A pending email whose time is over is none.
func TestPendingEmailEnds(t *testing.T) {
	s, _, _ := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	user, err := s.AwaitEmail(t.Context(), user, "countess@example.com", time.Now().Add(-time.Second))
	if err != nil || user.PendingEmail() != nil {
		t.Errorf("%v, %v", user.PendingEmail(), err)
	}
}

// The first change's way back undoes all, and takes away those of later changes; an earlier one stays.
func TestGoBack(t *testing.T) {
	s, db, prefix := open(t)
	user, session := signUp(t, s, "ada@example.com")
	ways := func() (ways []account.Undo) {
		t.Helper()
		if err := db.Table(prefix+"undos").Get("userId", user.ID).All(t.Context(), &ways); err != nil {
			t.Fatal(err)
		}
		return ways
	}
	read := func() *account.User {
		t.Helper()
		read, err := s.User(t.Context(), user.ID)
		if err != nil {
			t.Fatal(err)
		}
		return read
	}
	password := func(hash string) {
		t.Helper()
		if _, err := s.ChangePassword(t.Context(), read(), loginOf(t, s, read().Email), session, hash, "password-changed"); err != nil {
			t.Fatal(err)
		}
	}
	password("hers")
	for i, next := range []string{"eve@example.com", "mallory@example.com"} {
		pending, err := s.AwaitEmail(t.Context(), read(), next, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AwaitNextEmail(t.Context(), user.ID, next, token(next, time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.TakeEmail(t.Context(), pending, loginOf(t, s, pending.Email), []byte(next), "email-changed"); err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	password("a thief's")
	all := ways()
	if len(all) != 4 || all[1].Email != "ada@example.com" || all[1].FormerHash != "hers" || all[2].Email != "eve@example.com" || all[2].FormerHash != "" {
		t.Fatalf("ways back: %+v", all)
	}
	if waiting, err := db.Table(prefix + "outbox").Scan().Count(t.Context()); err != nil || waiting != 4 {
		t.Errorf("%d notices wait, %v; want 4", waiting, err)
	}

	if err := s.GoBack(t.Context(), &all[1], "new", "password-changed"); err != nil {
		t.Fatal(err)
	}
	if back := read(); back.Email != "ada@example.com" || !back.EmailVerified {
		t.Errorf("%+v", back)
	}
	if login := loginOf(t, s, "ada@example.com"); login.PasswordHash != "new" || login.SessionEpoch != read().SessionEpoch {
		t.Errorf("%+v", login)
	}
	wantNoSession(t, s, user.ID, session.ID)
	for _, gone := range []string{"eve@example.com", "mallory@example.com"} {
		if _, err := s.Login(t.Context(), gone); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: %v", gone, err)
		}
	}
	left := ways()
	if len(left) != 2 || left[0].ID != all[0].ID || left[1].Email != "ada@example.com" {
		t.Errorf("ways back: %+v", left)
	}
	for i := range all[1:] {
		if err := s.GoBack(t.Context(), &all[i+1], "stolen", ""); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("way back %d once more: %v, want ErrNotFound", i+1, err)
		}
	}
}

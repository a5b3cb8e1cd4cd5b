package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestChangePassword(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")
	login := loginOf(t, s, "ada@example.com")
	other := account.NewSession(time.Hour, "test")
	if err := s.OpenSession(t.Context(), login, other, account.NewAttemptKey("ada@example.com", "")); err != nil {
		t.Fatal(err)
	}

	changed, err := s.ChangePassword(t.Context(), user, login, session, "new")
	if err != nil {
		t.Fatal(err)
	}
	if changed.ID != user.ID || changed.SessionEpoch != user.SessionEpoch+1 {
		t.Errorf("returned %+v; want the user of the next epoch", changed)
	}
	wantNoSession(t, s, user.ID, other.ID)
	if _, _, err := s.Session(t.Context(), user.ID, session.ID); err != nil {
		t.Errorf("the session that it came by: %v", err)
	}
	if login := loginOf(t, s, "ada@example.com"); login.PasswordHash != "new" {
		t.Errorf("the hash is %q", login.PasswordHash)
	}

	t.Run("a sign-in with the password that is being changed opens no session", func(t *testing.T) {
		late := account.NewSession(time.Hour, "test")
		if err := s.OpenSession(t.Context(), login, late, account.NewAttemptKey("ada@example.com", "")); err != nil {
			t.Fatal(err)
		}
		wantNoSession(t, s, user.ID, late.ID)
	})
	t.Run("of two changes at once, one is refused", func(t *testing.T) {
		for _, user := range []*account.User{user, changed} {
			if _, err := s.ChangePassword(t.Context(), user, login, session, "newer"); !errors.Is(err, model.ErrConflict) {
				t.Errorf("of epoch %d: %v, want ErrConflict", user.SessionEpoch, err)
			}
		}
		if _, err := s.ChangePassword(t.Context(), user, loginOf(t, s, "ada@example.com"), session, "newer"); !errors.Is(err, model.ErrConflict) {
			t.Errorf("of the epoch before: %v, want ErrConflict", err)
		}
	})
	t.Run("the user's own next change goes on", func(t *testing.T) {
		if _, err := s.ChangePassword(t.Context(), changed, loginOf(t, s, "ada@example.com"), session, "newest"); err != nil {
			t.Error(err)
		}
	})
}

func TestEndOtherSessions(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")
	other := account.NewSession(time.Hour, "test")
	if err := s.OpenSession(t.Context(), loginOf(t, s, "ada@example.com"), other, account.NewAttemptKey("ada@example.com", "")); err != nil {
		t.Fatal(err)
	}
	changed, err := s.EndOtherSessions(t.Context(), user, session)
	if err != nil || changed.SessionEpoch != user.SessionEpoch+1 {
		t.Fatalf("%+v, %v; want the user of the next epoch", changed, err)
	}
	wantNoSession(t, s, user.ID, other.ID)
	if _, _, err := s.Session(t.Context(), user.ID, session.ID); err != nil {
		t.Errorf("the session that it came by: %v", err)
	}
	if login := loginOf(t, s, "ada@example.com"); login.PasswordHash != "hash" || login.SessionEpoch != changed.SessionEpoch {
		t.Errorf("login %+v; want the password as it was, and the epoch of %+v", login, changed)
	}
	if _, err := s.EndOtherSessions(t.Context(), user, session); !errors.Is(err, model.ErrConflict) {
		t.Errorf("of the epoch before: %v, want ErrConflict", err)
	}
}

func TestSetPassword(t *testing.T) {
	s, _, _ := open(t)
	ada, first := signUp(t, s, "ada@example.com")
	eve, hers := signUp(t, s, "eve@example.com")
	before, err := s.Login(t.Context(), "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassword(t.Context(), "ada@example.com", "another hash"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Session(t.Context(), ada.ID, first.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a session goes on: %v", err)
	}
	if _, _, err := s.Session(t.Context(), eve.ID, hers.ID); err != nil {
		t.Errorf("another user's session: %v", err)
	}
	after, err := s.Login(t.Context(), "ada@example.com")
	if err != nil || after.PasswordHash != "another hash" {
		t.Errorf("the login has %+v, %v", after, err)
	}

	// A session that the old password was about to open is dead from its start; one that
	// the new password opens lives.
	key := account.NewAttemptKey("ada@example.com", "")
	for _, test := range []struct {
		name  string
		login *account.Login
		lives bool
	}{{"by the old password", before, false}, {"by the new one", after, true}} {
		session := account.NewSession(time.Hour, "")
		if err := s.OpenSession(t.Context(), test.login, session, key); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Session(t.Context(), ada.ID, session.ID); test.lives != (err == nil) {
			t.Errorf("a session %s: %v", test.name, err)
		}
	}

	if err := s.SetPassword(t.Context(), "nobody@example.com", "hash"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("of nobody: %v, want ErrNotFound", err)
	}
}

func TestChangeEmail(t *testing.T) {
	s, db, prefix := open(t)
	user, session := signUp(t, s, "ada@example.com")
	signUp(t, s, "eve@example.com")
	login := loginOf(t, s, "ada@example.com")

	if _, err := s.ChangeEmail(t.Context(), user, login, "eve@example.com"); !errors.Is(err, account.ErrEmailTaken) {
		t.Errorf("a taken one: %v, want ErrEmailTaken", err)
	}
	changed, err := s.ChangeEmail(t.Context(), user, login, "countess@example.com")
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Session(t.Context(), user.ID, session.ID)
	if err != nil || found.Email != "countess@example.com" || found.Version != user.Version+1 || changed.Email != found.Email || changed.Version != found.Version {
		t.Errorf("found %+v, %v; returned %+v", found, err, changed)
	}
	if _, err := s.Login(t.Context(), "ada@example.com"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the old address: %v, want ErrNotFound", err)
	}
	if moved := loginOf(t, s, "countess@example.com"); moved.UserID != user.ID || moved.PasswordHash != login.PasswordHash || moved.CreatedAt != login.CreatedAt {
		t.Errorf("moved %+v, want what %+v has", moved, login)
	}
	if _, err := s.ChangeEmail(t.Context(), user, login, "elsewhere@example.com"); !errors.Is(err, model.ErrConflict) {
		t.Errorf("from an address that is the user's no more: %v, want ErrConflict", err)
	}
	if count, err := db.Table(prefix + "logins").Scan().Count(t.Context()); err != nil || count != 2 {
		t.Errorf("%d logins, %v; want 2", count, err)
	}
}

func loginOf(t *testing.T, s *account.Store, email string) *account.Login {
	t.Helper()
	login, err := s.Login(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return login
}

func TestSessions(t *testing.T) {
	s, _, _ := open(t)
	user, first := signUp(t, s, "ada@example.com")
	eve, _ := signUp(t, s, "eve@example.com")
	login := loginOf(t, s, "ada@example.com")
	want := []string{first.ID}
	for i := range 9 {
		life := time.Hour
		if i%2 == 1 {
			life = -time.Second // over, and not swept
		}
		session := account.NewSession(life, "test")
		if err := s.OpenSession(t.Context(), login, session, account.NewAttemptKey("ada@example.com", "")); err != nil {
			t.Fatal(err)
		}
		if life > 0 {
			want = append([]string{session.ID}, want...)
		}
	}

	for _, size := range []int{1, 2, 3, 6, 100} {
		var (
			got  []string
			page = model.Page{First: &size}
		)
		for range 10 {
			sessions, err := s.Sessions(t.Context(), user.Caller(), user, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, edge := range sessions.Edges {
				got = append(got, edge.Node.ID)
			}
			if !sessions.PageInfo.HasNextPage {
				break
			}
			page.After = sessions.PageInfo.EndCursor
		}
		if len(got) != len(want) {
			t.Errorf("in pages of %d: %d sessions, want %d", size, len(got), len(want))
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("in pages of %d: number %d is %s, want %s", size, i, got[i], want[i])
			}
		}
	}
	if _, err := s.Sessions(t.Context(), eve.Caller(), user, model.Page{}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another's: %v, want ErrNotFound", err)
	}
	if found, err := s.SessionsByID(t.Context(), user, []string{first.ID, model.NewID()}); err != nil || len(found) != 1 || found[first.ID] == nil {
		t.Errorf("by id: %v, %v", found, err)
	}
}

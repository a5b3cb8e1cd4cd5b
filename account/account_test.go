package account_test

import (
	"errors"
	"slices"
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

	changed, err := s.ChangePassword(t.Context(), user, login, session, "new", "")
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
			if _, err := s.ChangePassword(t.Context(), user, login, session, "newer", ""); !errors.Is(err, model.ErrConflict) {
				t.Errorf("of epoch %d: %v, want ErrConflict", user.SessionEpoch, err)
			}
		}
		if _, err := s.ChangePassword(t.Context(), user, loginOf(t, s, "ada@example.com"), session, "newer", ""); !errors.Is(err, model.ErrConflict) {
			t.Errorf("of the epoch before: %v, want ErrConflict", err)
		}
	})
	t.Run("the user's own next change goes on", func(t *testing.T) {
		if _, err := s.ChangePassword(t.Context(), changed, loginOf(t, s, "ada@example.com"), session, "newest", ""); err != nil {
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
	if _, err := s.SetPassword(t.Context(), "ada@example.com", "another hash"); err != nil {
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

	if _, err := s.SetPassword(t.Context(), "nobody@example.com", "hash"); !errors.Is(err, model.ErrNotFound) {
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

	ids := func(page model.Page) (ids []string, info model.PageInfo) {
		t.Helper()
		sessions, err := s.Sessions(t.Context(), user.Caller(), user, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, edge := range sessions.Edges {
			ids = append(ids, edge.Node.ID)
		}
		return ids, *sessions.PageInfo
	}
	for _, size := range []int{1, 2, 3, 6, 100} {
		var forward, backward []string
		for page, next := (model.Page{First: &size}), true; next && len(forward) <= len(want); {
			page.After, next = nextPage(ids, page, &forward)
		}
		for page, next := (model.Page{Last: &size}), true; next && len(backward) <= len(want); {
			page.Before, next = previousPage(ids, page, &backward)
		}
		if !slices.Equal(forward, want) || !slices.Equal(backward, want) {
			t.Errorf("in pages of %d: %v forward and %v backward, want %v", size, forward, backward, want)
		}
	}
	all, err := s.Sessions(t.Context(), user.Caller(), user, model.Page{})
	if err != nil {
		t.Fatal(err)
	}
	cursor := func(i int) *string { return &all.Edges[i].Cursor }
	one, ten := 1, 10
	for _, test := range []struct {
		name                     string
		page                     model.Page
		want                     []string
		hasPrevious, hasNextPage bool
	}{
		{"between two cursors", model.Page{First: &ten, After: cursor(0), Before: cursor(4)}, want[1:4], true, false},
		{"the first of those", model.Page{First: &one, After: cursor(0), Before: cursor(4)}, want[1:2], true, true},
		{"the last of those", model.Page{Last: &one, After: cursor(0), Before: cursor(4)}, want[3:4], true, true},
		{"all of those, backward", model.Page{Last: &ten, After: cursor(0), Before: cursor(4)}, want[1:4], false, true},
		{"before a cursor, from the beginning", model.Page{Before: cursor(2)}, want[:2], false, false},
		{"between none", model.Page{First: &ten, After: cursor(2), Before: cursor(3)}, nil, true, false},
		{"the wrong way round", model.Page{Last: &ten, After: cursor(4), Before: cursor(0)}, nil, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, info := ids(test.page)
			if !slices.Equal(got, test.want) || info.HasPreviousPage != test.hasPrevious || info.HasNextPage != test.hasNextPage {
				t.Errorf("%v, before %t, after %t; want %v", got, info.HasPreviousPage, info.HasNextPage, test.want)
			}
		})
	}
	for _, page := range []model.Page{{First: &one, Last: &one}, {Last: new(int), Before: new(string)}} {
		if page.Last != nil && *page.Last == 0 {
			*page.Last = 101
		}
		if _, err := s.Sessions(t.Context(), user.Caller(), user, page); !model.IsBadInput(err) {
			t.Errorf("%+v: %v, want BAD_USER_INPUT", page, err)
		}
	}
	if _, err := s.Sessions(t.Context(), eve.Caller(), user, model.Page{}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another's: %v, want ErrNotFound", err)
	}
	if found, err := s.SessionsByID(t.Context(), user, []string{first.ID, model.NewID()}); err != nil || len(found) != 1 || found[first.ID] == nil {
		t.Errorf("by id: %v, %v", found, err)
	}
}

// nextPage appends the ids of a page to those before, and returns the cursor at its end.
func nextPage(ids func(model.Page) ([]string, model.PageInfo), page model.Page, walked *[]string) (cursor *string, more bool) {
	found, info := ids(page)
	*walked = append(*walked, found...)
	return info.EndCursor, info.HasNextPage
}

// previousPage puts the ids of a page before those behind it, and returns the cursor at its
// beginning.
func previousPage(ids func(model.Page) ([]string, model.PageInfo), page model.Page, walked *[]string) (cursor *string, more bool) {
	found, info := ids(page)
	*walked = append(found, *walked...)
	return info.StartCursor, info.HasPreviousPage
}

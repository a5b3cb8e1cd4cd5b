package account_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// newToken makes a token of a user's, as the user was read.
func newToken(t testing.TB, s *account.Store, user *account.User, name string, scopes ...string) *account.Token {
	t.Helper()
	token := &account.Token{ID: model.NewID(), Name: name, Scopes: scopes, Secret: []byte("hash of " + name)}
	if err := s.CreateToken(t.Context(), user, token); err != nil {
		t.Fatal(err)
	}
	return token
}

// wantToken wants a token to be good, or not to be.
func wantToken(t *testing.T, s *account.Store, token *account.Token, isGood bool, after string) {
	t.Helper()
	_, _, err := s.Token(t.Context(), token.UserID, token.ID)
	if isGood && err != nil || !isGood && !errors.Is(err, model.ErrNotFound) {
		t.Errorf("after %s the token is good: %v, want %v", after, err, isGood)
	}
}

func TestToken(t *testing.T) {
	s, _, _ := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	eve, _ := signUp(t, s, "eve@example.com")
	token := newToken(t, s, ada, "ci", "read:Note", "create:Note")

	user, got, err := s.Token(t.Context(), ada.ID, token.ID)
	if err != nil || user.ID != ada.ID {
		t.Fatal(user, err)
	}
	if diff := cmp.Diff(token, got, compareKept); diff != "" {
		t.Error(diff)
	}
	caller := user.Caller()
	if caller.ID != ada.ID || !caller.HasScope(model.OnRead, "Note") || caller.HasScope(model.OnUpdate, "Note") || caller.HasScope(model.OnRead, "User") {
		t.Errorf("the caller is %+v", caller)
	}
	if _, _, err := s.Token(t.Context(), eve.ID, token.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("as another's: %v", err)
	}

	// A caller within scopes sees no user, and no list of what belongs to one.
	if found, err := s.UsersByID(t.Context(), caller, []string{ada.ID}); err != nil || len(found) > 0 {
		t.Errorf("it reads users: %v, %v", found, err)
	}
	name := "Augusta"
	if _, err := s.UpdateUser(t.Context(), caller, ada.ID, account.UserUpdate{FirstName: &name}); !errors.Is(err, model.ErrForbidden) {
		t.Errorf("it changes the user: %v", err)
	}
	if _, err := s.Tokens(t.Context(), caller, user, model.Page{}); err != account.ErrByToken {
		t.Errorf("it lists tokens: %v", err)
	}
	if _, err := s.Sessions(t.Context(), caller, user, model.Page{}); err != account.ErrByToken {
		t.Errorf("it lists sessions: %v", err)
	}
	whole := ada.Caller().Within(model.ScopesOf([]string{"read:User", "update:User"}))
	updated, err := s.UpdateUser(t.Context(), whole, ada.ID, account.UserUpdate{FirstName: &name})
	if err != nil || updated.FirstName != name {
		t.Errorf("with the scopes: %v, %v", updated, err)
	}

	// When it was used is kept, and never goes back.
	at := model.Now()
	for _, when := range []time.Time{at.Time(), at.Time().Add(-time.Hour)} {
		if err := s.NoteTokenUse(t.Context(), token, model.NewDateTime(when)); err != nil {
			t.Fatal(err)
		}
	}
	if _, got, err = s.Token(t.Context(), ada.ID, token.ID); err != nil || got.LastUsedAt.String() != at.String() {
		t.Errorf("used at %v, %v", got.LastUsedAt, err)
	}

	if _, err := s.RevokeToken(t.Context(), eve, token.GlobalID()); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another revokes it: %v", err)
	}
	if _, err := s.RevokeToken(t.Context(), ada, model.GlobalID("Session", token.ID)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("by the id of a session: %v", err)
	}
	wantToken(t, s, token, true, "those")
	if revoked, err := s.RevokeToken(t.Context(), ada, token.GlobalID()); err != nil || revoked.Name != "ci" {
		t.Errorf("%v, %v", revoked, err)
	}
	wantToken(t, s, token, false, "revoking it")
	if _, err := s.RevokeToken(t.Context(), ada, token.GlobalID()); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
	if err := s.NoteTokenUse(t.Context(), token, model.Now()); err != nil {
		t.Error(err)
	}
	wantToken(t, s, token, false, "its use was noted once more")
}

// TestTokenExpires: a token is good until the moment that it says, and not listed from then on.
func TestTokenExpires(t *testing.T) {
	s, db, prefix := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	for name, test := range map[string]struct {
		in     time.Duration
		isGood bool
	}{"soon": {time.Hour, true}, "passed": {-time.Millisecond, false}} {
		at := model.NewDateTime(time.Now().Add(test.in))
		token := &account.Token{ID: model.NewID(), Name: name, Scopes: []string{"read:Note"}, ExpiresAt: &at}
		if err := s.CreateToken(t.Context(), ada, token); err != nil {
			t.Fatal(err)
		}
		wantToken(t, s, token, test.isGood, name)
	}
	page, err := s.Tokens(t.Context(), ada.Caller(), ada, model.Page{})
	if err != nil || len(page.Edges) != 1 || page.Edges[0].Node.Name != "soon" {
		t.Errorf("%+v, %v", page, err)
	}
	newToken(t, s, ada, "another", "read:Note")
	if count, err := db.Table(prefix + "tokens").Scan().Count(t.Context()); err != nil || count != 2 {
		t.Errorf("once another is made, %d are kept, %v, want those that are good", count, err)
	}
}

// TestWhatEndsTokens: what a user does with sessions and passwords keeps the tokens that the user knows of;
// what takes an account from whoever had it ends all of them.
func TestWhatEndsTokens(t *testing.T) {
	s, db, prefix := open(t)
	n := 0
	for name, test := range map[string]struct {
		act    func(user *account.User, login *account.Login, session *account.Session) error
		isGood bool
	}{
		"another password": {func(user *account.User, login *account.Login, session *account.Session) error {
			_, err := s.ChangePassword(t.Context(), user, login, session, "other", "")
			return err
		}, true},
		"ending the other sessions": {func(user *account.User, _ *account.Login, session *account.Session) error {
			_, err := s.EndOtherSessions(t.Context(), user, session)
			return err
		}, true},
		"signing out by the operator": {func(_ *account.User, login *account.Login, _ *account.Session) error {
			_, err := s.EndSessions(t.Context(), login.Email)
			return err
		}, true},
		"another address": {func(user *account.User, login *account.Login, _ *account.Session) error {
			_, err := s.ChangeEmail(t.Context(), user, login, "moved-"+login.Email)
			return err
		}, true},
		"a password by the operator": {func(_ *account.User, login *account.Login, _ *account.Session) error {
			_, err := s.SetPassword(t.Context(), login.Email, "other")
			return err
		}, false},
		"a password by mail": {func(user *account.User, login *account.Login, _ *account.Session) error {
			until := time.Now().Add(time.Hour)
			if err := s.AwaitReset(t.Context(), user.ID, login.Email, time.Time{}, account.MailedToken{Hash: []byte("h"), Until: until}); err != nil {
				return err
			}
			return s.ResetPassword(t.Context(), user, []byte("h"), "other", "")
		}, false},
		"being disowned": {func(user *account.User, login *account.Login, _ *account.Session) error {
			until := time.Now().Add(time.Hour)
			if err := s.AwaitVerification(t.Context(), user.ID, login.Email, account.MailedToken{Hash: []byte("h"), Until: until}); err != nil {
				return err
			}
			return s.DisownEmail(t.Context(), user, []byte("h"))
		}, false},
		"taking the account back": {func(user *account.User, login *account.Login, session *account.Session) error {
			if _, err := s.ChangePassword(t.Context(), user, login, session, "thief's", "password-changed"); err != nil {
				return err
			}
			var undos []account.Undo
			if err := db.Table(prefix+"undos").Get("userId", user.ID).All(t.Context(), &undos); err != nil {
				return err
			}
			return s.GoBack(t.Context(), &undos[0], "hers", "")
		}, false},
		"deletion": {func(user *account.User, _ *account.Login, _ *account.Session) error {
			_, err := s.DeleteUser(t.Context(), user.ID)
			return err
		}, false},
	} {
		n++
		user, session := signUp(t, s, fmt.Sprintf("user%d@example.com", n))
		login, err := s.Login(t.Context(), user.Email)
		if err != nil {
			t.Fatal(err)
		}
		token := newToken(t, s, user, name, "read:Note")
		if err := test.act(user, login, session); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantToken(t, s, token, test.isGood, name)
		if !test.isGood || name == "signing out by the operator" {
			continue
		}
		// What is made after that is as good, and goes on being.
		user, err = s.User(t.Context(), user.ID)
		if err != nil {
			t.Fatal(err)
		}
		later := newToken(t, s, user, "later", "read:Note")
		if login, err = s.Login(t.Context(), user.Email); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ChangePassword(t.Context(), user, login, session, "third", ""); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
		wantToken(t, s, later, true, "another password once more")
		wantToken(t, s, token, true, "another password once more")
		if _, err := s.SetPassword(t.Context(), user.Email, "fourth"); err != nil {
			t.Fatal(err)
		}
		wantToken(t, s, later, false, "the operator's")
	}
}

// TestTokenAfterOlderServer: an older server, which knows of no tokens, ends them with the sessions.
func TestTokenAfterOlderServer(t *testing.T) {
	s, db, prefix := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	token := newToken(t, s, user, "ci", "read:Note")
	if err := db.Table(prefix+"users").Update("id", user.ID).Add("sessionEpoch", 1).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantToken(t, s, token, false, "a new epoch")
	if err := s.CreateToken(t.Context(), user, &account.Token{ID: model.NewID(), Name: "late"}); !errors.Is(err, model.ErrConflict) {
		t.Errorf("a token of a user whose sessions have ended: %v", err)
	}
	if swept, err := s.SweepTokens(t.Context()); err != nil || swept != 1 {
		t.Errorf("swept %d, %v", swept, err)
	}
}

// TestSweepTokens: what a deletion that was cut has left goes, and nothing else.
func TestSweepTokens(t *testing.T) {
	s, db, prefix := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	eve, _ := signUp(t, s, "eve@example.com")
	kept := newToken(t, s, ada, "kept", "read:Note")
	for i := range account.MaxTokens {
		newToken(t, s, eve, fmt.Sprint(i), "read:Note")
	}
	if err := s.CreateToken(t.Context(), eve, &account.Token{ID: model.NewID(), Name: "one more"}); !errors.Is(err, account.ErrTooManyTokens) {
		t.Errorf("one more than a user may have: %v", err)
	}
	if err := db.Table(prefix+"users").Delete("id", eve.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{account.MaxTokens, 0} {
		if swept, err := s.SweepTokens(t.Context()); err != nil || swept != want {
			t.Errorf("swept %d, %v, want %d", swept, err, want)
		}
	}
	wantToken(t, s, kept, true, "the sweep")
}

// TestDeleteUserTakesTokens: nothing of them is left.
func TestDeleteUserTakesTokens(t *testing.T) {
	s, db, prefix := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	for i := range 30 {
		newToken(t, s, ada, fmt.Sprint(i), "read:Note")
	}
	if _, err := s.DeleteUser(t.Context(), ada.ID); err != nil {
		t.Fatal(err)
	}
	if count, err := db.Table(prefix + "tokens").Scan().Count(t.Context()); err != nil || count != 0 {
		t.Errorf("%d tokens are left, %v", count, err)
	}
}

package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// TestMaxSession wants a session to end so long after it was opened, however much it is used, and
// whatever an older server, or a wider limit, has written into it.
func TestMaxSession(t *testing.T) {
	const max, life = 10 * 24 * time.Hour, 30 * 24 * time.Hour
	s, db, prefix := open(t)
	s.LimitSessions(max)
	user, first := signUp(t, s, "ada@example.com")
	login, err := s.Login(t.Context(), "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	// opened returns a session that was opened so long ago, as it is kept.
	opened := func(ago time.Duration) *account.Session {
		session := account.NewSession(life, "test")
		session.CreatedAt = model.NewDateTime(time.Now().Add(-ago))
		session.Secret = []byte("secret")
		if err := s.OpenSession(t.Context(), login, session, account.NewAttemptKey("ada@example.com", "")); err != nil {
			t.Fatal(err)
		}
		return session
	}
	kept := func(id string) (session account.Session) {
		if err := db.Table(prefix+"sessions").Get("userId", user.ID).Range("id", dynamo.Equal, id).One(t.Context(), &session); err != nil {
			t.Fatal(err)
		}
		return session
	}
	wantEnd := func(what string, session *account.Session) {
		t.Helper()
		if end := session.CreatedAt.Time().Add(max).Unix(); kept(session.ID).TTL != end {
			t.Errorf("%s it ends at %d, want %d", what, kept(session.ID).TTL, end)
		}
	}

	old := opened(max - time.Hour)
	wantEnd("opened,", old)
	if err := s.ProlongSession(t.Context(), old, life); err != nil {
		t.Fatal(err)
	}
	wantEnd("prolonged,", old)
	if err := s.RenewSession(t.Context(), old, []byte("next"), life); err != nil {
		t.Fatal(err)
	}
	wantEnd("renewed,", old)
	if _, _, err := s.Session(t.Context(), user.ID, old.ID); err != nil {
		t.Errorf("an hour before its end: %v", err)
	}

	over := opened(max + time.Second)
	if err := db.Table(prefix+"sessions").Update("userId", user.ID).Range("id", over.ID).
		Set("ttl", time.Now().Add(life).Unix()).Run(t.Context()); err != nil { // as an older server does
		t.Fatal(err)
	}
	wantNoSession(t, s, user.ID, over.ID)
	found, err := s.SessionsByID(t.Context(), user, []string{first.ID, old.ID, over.ID})
	if err != nil || len(found) != 2 || found[over.ID] != nil {
		t.Errorf("found %v, %v; want all but that which is over", found, err)
	}
	list, err := s.Sessions(t.Context(), user.Caller(), user, model.Page{})
	if err != nil || len(list.Edges) != 2 {
		t.Errorf("listed %v, %v; want two", list, err)
	}
}

func TestEndSessions(t *testing.T) {
	s, _, _ := open(t)
	ada, session := signUp(t, s, "ada@example.com")
	eve, hers := signUp(t, s, "eve@example.com")
	id, err := s.EndSessions(t.Context(), "ada@example.com")
	if err != nil || id != ada.ID {
		t.Fatalf("%q, %v", id, err)
	}
	wantNoSession(t, s, ada.ID, session.ID)
	if _, _, err := s.Session(t.Context(), eve.ID, hers.ID); err != nil {
		t.Errorf("another's session: %v", err)
	}
	if login, err := s.Login(t.Context(), "ada@example.com"); err != nil || login.PasswordHash != "hash" {
		t.Errorf("the login is %v, %v", login, err)
	}
	if _, err := s.EndSessions(t.Context(), "nobody@example.com"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestRenewPasswordHash(t *testing.T) {
	s, _, _ := open(t)
	ada, session := signUp(t, s, "ada@example.com")
	login, err := s.Login(t.Context(), "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"new hash", "of another who was slower"} {
		if err := s.RenewPasswordHash(t.Context(), login, hash); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := s.Login(t.Context(), "ada@example.com"); err != nil || now.PasswordHash != "new hash" {
		t.Errorf("the login is %v, %v", now, err)
	}
	if _, _, err := s.Session(t.Context(), ada.ID, session.ID); err != nil {
		t.Errorf("the session: %v", err)
	}
}

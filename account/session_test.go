package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestSessionEnds(t *testing.T) {
	s, db, prefix := open(t)
	user, session := signUp(t, s, "ada@example.com")

	t.Run("when it is deleted", func(t *testing.T) {
		login, err := s.Login(t.Context(), "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		second := account.NewSession(time.Hour, "test")
		if err := s.OpenSession(t.Context(), login, second, account.NewAttemptKey("ada@example.com", "")); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteSession(t.Context(), user.ID, second.ID); err != nil {
			t.Fatal(err)
		}
		wantNoSession(t, s, user.ID, second.ID)
		if _, _, err := s.Session(t.Context(), user.ID, session.ID); err != nil {
			t.Errorf("the other session: %v", err)
		}
	})
	t.Run("when its time is over, swept or not", func(t *testing.T) {
		login, err := s.Login(t.Context(), "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		over := account.NewSession(-time.Second, "test")
		if err := s.OpenSession(t.Context(), login, over, account.NewAttemptKey("ada@example.com", "")); err != nil {
			t.Fatal(err)
		}
		wantNoSession(t, s, user.ID, over.ID)
	})
	t.Run("when it is another user's", func(t *testing.T) {
		eve, _ := signUp(t, s, "eve@example.com")
		wantNoSession(t, s, eve.ID, session.ID)
	})
	t.Run("when the user's epoch moves on", func(t *testing.T) {
		if err := db.Table(prefix+"users").Update("id", user.ID).Add("sessionEpoch", 1).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantNoSession(t, s, user.ID, session.ID)
	})
	t.Run("when the user is gone", func(t *testing.T) {
		if err := db.Table(prefix+"users").Delete("id", user.ID).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantNoSession(t, s, user.ID, session.ID)
	})
}

func wantNoSession(t *testing.T, s *account.Store, userID, id string) {
	t.Helper()
	if _, _, err := s.Session(t.Context(), userID, id); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

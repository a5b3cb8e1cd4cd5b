package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestCreateUser(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")

	if id, err := uuid.Parse(user.ID); err != nil || id.Version() != 7 {
		t.Errorf("id %q is no UUIDv7", user.ID)
	}
	gotUser, gotSession, err := s.Session(t.Context(), user.ID, session.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(user, gotUser, compareKept); diff != "" {
		t.Errorf("the user read back (-made +read):\n%s", diff)
	}
	if diff := cmp.Diff(session, gotSession, compareKept); diff != "" {
		t.Errorf("the session read back (-made +read):\n%s", diff)
	}
	login, err := s.Login(t.Context(), "ada@example.com")
	if err != nil || login.UserID != user.ID || login.PasswordHash != "hash" {
		t.Errorf("login %+v, %v", login, err)
	}
	if _, err := s.Login(t.Context(), "eve@example.com"); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("login of nobody: %v, want ErrNotFound", err)
	}
}

func TestCreateUserOfATakenEmailLeavesNothing(t *testing.T) {
	s, db, prefix := open(t)
	signUp(t, s, "ada@example.com")
	session := account.NewSession(time.Hour, "test")
	_, err := s.CreateUser(t.Context(), account.Signup{Email: "ada@example.com", FirstName: "Eve"}, session)
	if !errors.Is(err, account.ErrEmailTaken) || !errors.Is(err, model.ErrConflict) {
		t.Fatalf("%v, want ErrEmailTaken, an ErrConflict", err)
	}
	for _, table := range []string{"users", "sessions"} {
		if count, err := db.Table(prefix + table).Scan().Count(t.Context()); err != nil || count != 1 {
			t.Errorf("%d items in %s, %v; want 1", count, table, err)
		}
	}
}

func TestOneOfManyConcurrentSignupsWins(t *testing.T) {
	s, db, prefix := open(t)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		won  int
		errs []error
	)
	for range 16 {
		wg.Go(func() {
			_, err := s.CreateUser(t.Context(), account.Signup{Email: "ada@example.com", FirstName: "Ada"}, nil)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, account.ErrEmailTaken):
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	if won != 1 || len(errs) > 0 {
		t.Errorf("%d sign-ups won, want 1; the others had, beside conflicts, %v", won, errs)
	}
	if count, err := db.Table(prefix + "users").Scan().Count(t.Context()); err != nil || count != 1 {
		t.Errorf("%d users, %v; want 1", count, err)
	}
}

package model_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/store"
)

// open returns a store with its tables, under a prefix of its own, and the prefix.
func open(t testing.TB) (*store.Store, *dynamo.DB, string) {
	t.Helper()
	client := store.NewClient(t)
	prefix := "test-" + uuid.NewString() + "-"
	s := store.New(client, prefix)
	created, err := s.CreateTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db := dynamo.NewFromIface(client)
	t.Cleanup(func() {
		for _, name := range created {
			if err := db.Table(name).DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return s, db, prefix
}

func signUp(t testing.TB, s *store.Store, email string) (*store.User, *store.Session) {
	t.Helper()
	session := store.NewSession(time.Hour, "test")
	user, err := s.CreateUser(t.Context(), store.Signup{Email: email, PasswordHash: "hash", FirstName: "Ada"}, session)
	if err != nil {
		t.Fatal(err)
	}
	return user, session
}

var compareTimes = cmp.Comparer(func(a, b store.DateTime) bool { return a.String() == b.String() })

func TestCreateTables(t *testing.T) {
	s, db, prefix := open(t)
	names, err := db.ListTables().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, name := range names {
		have[name] = true
	}
	for _, name := range []string{"users", "logins", "sessions", "attempts", "uniques", "todos"} {
		if !have[prefix+name] {
			t.Errorf("no table %s among %q", prefix+name, names)
		}
	}
	for _, name := range []string{"sessions", "attempts"} {
		ttl, err := db.Table(prefix + name).DescribeTTL().Run(t.Context())
		if err != nil || ttl.Attribute != "ttl" || ttl.Status != dynamo.TTLEnabled && ttl.Status != dynamo.TTLEnabling {
			t.Errorf("time to live of %s: %+v, %v", name, ttl, err)
		}
	}
	created, err := s.CreateTables(t.Context())
	if err != nil || len(created) != 0 {
		t.Errorf("a second CreateTables created %q, %v", created, err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if err := store.New(store.NewClient(t), "no-such-").Ready(t.Context()); err == nil {
		t.Error("ready without tables")
	}
}

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
	if diff := cmp.Diff(user, gotUser, compareTimes); diff != "" {
		t.Errorf("the user read back (-made +read):\n%s", diff)
	}
	if diff := cmp.Diff(session, gotSession, compareTimes); diff != "" {
		t.Errorf("the session read back (-made +read):\n%s", diff)
	}
	login, err := s.Login(t.Context(), "ada@example.com")
	if err != nil || login.UserID != user.ID || login.PasswordHash != "hash" {
		t.Errorf("login %+v, %v", login, err)
	}
	if _, err := s.Login(t.Context(), "eve@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("login of nobody: %v, want ErrNotFound", err)
	}
}

func TestCreateUserOfATakenEmailLeavesNothing(t *testing.T) {
	s, db, prefix := open(t)
	signUp(t, s, "ada@example.com")
	session := store.NewSession(time.Hour, "test")
	_, err := s.CreateUser(t.Context(), store.Signup{Email: "ada@example.com", FirstName: "Eve"}, session)
	if !errors.Is(err, store.ErrConflict) {
		t.Fatalf("%v, want ErrConflict", err)
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
			_, err := s.CreateUser(t.Context(), store.Signup{Email: "ada@example.com", FirstName: "Ada"}, nil)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, store.ErrConflict):
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

func TestSessionEnds(t *testing.T) {
	s, db, prefix := open(t)
	user, session := signUp(t, s, "ada@example.com")

	t.Run("when it is deleted", func(t *testing.T) {
		login, err := s.Login(t.Context(), "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		second := store.NewSession(time.Hour, "test")
		if err := s.OpenSession(t.Context(), login, second, store.NewAttemptKey("ada@example.com", "")); err != nil {
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
		over := store.NewSession(-time.Second, "test")
		if err := s.OpenSession(t.Context(), login, over, store.NewAttemptKey("ada@example.com", "")); err != nil {
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

func wantNoSession(t *testing.T, s *store.Store, userID, id string) {
	t.Helper()
	if _, _, err := s.Session(t.Context(), userID, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

func TestUpdateUser(t *testing.T) {
	s, db, prefix := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	name, empty := "Augusta", ""

	// What another version of ownql knows of a user stays.
	if err := db.Table(prefix+"users").Update("id", user.ID).Set("shoeSize", 38).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := 1
	got, err := s.UpdateUser(t.Context(), user.Caller(), user.ID, store.UserUpdate{FirstName: &name, LastName: &empty, ExpectedVersion: &one})
	if err != nil {
		t.Fatal(err)
	}
	want := *user
	want.FirstName, want.Version, want.UpdatedAt = name, 2, got.UpdatedAt
	if diff := cmp.Diff(&want, got, compareTimes); diff != "" {
		t.Errorf("the user after the change (-want +got):\n%s", diff)
	}
	var item map[string]any
	if err := db.Table(prefix+"users").Get("id", user.ID).One(t.Context(), &item); err != nil || fmt.Sprint(item["shoeSize"]) != "38" {
		t.Errorf("shoeSize is %v, %v; want 38", item["shoeSize"], err)
	}

	same, err := s.UpdateUser(t.Context(), user.Caller(), user.ID, store.UserUpdate{})
	if err != nil || same.Version != 2 || same.UpdatedAt != got.UpdatedAt {
		t.Errorf("a change of nothing gives %+v, %v; want what there was", same, err)
	}
	if _, err := s.UpdateUser(t.Context(), store.Caller{ID: aUserID}, aUserID, store.UserUpdate{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a change of nobody: %v, want ErrNotFound", err)
	}

	_, err = s.UpdateUser(t.Context(), user.Caller(), user.ID, store.UserUpdate{FirstName: &name, ExpectedVersion: &one})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("a change of the first version: %v, want ErrConflict", err)
	}
	for _, caller := range []store.Caller{{}, {ID: store.NewID()}} {
		if _, err := s.UpdateUser(t.Context(), caller, user.ID, store.UserUpdate{FirstName: &name}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a change by %+v: %v, want ErrNotFound", caller, err)
		}
	}
}

func TestUsersByID(t *testing.T) {
	s, _, _ := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	eve, _ := signUp(t, s, "eve@example.com")
	ids := []string{eve.ID, ada.ID, ada.ID, store.NewID()}
	got, err := s.UsersByID(t.Context(), ada.Caller(), ids)
	if err != nil || len(got) != 1 || got[ada.ID] == nil || got[ada.ID].Email != "ada@example.com" {
		t.Errorf("ada sees %v, %v; want herself alone", got, err)
	}
	if got, err := s.UsersByID(t.Context(), store.Caller{}, ids); err != nil || len(got) != 0 {
		t.Errorf("nobody sees %v, %v; want nothing", got, err)
	}
	if got, err := s.UsersByID(t.Context(), store.Caller{ID: ids[3]}, ids); err != nil || len(got) != 0 {
		t.Errorf("a user who is gone sees %v, %v; want nothing", got, err)
	}
}

func TestReserveAttempt(t *testing.T) {
	s, db, prefix := open(t)
	account := store.NewAttemptKey("ada@example.com", "")
	allowed := 0
	var limit *store.TooManyAttemptsError
	for range 110 {
		_, err := s.ReserveAttempt(t.Context(), account)
		if err == nil {
			allowed++
		} else if !errors.As(err, &limit) {
			t.Fatal(err)
		}
	}
	if allowed != 100 {
		t.Errorf("%d attempts were allowed, want 100", allowed)
	}
	if limit.RetryAfter < time.Minute || limit.RetryAfter > time.Hour {
		t.Errorf("retry after %v, want at most an hour", limit.RetryAfter)
	}
	if _, err := s.ReserveAttempt(t.Context(), store.NewAttemptKey("eve@example.com", "")); err != nil {
		t.Errorf("another account: %v", err)
	}
	if _, err := s.ReserveAttempt(t.Context(), store.NewAttemptKey("ada@example.com", "session")); err != nil {
		t.Errorf("the same account from a live session: %v", err)
	}

	// The window's end, not the sweep, opens the account again, for a hundred more.
	past := time.Now().Add(-time.Minute).Unix()
	if err := db.Table(prefix+"attempts").Update("id", account).Set("ttl", past).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	allowed = 0
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), account); err == nil {
			allowed++
		}
	}
	if allowed != 100 {
		t.Errorf("%d attempts were allowed in the next window, want 100", allowed)
	}

	// A success opens it too.
	user, _ := signUp(t, s, "ada@example.com")
	if err := s.OpenSession(t.Context(), &store.Login{UserID: user.ID}, store.NewSession(time.Hour, ""), account); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReserveAttempt(t.Context(), account); err != nil {
		t.Errorf("after a success: %v", err)
	}
}

// TestFailAttempt fails one sign-in after another, and goes back in time where it would
// have to wait.
func TestFailAttempt(t *testing.T) {
	s, db, prefix := open(t)
	account := store.NewAttemptKey("ada@example.com", "")
	var waits []time.Duration
	for range 100 {
		counted, err := s.ReserveAttempt(t.Context(), account)
		if tooMany := new(store.TooManyAttemptsError); errors.As(err, &tooMany) {
			waits = append(waits, tooMany.RetryAfter.Round(time.Second))
			if _, err := s.ReserveAttempt(t.Context(), account); !errors.As(err, &tooMany) {
				t.Fatalf("once more: %v, want to have to wait", err)
			}
			past := store.NewDateTime(time.Now().Add(-time.Second))
			if err := db.Table(prefix+"attempts").Update("id", account).Set("retryAt", past).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			counted, err = s.ReserveAttempt(t.Context(), account)
			if err != nil {
				t.Fatal(err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if err := s.FailAttempt(t.Context(), account, counted); err != nil {
			t.Fatal(err)
		}
	}
	want := []time.Duration{5, 10, 20, 40, 80, 160, 300, 300, 300, 300}
	for i := range want {
		want[i] *= time.Second
	}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Errorf("waits after the 90th of 100 failures (-want +got):\n%s", diff)
	}

	// The window's end ends the wait.
	past := time.Now().Add(-time.Minute).Unix()
	if err := db.Table(prefix+"attempts").Update("id", account).Set("ttl", past).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for want := 1; want <= 2; want++ {
		if counted, err := s.ReserveAttempt(t.Context(), account); err != nil || counted != want {
			t.Errorf("attempt %d of the next window: %d, %v", want, counted, err)
		}
	}

	// A success ends it, and a failure that began before the success does not bring it back.
	if err := s.FailAttempt(t.Context(), account, 90); err != nil {
		t.Fatal(err)
	}
	tooMany := new(store.TooManyAttemptsError)
	if _, err := s.ReserveAttempt(t.Context(), account); !errors.As(err, &tooMany) {
		t.Errorf("%v, want to have to wait", err)
	}
	if err := s.ForgetAttempts(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	if err := s.FailAttempt(t.Context(), account, 91); err != nil {
		t.Fatal(err)
	}
	if counted, err := s.ReserveAttempt(t.Context(), account); err != nil || counted != 1 {
		t.Errorf("after a success: %d, %v; want 1", counted, err)
	}
}

// TestSimultaneousSignInsDoNotWait has a hundred servers check a password at once, of
// which none has been found wrong so far.
func TestSimultaneousSignInsDoNotWait(t *testing.T) {
	s, _, _ := open(t)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, err := s.ReserveAttempt(t.Context(), store.NewAttemptKey("ada@example.com", "")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestReturnAttempt(t *testing.T) {
	s, _, _ := open(t)
	account := store.NewAttemptKey("ada@example.com", "")
	for range 2 { // without an attempt there is nothing to return
		if err := s.ReturnAttempt(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		if err := s.ReturnAttempt(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	allowed := 0
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), account); err == nil {
			allowed++
		}
	}
	if allowed != 100 {
		t.Errorf("%d attempts were allowed after others were returned, want 100", allowed)
	}
}

func TestConcurrentAttemptsDoNotPassTheLimit(t *testing.T) {
	s, _, _ := open(t)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		allowed int
	)
	for range 16 {
		wg.Go(func() {
			for range 10 {
				if _, err := s.ReserveAttempt(t.Context(), store.NewAttemptKey("ada@example.com", "")); err == nil {
					mu.Lock()
					allowed++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if allowed != 100 {
		t.Errorf("%d of 160 concurrent attempts were allowed, want 100", allowed)
	}
}

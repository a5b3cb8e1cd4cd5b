package account_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// waitOf returns how long an ErrTooManyAttempts has one wait.
func waitOf(t *testing.T, err error) time.Duration {
	t.Helper()
	told := new(model.Error)
	if !errors.Is(err, account.ErrTooManyAttempts) || !errors.As(err, &told) || told.Code != model.CodeRateLimited {
		t.Fatalf("%v, want ErrTooManyAttempts", err)
	}
	return told.RetryAfter
}

func TestReserveAttempt(t *testing.T) {
	s, db, prefix := open(t)
	key := account.NewAttemptKey("ada@example.com", "")
	allowed := 0
	var wait time.Duration
	for range 110 {
		_, err := s.ReserveAttempt(t.Context(), key)
		if err == nil {
			allowed++
		} else {
			wait = waitOf(t, err)
		}
	}
	if allowed != 100 {
		t.Errorf("%d attempts were allowed, want 100", allowed)
	}
	if wait < time.Minute || wait > time.Hour {
		t.Errorf("retry after %v, want at most an hour", wait)
	}
	if _, err := s.ReserveAttempt(t.Context(), account.NewAttemptKey("eve@example.com", "")); err != nil {
		t.Errorf("another account: %v", err)
	}
	if _, err := s.ReserveAttempt(t.Context(), account.NewAttemptKey("ada@example.com", "session")); err != nil {
		t.Errorf("the same account from a live session: %v", err)
	}

	// The window's end, not the sweep, opens the account again, for a hundred more.
	past := time.Now().Add(-time.Minute).Unix()
	if err := db.Table(prefix+"attempts").Update("id", key).Set("ttl", past).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	allowed = 0
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), key); err == nil {
			allowed++
		}
	}
	if allowed != 100 {
		t.Errorf("%d attempts were allowed in the next window, want 100", allowed)
	}

	// A success opens it too.
	user, _ := signUp(t, s, "ada@example.com")
	if err := s.OpenSession(t.Context(), &account.Login{UserID: user.ID}, account.NewSession(time.Hour, ""), key); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReserveAttempt(t.Context(), key); err != nil {
		t.Errorf("after a success: %v", err)
	}
}

// TestFailAttempt fails one sign-in after another, and goes back in time where it would
// have to wait.
func TestFailAttempt(t *testing.T) {
	s, db, prefix := open(t)
	key := account.NewAttemptKey("ada@example.com", "")
	var waits []time.Duration
	for range 100 {
		counted, err := s.ReserveAttempt(t.Context(), key)
		if errors.Is(err, account.ErrTooManyAttempts) {
			waits = append(waits, waitOf(t, err).Round(time.Second))
			if _, err := s.ReserveAttempt(t.Context(), key); !errors.Is(err, account.ErrTooManyAttempts) {
				t.Fatalf("once more: %v, want to have to wait", err)
			}
			past := model.NewDateTime(time.Now().Add(-time.Second))
			if err := db.Table(prefix+"attempts").Update("id", key).Set("retryAt", past).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			counted, err = s.ReserveAttempt(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		if err := s.FailAttempt(t.Context(), key, counted); err != nil {
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
	if err := db.Table(prefix+"attempts").Update("id", key).Set("ttl", past).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for want := 1; want <= 2; want++ {
		if counted, err := s.ReserveAttempt(t.Context(), key); err != nil || counted != want {
			t.Errorf("attempt %d of the next window: %d, %v", want, counted, err)
		}
	}

	// A success ends it, and a failure that began before the success does not bring it back.
	if err := s.FailAttempt(t.Context(), key, 90); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReserveAttempt(t.Context(), key); !errors.Is(err, account.ErrTooManyAttempts) {
		t.Errorf("%v, want to have to wait", err)
	}
	if err := s.ForgetAttempts(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := s.FailAttempt(t.Context(), key, 91); err != nil {
		t.Fatal(err)
	}
	if counted, err := s.ReserveAttempt(t.Context(), key); err != nil || counted != 1 {
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
			if _, err := s.ReserveAttempt(t.Context(), account.NewAttemptKey("ada@example.com", "")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestReturnAttempt(t *testing.T) {
	s, _, _ := open(t)
	key := account.NewAttemptKey("ada@example.com", "")
	for range 2 { // without an attempt there is nothing to return
		if err := s.ReturnAttempt(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if err := s.ReturnAttempt(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	allowed := 0
	for range 110 {
		if _, err := s.ReserveAttempt(t.Context(), key); err == nil {
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
				if _, err := s.ReserveAttempt(t.Context(), account.NewAttemptKey("ada@example.com", "")); err == nil {
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

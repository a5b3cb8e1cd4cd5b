package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// token is a mailed token of that hash that is good for life from now on.
func token(hash string, life time.Duration) account.MailedToken {
	return account.MailedToken{Hash: []byte(hash), Until: time.Now().Add(life)}
}

// awaitReset keeps a token in the place of the one before.
func awaitReset(t *testing.T, s *account.Store, userID, email string, token account.MailedToken) error {
	t.Helper()
	former, err := s.ResetUntil(t.Context(), userID)
	if err != nil {
		t.Fatal(err)
	}
	return s.AwaitReset(t.Context(), userID, email, former, token)
}

func TestVerifyEmail(t *testing.T) {
	s, _, _ := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	other, _ := signUp(t, s, "eve@example.com")
	await := func(hash string, life time.Duration) {
		t.Helper()
		if err := s.AwaitVerification(t.Context(), user.ID, user.Email, token(hash, life)); err != nil {
			t.Fatal(err)
		}
	}
	refuse := func(what, userID, hash string) {
		t.Helper()
		if err := s.VerifyEmail(t.Context(), userID, []byte(hash)); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	refuse("no token was mailed", user.ID, "first")
	refuse("nobody's token", model.NewID(), "first")
	await("first", -time.Second)
	refuse("a token whose time is over", user.ID, "first")
	await("second", time.Hour)
	refuse("a token that a newer one replaced", user.ID, "first")
	refuse("another user's token", other.ID, "second")
	if got, until, err := s.Verification(t.Context(), user.ID); err != nil || got.EmailVerified || time.Until(until) < 59*time.Minute {
		t.Errorf("before: %+v until %s, %v", got, until, err)
	}
	if err := s.VerifyEmail(t.Context(), user.ID, []byte("second")); err != nil {
		t.Fatal(err)
	}
	refuse("a used token", user.ID, "second")
	if got, until, err := s.Verification(t.Context(), user.ID); err != nil || !got.EmailVerified || got.Version != 2 || !until.IsZero() {
		t.Errorf("after: %+v until %s, %v", got, until, err)
	}
	if got, _, err := s.Verification(t.Context(), other.ID); err != nil || got.EmailVerified {
		t.Errorf("the other user: %+v, %v", got, err)
	}
	if err := s.AwaitVerification(t.Context(), user.ID, user.Email, token("third", time.Hour)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("await what is verified: %v, want ErrNotFound", err)
	}
	if err := s.AwaitVerification(t.Context(), other.ID, "old@example.com", token("third", time.Hour)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("await the proof of an email that the user has no more: %v, want ErrNotFound", err)
	}
}

// TestDisownEmail holds that whoever disowns an address may do so again until the account is deleted:
// that comes after it, and may fail.
func TestDisownEmail(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")
	if err := s.AwaitVerification(t.Context(), user.ID, user.Email, token("mailed", time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.DisownEmail(t.Context(), user, []byte("other")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("another token: %v, want ErrNotFound", err)
	}
	for _, try := range []string{"once", "again"} {
		got, email, err := s.UserToVerify(t.Context(), user.ID, []byte("mailed"))
		if err != nil || email != user.Email {
			t.Fatalf("%s: %q, %v", try, email, err)
		}
		if err := s.DisownEmail(t.Context(), got, []byte("mailed")); err != nil {
			t.Fatalf("%s: %v", try, err)
		}
		if _, _, err := s.Session(t.Context(), user.ID, session.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s: the session: %v, want ErrNotFound", try, err)
		}
	}
	if _, err := s.DeleteUser(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DisownEmail(t.Context(), user, []byte("mailed")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("after the deletion: %v, want ErrNotFound", err)
	}
}

func TestResetPassword(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")
	await := func(hash string, life time.Duration) {
		t.Helper()
		if err := awaitReset(t, s, user.ID, user.Email, token(hash, life)); err != nil {
			t.Fatal(err)
		}
	}
	refuse := func(what, hash string) {
		t.Helper()
		if _, err := s.UserToReset(t.Context(), user.ID, []byte(hash)); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("look up %s: %v, want ErrNotFound", what, err)
		}
		if err := s.ResetPassword(t.Context(), user, []byte(hash), "stolen", ""); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("use %s: %v, want ErrNotFound", what, err)
		}
	}
	refuse("no token", "")
	await("first", -time.Second)
	refuse("a token whose time is over", "first")
	await("second", time.Hour)
	refuse("a token that a newer one replaced", "first")
	if err := awaitReset(t, s, user.ID, "old@example.com", token("third", time.Hour)); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("await a reset by an email that the user has no more: %v, want ErrNotFound", err)
	}
	if err := s.AwaitVerification(t.Context(), user.ID, user.Email, token("verify", time.Hour)); err != nil {
		t.Fatal(err)
	}

	found, err := s.UserToReset(t.Context(), user.ID, []byte("second"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ResetPassword(t.Context(), found, []byte("second"), "new hash", ""); err != nil {
		t.Fatal(err)
	}
	refuse("a used token", "second")
	if err := s.VerifyEmail(t.Context(), user.ID, []byte("verify")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the token of an earlier mail: %v, want ErrNotFound", err)
	}
	if _, _, err := s.Session(t.Context(), user.ID, session.ID); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("the session from before: %v, want ErrNotFound", err)
	}
	login, err := s.Login(t.Context(), user.Email)
	if err != nil || login.PasswordHash != "new hash" {
		t.Errorf("login %+v, %v", login, err)
	}
	// One that signs in now is of the new epoch.
	next := account.NewSession(time.Hour, "test")
	if err := s.OpenSession(t.Context(), login, next, account.NewAttemptKey(user.Email, "")); err != nil {
		t.Fatal(err)
	}
	if got, _, err := s.Session(t.Context(), user.ID, next.ID); err != nil || !got.EmailVerified || got.Version != 2 {
		t.Errorf("the session after it is of %+v, %v", got, err)
	}
}

// Another password ends the mails that set one; another email ends all.
func TestChangesEndWhatWasMailed(t *testing.T) {
	s, _, _ := open(t)
	user, session := signUp(t, s, "ada@example.com")
	mail := func() {
		t.Helper()
		if err := awaitReset(t, s, user.ID, user.Email, token("reset", time.Hour)); err != nil {
			t.Fatal(err)
		}
		if err := s.AwaitVerification(t.Context(), user.ID, user.Email, token("verify", time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	login := func() *account.Login {
		t.Helper()
		login, err := s.Login(t.Context(), user.Email)
		if err != nil {
			t.Fatal(err)
		}
		return login
	}
	mail()
	if _, err := s.ChangePassword(t.Context(), user, login(), session, "new hash", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UserToReset(t.Context(), user.ID, []byte("reset")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a reset after another password: %v, want ErrNotFound", err)
	}
	if err := s.VerifyEmail(t.Context(), user.ID, []byte("verify")); err != nil {
		t.Errorf("a verification after another password: %v", err)
	}
	user, _, err := s.Verification(t.Context(), user.ID)
	if err != nil || !user.EmailVerified {
		t.Fatalf("%+v, %v", user, err)
	}

	if user, err = s.ChangeEmail(t.Context(), user, login(), "countess@example.com"); err != nil || user.EmailVerified {
		t.Fatalf("%+v, %v", user, err)
	}
	if read, _, err := s.Verification(t.Context(), user.ID); err != nil || read.EmailVerified {
		t.Errorf("after another email: %+v, %v", read, err)
	}
	mail()
	if user, err = s.ChangeEmail(t.Context(), user, login(), "ada@example.com"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UserToReset(t.Context(), user.ID, []byte("reset")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a reset after another email: %v, want ErrNotFound", err)
	}
	if err := s.VerifyEmail(t.Context(), user.ID, []byte("verify")); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a verification after another email: %v, want ErrNotFound", err)
	}
}

// A token outlives no account: neither user nor login come back by it.
func TestResetPasswordOfADeletedAccount(t *testing.T) {
	s, db, prefix := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	if err := awaitReset(t, s, user.ID, user.Email, token("token", time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteUser(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.ResetPassword(t.Context(), user, []byte("token"), "new hash", ""); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
	for _, table := range []string{"users", "logins"} {
		if count, err := db.Table(prefix + table).Scan().Count(t.Context()); err != nil || count != 0 {
			t.Errorf("%d items in %s, %v; want none", count, table, err)
		}
	}
}

// A token that was looked up by two requests at once is used by one.
func TestResetPasswordOnce(t *testing.T) {
	s, _, _ := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	if err := awaitReset(t, s, user.ID, user.Email, token("token", time.Hour)); err != nil {
		t.Fatal(err)
	}
	results := make(chan error)
	for range 8 {
		go func() { results <- s.ResetPassword(t.Context(), user, []byte("token"), "new hash", "") }()
	}
	done := 0
	for range 8 {
		switch err := <-results; {
		case err == nil:
			done++
		case !errors.Is(err, model.ErrNotFound) && !model.IsUnavailable(err):
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d of 8 used the token, want 1", done)
	}
}

func TestReserveMail(t *testing.T) {
	s, _, _ := open(t)
	key := account.NewAttemptKey("ada@example.com", "reset-password")
	for range 5 {
		if err := s.ReserveMail(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if wait := waitOf(t, s.ReserveMail(t.Context(), key)); wait > time.Hour {
		t.Errorf("the sixth has to wait %s, want at most an hour", wait)
	}
	if err := s.ReserveMail(t.Context(), account.NewAttemptKey("ada@example.com", "verify-email")); err != nil {
		t.Errorf("a mail of another kind: %v", err)
	}
	if _, err := s.ReserveAttempt(t.Context(), account.NewAttemptKey("ada@example.com", "")); err != nil {
		t.Errorf("a sign-in: %v", err)
	}
}

// Package auth finds out who is asking: passwords, tokens, sessions, the REST routes
// that open and end a session, and the middleware that puts the user into the
// context of every other request.
package auth

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ownql/ownql/store"
)

// maxNameLength bounds firstName and lastName, in characters.
const maxNameLength = 100

// signupRetry is how long a sign-up of an email that is taken may still be the
// repetition, with the same password, of a sign-up whose answer was lost.
const signupRetry = 10 * time.Minute

// Accounts makes accounts and opens their sessions.
type Accounts struct {
	Store         *store.Store
	Passwords     *Passwords
	Issuer        *Issuer
	Authenticator *Authenticator
	SignupClosed  bool
}

// NewAccount is what an account is made of, as it was typed.
type NewAccount struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Create makes an account, with a first session where that is not nil.
// Errors: *InputError, ErrEmailTaken, *BusyError.
func (a *Accounts) Create(ctx context.Context, account NewAccount, session *store.Session) (*store.User, error) {
	signup, err := account.check()
	if err != nil {
		return nil, err
	}
	if signup.PasswordHash, err = a.Passwords.Hash(ctx, account.Password); err != nil {
		return nil, err
	}
	user, err := a.Store.CreateUser(ctx, signup, session)
	if errors.Is(err, store.ErrConflict) {
		return nil, ErrEmailTaken
	}
	return user, err
}

func (account NewAccount) check() (signup store.Signup, err error) {
	if signup.Email, err = CanonicalEmail(account.Email); err != nil {
		return signup, err
	}
	if err = checkNewPassword(account.Password, signup.Email); err != nil {
		return signup, err
	}
	if signup.FirstName, err = CheckName("firstName", account.FirstName, 1); err != nil {
		return signup, err
	}
	signup.LastName, err = CheckName("lastName", account.LastName, 0)
	return signup, err
}

// CheckName returns a name without the spaces around it. An *InputError for field:
// it has fewer than least or more than 100 characters, or control characters.
func CheckName(field, name string, least int) (string, error) {
	name = strings.TrimSpace(name)
	length := utf8.RuneCountInString(name)
	switch {
	case length < least:
		return "", &InputError{field, "a " + field + " is required"}
	case length > maxNameLength:
		return "", &InputError{field, "a " + field + " has at most 100 characters"}
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", &InputError{field, "a " + field + " has no control characters"}
	}
	return name, nil
}

// signUp makes an account and opens its first session. Where the email is taken by
// an account made moments ago with this very password, it is that account's owner,
// who lost the first answer, and gets a session likewise.
func (a *Accounts) signUp(ctx context.Context, account NewAccount, session *store.Session) error {
	if a.SignupClosed {
		return ErrSignupClosed
	}
	_, err := a.Create(ctx, account, session)
	if !errors.Is(err, ErrEmailTaken) {
		return err
	}
	taken := err
	email, err := CanonicalEmail(account.Email)
	if err != nil {
		return err
	}
	login, err := a.Store.Login(ctx, email)
	if errors.Is(err, store.ErrNotFound) || err == nil && time.Since(login.CreatedAt.Time()) > signupRetry {
		return taken
	}
	if err != nil {
		return err
	}
	err = a.logIn(ctx, email, account.Password, store.NewAccount(email, ""), session)
	if errors.Is(err, ErrCredentials) {
		return taken
	}
	return err
}

// logIn opens session for whoever has this canonical email and password. The work is
// the same for an email that nobody has. Errors: ErrCredentials, *BusyError,
// *store.TooManyAttemptsError.
func (a *Accounts) logIn(ctx context.Context, email, password string, account store.Account, session *store.Session) error {
	if err := a.Store.ReserveAttempt(ctx, account); err != nil {
		return err
	}
	login, err := a.Store.Login(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		login, err = &store.Login{}, nil
	}
	if err != nil {
		return err
	}
	matches, err := a.Passwords.Matches(ctx, login.PasswordHash, password)
	if err != nil {
		return err
	}
	if !matches {
		return ErrCredentials
	}
	return a.Store.OpenSession(ctx, login, session, account)
}

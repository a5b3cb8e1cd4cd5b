// Package auth finds out who is asking: passwords, tokens, sessions, the REST routes
// that open and end a session, and the middleware that puts the user into the
// context of every other request.
package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// maxNameLength bounds firstName and lastName, in characters.
const maxNameLength = 100

// signupRetry is how long a sign-up of an email that is taken may still be the
// repetition, with the same password, of a sign-up whose answer was lost.
const signupRetry = 10 * time.Minute

// Accounts makes accounts and opens their sessions.
type Accounts struct {
	store        *account.Store
	passwords    *Passwords
	post         *Post
	record       *audit.Log
	needVerified bool
	hooks        Hooks

	undos         undoTokens       // of notices
	invitations   invitationTokens // of their mails
	confirmations *RateLimit       // of passwords that who is signed in gives once more, by address; nil: no limit
}

// NewAccounts returns the accounts that s keeps, whose users hear of them by post; record, which
// may be nil, has what matters about them. With needVerified, nobody signs in before the email is
// verified.
func NewAccounts(s *account.Store, passwords *Passwords, post *Post, record *audit.Log, needVerified bool, hooks Hooks) *Accounts {
	return &Accounts{store: s, passwords: passwords, post: post, record: record, needVerified: needVerified, hooks: hooks}
}

// SignupInput is what an account is made of, as it was typed.
type SignupInput struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`

	Roles  []string   `json:"-"` // which the operator gives, and nobody to themselves
	Client netip.Addr `json:"-"` // whom it comes from; the zero Addr: the operator

	isVerified bool // so is the email
}

// Create makes an account, with a first session where that is not nil.
// Errors: code BAD_USER_INPUT, account.ErrEmailTaken, web.Busy.
func (a *Accounts) Create(ctx context.Context, input SignupInput, session *account.Session) (*account.User, error) {
	signup, err := input.check(a.post.site())
	if err != nil {
		return nil, err
	}
	if signup.PasswordHash, err = a.passwords.Hash(ctx, asker{signup.Email, input.Client}, input.Password); err != nil {
		return nil, err
	}
	user, err := a.store.CreateUser(ctx, signup, session)
	if err != nil {
		return nil, err
	}
	a.record.Write(ctx, audit.Event{Name: audit.UserCreated, UserID: user.ID, Account: user.Email, To: strings.Join(user.Roles, ",")})
	runHook(ctx, "sign-up", a.hooks.SignedUp, user)
	return user, nil
}

// Remove deletes a user, with all sessions and all that the user owns: see
// [account.Store.DeleteUser], which tells whether all that is gone already.
func (a *Accounts) Remove(ctx context.Context, user *account.User) (isComplete bool, err error) {
	return a.remove(ctx, user, a.store.DeleteUser)
}

// ForceRemove is Remove by [account.Store.ForceDeleteUser].
func (a *Accounts) ForceRemove(ctx context.Context, user *account.User) (isComplete bool, err error) {
	return a.remove(ctx, user, a.store.ForceDeleteUser)
}

func (a *Accounts) remove(ctx context.Context, user *account.User, deleteUser func(context.Context, string) (bool, error)) (isComplete bool, err error) {
	isComplete, err = deleteUser(ctx, user.ID)
	if err == nil {
		a.record.Write(ctx, audit.Event{Name: audit.UserDeleted, UserID: user.ID, Account: user.Email})
		runHook(ctx, "deletion", a.hooks.Deleted, user)
	}
	return isComplete, err
}

// hookTimeout is how long a hook of an account may take.
const hookTimeout = 10 * time.Second

// runHook calls a hook of an account, if there is one. What has been done stays done, so the hook
// runs though the client has gone, and whatever comes of it is for the log.
func runHook(ctx context.Context, of string, hook func(context.Context, *account.User) error, user *account.User) {
	if hook == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTimeout)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			slog.ErrorContext(ctx, "panic", "value", value, "of", of, "user", user.ID, "stack", string(debug.Stack()))
		}
	}()
	if err := hook(ctx, user); err != nil {
		slog.ErrorContext(ctx, "the hook of an account failed", "of", of, "user", user.ID, "err", err)
	}
}

// check returns what is to be kept. site is the server's host. Code BAD_USER_INPUT.
func (input SignupInput) check(site string) (signup account.Signup, err error) {
	if signup.Email, err = account.CanonicalEmail(input.Email); err != nil {
		return signup, err
	}
	if signup.FirstName, err = CheckName("firstName", input.FirstName, 1); err != nil {
		return signup, err
	}
	if signup.LastName, err = CheckName("lastName", input.LastName, 0); err != nil {
		return signup, err
	}
	about := owner{signup.Email, []string{signup.FirstName, signup.LastName}, site}
	if err = checkNewPassword("password", input.Password, about); err != nil {
		return signup, err
	}
	for _, role := range input.Roles {
		if err = CheckRole(role); err != nil {
			return signup, err
		}
	}
	signup.Roles, signup.EmailVerified = input.Roles, input.isVerified
	return signup, nil
}

// ownerOf returns what anyone knows about a user whose password is to be another.
func (a *Accounts) ownerOf(user *account.User) owner {
	return owner{user.Email, []string{user.FirstName, user.LastName}, a.post.site()}
}

// SetPassword gives the account of this canonical email another password, ends the
// user's sessions, and forgets the guesses at the old one. Errors: code BAD_USER_INPUT,
// model.ErrNotFound, web.Busy.
func (a *Accounts) SetPassword(ctx context.Context, email, password string) error {
	login, err := a.store.Login(ctx, email)
	if err != nil {
		return err
	}
	user, err := a.store.User(ctx, login.UserID)
	if err != nil {
		return err
	}
	if err := checkNewPassword("password", password, a.ownerOf(user)); err != nil {
		return err
	}
	hash, err := a.passwords.Hash(ctx, asker{account: email}, password)
	if err != nil {
		return err
	}
	userID, err := a.store.SetPassword(ctx, email, hash)
	if err != nil {
		return err
	}
	a.record.Write(ctx, audit.Event{Name: audit.PasswordChanged, UserID: userID, Account: email, Method: "operator"})
	return a.store.ForgetAttempts(ctx, account.NewAttemptKey(email, ""))
}

// SignOutEverywhere ends all sessions of the account of this canonical email. model.ErrNotFound:
// there is none.
func (a *Accounts) SignOutEverywhere(ctx context.Context, email string) error {
	userID, err := a.store.EndSessions(ctx, email)
	if err != nil {
		return err
	}
	a.record.Write(ctx, audit.Event{Name: audit.SessionsEnded, UserID: userID, Account: email, Reason: "signed out by the operator"})
	return nil
}

// CheckName returns a name without the spaces around it. Code BAD_USER_INPUT for field:
// it has fewer than least or more than 100 characters, or invisible ones.
func CheckName(field, name string, least int) (string, error) {
	name = strings.TrimSpace(name)
	length := utf8.RuneCountInString(name)
	switch {
	case length < least:
		return "", model.BadInput(field, "a "+field+" is required")
	case length > maxNameLength:
		return "", model.BadInput(field, "a "+field+" has at most 100 characters")
	case strings.ContainsFunc(name, isInvisible):
		return "", model.BadInput(field, "a "+field+" has no invisible characters")
	}
	return name, nil
}

// isInvisible finds control characters and those that change how others are shown, such
// as zero-width and right-to-left ones, but for the joiners that scripts and emoji need.
func isInvisible(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != zeroWidthNonJoiner && r != zeroWidthJoiner
}

// SignUp makes an account, mails the link that verifies its email, and opens its first
// session. Where the email is taken by an account made moments ago with this very
// password, it is that account's owner, who lost the first answer, and gets a session
// likewise, within the same bound of guesses.
// Errors: those of Create and LogIn; ErrUnverified: the account is made.
func (a *Accounts) SignUp(ctx context.Context, input SignupInput, session *account.Session) error {
	first := session
	if a.needVerified {
		first = nil
	}
	user, taken := a.Create(ctx, input, first)
	if taken == nil {
		a.post.Welcome(ctx, user)
		// Whoever guessed before there was an account has not guessed at this one.
		a.forgetAttempts(ctx, user.Email)
		if a.needVerified {
			return ErrUnverified
		}
		return nil
	}
	if !errors.Is(taken, account.ErrEmailTaken) {
		return taken
	}
	email, err := account.CanonicalEmail(input.Email)
	if err != nil {
		return err
	}
	login, err := a.store.Login(ctx, email)
	if errors.Is(err, model.ErrNotFound) || err == nil && time.Since(login.CreatedAt.Time()) > signupRetry {
		return taken
	}
	if err != nil {
		return err
	}
	err = a.LogIn(ctx, email, input.Password, account.NewAttemptKey(email, "signup"), input.Client, session)
	if errors.Is(err, ErrCredentials) || errors.Is(err, account.ErrTooManyAttempts) {
		return taken
	}
	return err
}

// forgetAttempts opens the account of an email to new attempts. It is no failure of what
// was done before.
func (a *Accounts) forgetAttempts(ctx context.Context, email string) {
	if err := a.store.ForgetAttempts(ctx, account.NewAttemptKey(email, "")); err != nil {
		slog.WarnContext(ctx, "attempts were not forgotten", "err", err)
	}
}

// LogIn opens session for whoever has this canonical email and password, and asks from client. The
// work is the same for an email that nobody has. Errors: ErrCredentials, ErrUnverified,
// web.Busy, account.ErrTooManyAttempts, code RATE_LIMITED.
func (a *Accounts) LogIn(ctx context.Context, email, password string, key account.AttemptKey, client netip.Addr, session *account.Session) error {
	event := audit.Event{Account: email, Method: "password"}
	err := a.passwords.crowds.try(ctx, key, func() error {
		login, err := a.store.Login(ctx, email)
		if errors.Is(err, model.ErrNotFound) {
			login, err = &account.Login{}, nil
		}
		if err != nil {
			return err
		}
		event.UserID = login.UserID
		who := asker{email, client}
		return a.withPassword(ctx, who, key, login.PasswordHash, password, func(match passwordMatch) error {
			if err := a.requireVerified(ctx, login, key); err != nil {
				return err
			}
			if err := a.store.OpenSession(ctx, login, session, key); err != nil {
				return err
			}
			if match == matchesOutdated {
				a.renewHash(ctx, who, login, password)
			}
			return nil
		})
	})
	if err == nil {
		event.SessionID = session.ID
	}
	a.recordSignIn(ctx, event, err)
	return err
}

// renewHash makes the hash of a login's password anew, as hashes are made now. It is no failure of
// the sign-in: the next one tries again.
func (a *Accounts) renewHash(ctx context.Context, who asker, login *account.Login, password string) {
	hash, err := a.passwords.Hash(ctx, who, password)
	if err == nil {
		err = a.store.RenewPasswordHash(ctx, login, hash)
	}
	if err != nil {
		slog.WarnContext(ctx, "the hash of a password was not made anew", "user", login.UserID, "err", err)
	}
}

// recordSignIn takes down a try to sign in, or to prove a password again, by what came of it. What
// was not decided, such as for want of a turn, is none.
func (a *Accounts) recordSignIn(ctx context.Context, e audit.Event, err error) {
	switch {
	case err == nil:
		e.Name = audit.SignIn
	case errors.Is(err, account.ErrTooManyAttempts):
		e.Name, e.Reason = audit.SignInLocked, "too many attempts"
	case errors.Is(err, ErrUnverified):
		e.Name, e.Reason = audit.SignInFailed, "email not verified"
	case !errors.Is(err, ErrCredentials):
		return
	case e.UserID == "":
		e.Name, e.Reason = audit.SignInFailed, "no such account"
	default:
		e.Name, e.Reason = audit.SignInFailed, "wrong password"
	}
	a.record.Write(ctx, e)
}

// withPassword calls proceed where the password is the one that hash was made of; for an
// empty hash, an unknown account's, it does the same work. It is an attempt, counted on
// key, which proceed is to take back. Errors: ErrCredentials, web.Busy,
// account.ErrTooManyAttempts, those of proceed.
func (a *Accounts) withPassword(ctx context.Context, who asker, key account.AttemptKey, hash, password string, proceed func(passwordMatch) error) error {
	counted, err := a.store.ReserveAttempt(ctx, key)
	if err != nil {
		return err
	}
	match, err := a.passwords.Match(ctx, who, hash, password)
	if err != nil {
		// Who is turned away for want of a turn has not guessed.
		return errors.Join(err, returnAttempt(ctx, a.store, key))
	}
	if match != matchesNot {
		return proceed(match)
	}
	if err := a.store.FailAttempt(ctx, key, counted); err != nil {
		return err
	}
	return ErrCredentials
}

// returnAttempt takes back an attempt that was none. What comes after ctx is done is to
// hold up the answer no longer than this.
func returnAttempt(ctx context.Context, s *account.Store, key account.AttemptKey) error {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return s.ReturnAttempt(ctx, key)
}

package auth

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/page"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// Where the links in mails lead, below the server's public address: by GET a page, by POST
// what its button does. A mail scanner follows links, but presses no buttons.
const (
	verifyPath = "/email/verify"
	resetPath  = "/password/reset"
	undoPath   = "/account/undo"
)

// Recovery is the REST side of mails: forgotten passwords, and emails to be verified.
type Recovery struct {
	accounts      *Accounts
	authenticator *Authenticator
	page          *page.Page // of a link
	signupClosed  bool
}

// NewRecovery returns the routes to accounts. Where sign-up is closed, an invitation is for those who have one.
func NewRecovery(accounts *Accounts, authenticator *Authenticator, signupClosed bool) *Recovery {
	return &Recovery{accounts, authenticator, newLinkPage(), signupClosed}
}

// client returns where a request comes from.
func (recovery *Recovery) client(r *http.Request) netip.Addr {
	return recovery.authenticator.proxies.ClientAddress(r)
}

// Forgot answers POST /password/forgot {email}: 202, whether the email has an account or
// not. Its message says where no mail can be sent.
func (recovery *Recovery) Forgot(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Email string `json:"email"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	email, err := account.CanonicalEmail(input.Email)
	if err != nil {
		return err
	}
	err = recovery.accounts.post.SendReset(r.Context(), email)
	if errors.Is(err, ErrNoMail) {
		return answerAccepted(w, "this server sends no mail: ask those who run it for another password")
	}
	if err != nil {
		return err
	}
	return answerAccepted(w, "if this email has an account, a mail with a link is on its way to it")
}

// Reset answers POST /password/reset {token, password}: 204.
func (recovery *Recovery) Reset(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if err := recovery.accounts.ResetPassword(r.Context(), input.Token, input.Password, recovery.client(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Verify answers POST /email/verify {token, password, notMe}: 204. Without a password it takes a
// session of the account.
func (recovery *Recovery) Verify(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Token    string  `json:"token"`
		Password *string `json:"password"`
		NotMe    bool    `json:"notMe"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if input.NotMe {
		if err := recovery.accounts.DisownEmail(r.Context(), input.Token); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	identity, err := recovery.authenticator.Authenticate(r)
	if err != nil {
		return err
	}
	if err := recovery.accounts.VerifyEmail(r.Context(), input.Token, identity, input.Password, recovery.client(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Undo answers POST /account/undo {token, password, formerPassword}: 204.
func (recovery *Recovery) Undo(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Token          string  `json:"token"`
		Password       string  `json:"password"`
		FormerPassword *string `json:"formerPassword"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if err := recovery.accounts.Undo(r.Context(), input.Token, input.Password, input.FormerPassword, recovery.client(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// answerAccepted answers 202, for what goes on by mail.
func answerAccepted(w http.ResponseWriter, message string) error {
	return web.WriteJSON(w, http.StatusAccepted, map[string]string{"message": message})
}

// badMailToken answers whatever is wrong with a token: a wrong one tells nothing.
func badMailToken() error {
	return model.BadInput("token", "the token is wrong, used, or no longer good: ask for another mail")
}

// ResetPassword gives the user to whom the token was mailed another password, ends every
// session, and opens the account to new guesses. A password that is refused leaves the
// token good. Errors: code BAD_USER_INPUT, web.Busy.
func (a *Accounts) ResetPassword(ctx context.Context, token, password string, client netip.Addr) error {
	userID, hash, err := parseMailToken(token)
	if err != nil {
		return badMailToken()
	}
	user, err := a.store.UserToReset(ctx, userID, hash)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	if err := checkNewPassword("password", password, a.ownerOf(user)); err != nil {
		return err
	}
	passwordHash, err := a.passwords.Hash(ctx, asker{user.Email, client}, password)
	if err != nil {
		return err
	}
	err = a.store.ResetPassword(ctx, user, hash, passwordHash, a.post.notice(MailPasswordChanged))
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	a.record.Write(ctx, audit.Event{Name: audit.PasswordChanged, UserID: user.ID, Account: user.Email, Method: "mail"})
	a.forgetAttempts(ctx, user.Email)
	return nil
}

// VerifyEmail makes the email that the token was mailed to its user's own, verified one, for who
// knows the account: by a session of it, or else by its password. A mail alone is not enough, since
// whoever signs up with another's address would only have to wait for a click.
// Code BAD_USER_INPUT: see badMailToken, or the password is wrong. ErrProofNeeded. account.ErrEmailTaken:
// another account has taken the address meanwhile. Else as of withPassword.
func (a *Accounts) VerifyEmail(ctx context.Context, token string, identity *Identity, password *string, client netip.Addr) error {
	userID, hash, err := parseMailToken(token)
	if err != nil {
		return badMailToken()
	}
	user, email, err := a.store.UserToVerify(ctx, userID, hash)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	if identity == nil || identity.Token != nil || identity.User.ID != userID {
		if password == nil {
			return ErrProofNeeded
		}
		if err := a.checkMailedPassword(ctx, "password", userID, user.Email, "verify", "", *password, client); err != nil {
			return err
		}
	}
	event := audit.Event{Name: audit.EmailVerified, UserID: userID, Account: email, Method: "mail"}
	if email == user.Email {
		err = a.store.VerifyEmail(ctx, userID, hash)
	} else {
		event.Name, event.From, event.To = audit.EmailChanged, user.Email, email
		err = a.takeEmail(ctx, user, hash)
	}
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	a.record.Write(ctx, event)
	return nil
}

// takeEmail gives the user the pending email.
func (a *Accounts) takeEmail(ctx context.Context, user *account.User, hash []byte) error {
	login, err := a.store.Login(ctx, user.Email)
	if err != nil {
		return err
	}
	return a.store.TakeEmail(ctx, user, login, hash, a.post.notice(MailEmailChanged))
}

// checkMailedPassword refuses a password, sent along with a token of a mail, that is not that of the
// account of this email or, where that is not empty, the one that hash was made of. It is an attempt,
// counted by what it is for. Code BAD_USER_INPUT for field: it is wrong. Else as of withPassword.
func (a *Accounts) checkMailedPassword(ctx context.Context, field, userID, email, reason, hash, password string, client netip.Addr) error {
	if err := checkPassword(field, password); err != nil {
		return err
	}
	key := account.NewAttemptKey(email, reason)
	err := a.passwords.crowds.try(ctx, key, func() error {
		if hash == "" {
			login, err := a.store.Login(ctx, email)
			if err != nil {
				return err
			}
			hash = login.PasswordHash
		}
		return a.withPassword(ctx, asker{email, client}, key, hash, password, func(passwordMatch) error {
			return a.store.ForgetAttempts(ctx, key)
		})
	})
	if err != nil {
		a.recordSignIn(ctx, audit.Event{UserID: userID, Account: email, Method: "mail and password"}, err)
	}
	if errors.Is(err, ErrCredentials) {
		return model.BadInput(field, "the password is wrong")
	}
	return err
}

// DisownEmail undoes what the email that the token was mailed to was given for, by whoever reads its
// mail and did not ask for that: an account that was made with it, which is deleted, or the change of
// one's to it. Code BAD_USER_INPUT: see badMailToken. Else as of Remove.
func (a *Accounts) DisownEmail(ctx context.Context, token string) error {
	userID, hash, err := parseMailToken(token)
	if err != nil {
		return badMailToken()
	}
	user, email, err := a.store.UserToVerify(ctx, userID, hash)
	if err == nil && email != user.Email {
		err = a.store.DisownNextEmail(ctx, userID, hash)
	} else if err == nil {
		if err = a.store.DisownEmail(ctx, user, hash); err == nil {
			_, err = a.Remove(ctx, user)
		}
	}
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	return err
}

// Undo takes the way back that a notice was mailed with: the account has the address again that the
// notice went to, and another password, every session has ended, and no change is pending. Where
// nobody had proved to read that address's mail before the change, it takes the password that the
// account had, too. Where somebody has signed up with the address meanwhile, and did not verify it,
// that account is deleted. A password that is refused leaves the token good.
// Code BAD_USER_INPUT: see badMailToken, or a password is wrong, or none to have.
// Or another account has verified the address meanwhile. web.Busy, account.ErrTooManyAttempts.
func (a *Accounts) Undo(ctx context.Context, token, password string, formerPassword *string, client netip.Addr) error {
	userID, undoID, err := a.undos.parse(token)
	if err != nil {
		return badMailToken()
	}
	undo, err := a.store.Undo(ctx, userID, undoID)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	if err := checkNewPassword("password", password, owner{email: undo.Email, site: a.post.site()}); err != nil {
		return err
	}
	if undo.FormerHash != "" {
		const field = "formerPassword"
		if formerPassword == nil {
			return model.BadInput(field, "the password that the account had is needed, since this address was not verified")
		}
		if err := a.checkMailedPassword(ctx, field, userID, undo.Email, "undo", undo.FormerHash, *formerPassword, client); err != nil {
			return err
		}
	}
	hash, err := a.passwords.Hash(ctx, asker{undo.Email, client}, password)
	if err != nil {
		return err
	}
	notice := a.post.notice(MailPasswordChanged)
	err = a.store.GoBack(ctx, undo, hash, notice)
	if errors.Is(err, account.ErrEmailTaken) {
		if err := a.discardUnverified(ctx, undo.Email); err != nil {
			return err
		}
		err = a.store.GoBack(ctx, undo, hash, notice)
	}
	switch {
	case errors.Is(err, model.ErrNotFound):
		return badMailToken()
	case errors.Is(err, account.ErrEmailTaken):
		return model.BadInput("token", "another account has verified this address meanwhile: delete that one, or give it another address, and follow the link again")
	case err != nil:
		return err
	}
	a.record.Write(ctx, audit.Event{Name: audit.PasswordChanged, UserID: userID, Account: undo.Email, Method: "undo"})
	a.record.Write(ctx, audit.Event{Name: audit.EmailChanged, UserID: userID, Account: undo.Email, To: undo.Email, Method: "undo"})
	a.forgetAttempts(ctx, undo.Email)
	return nil
}

// discardUnverified deletes the account that has the email, unless that is verified.
func (a *Accounts) discardUnverified(ctx context.Context, email string) error {
	login, err := a.store.Login(ctx, email)
	if errors.Is(err, model.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	user, err := a.store.User(ctx, login.UserID)
	if errors.Is(err, model.ErrNotFound) || err == nil && user.EmailVerified {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = a.Remove(ctx, user)
	return err
}

// Admit returns ErrUnverified where accounts need a verified email and the user has none, whatever
// session it comes by; then it sees to a mail.
func (a *Accounts) Admit(ctx context.Context, user *account.User) error {
	if !a.needVerified || user.EmailVerified {
		return nil
	}
	_, until, err := a.store.Verification(ctx, user.ID)
	if errors.Is(err, model.ErrNotFound) {
		return ErrInvalidToken // it was deleted at this moment
	}
	if err != nil {
		return err
	}
	a.remind(ctx, user, until)
	return ErrUnverified
}

// remind mails the link that verifies the user's email again, unless one that was mailed shortly
// before, good until then, may still arrive.
func (a *Accounts) remind(ctx context.Context, user *account.User, until time.Time) {
	if mailed := until.Add(-verifyLife); time.Since(mailed) > verifyAgain {
		a.post.Welcome(ctx, user)
	}
}

// requireVerified returns ErrUnverified where accounts need a verified email and the one
// that signs in by login, with the right password, has none; then it sees to a mail.
func (a *Accounts) requireVerified(ctx context.Context, login *account.Login, key account.AttemptKey) error {
	if !a.needVerified {
		return nil
	}
	user, until, err := a.store.Verification(ctx, login.UserID)
	if errors.Is(err, model.ErrNotFound) {
		return ErrCredentials // it was deleted at this moment
	}
	if err != nil || user.EmailVerified {
		return err
	}
	a.remind(ctx, user, until)
	// The guess was right.
	if err := a.store.ForgetAttempts(ctx, key); err != nil {
		return err
	}
	return ErrUnverified
}

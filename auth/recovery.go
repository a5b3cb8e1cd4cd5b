package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/page"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// Where the links in mails lead, below the server's public address: by GET a page, by POST
// what its button does. A mail scanner follows links, but presses no buttons.
const (
	verifyPath = "/email/verify"
	resetPath  = "/password/reset"
)

// Recovery is the REST side of mails: forgotten passwords, and emails to be verified.
type Recovery struct {
	accounts *Accounts
	page     *page.Page // of a link
}

// NewRecovery returns the routes to accounts.
func NewRecovery(accounts *Accounts) *Recovery { return &Recovery{accounts, newLinkPage()} }

// Forgot answers POST /password/forgot {email}: 202, whether the email has an account or
// not. Its message says where no mail can be sent.
func (recovery *Recovery) Forgot(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Email string `json:"email"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	email, err := CanonicalEmail(input.Email)
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
	if err := recovery.accounts.ResetPassword(r.Context(), input.Token, input.Password); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Verify answers POST /email/verify {token}: 204.
func (recovery *Recovery) Verify(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		Token string `json:"token"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if err := recovery.accounts.VerifyEmail(r.Context(), input.Token); err != nil {
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
func (a *Accounts) ResetPassword(ctx context.Context, token, password string) error {
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
	if err := checkNewPassword("password", password, user.Email); err != nil {
		return err
	}
	passwordHash, err := a.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.store.ResetPassword(ctx, user, hash, passwordHash)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	if err != nil {
		return err
	}
	a.post.PasswordChanged(ctx, user.Email)
	a.forgetAttempts(ctx, user.Email)
	return nil
}

// VerifyEmail marks the email that the token was mailed to as its user's own.
// Code BAD_USER_INPUT: see badMailToken.
func (a *Accounts) VerifyEmail(ctx context.Context, token string) error {
	userID, hash, err := parseMailToken(token)
	if err != nil {
		return badMailToken()
	}
	err = a.store.VerifyEmail(ctx, userID, hash)
	if errors.Is(err, model.ErrNotFound) {
		return badMailToken()
	}
	return err
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
	if mailed := until.Add(-verifyLife); time.Since(mailed) > verifyAgain {
		a.post.Welcome(ctx, user)
	}
	// The guess was right.
	if err := a.store.ForgetAttempts(ctx, key); err != nil {
		return err
	}
	return ErrUnverified
}

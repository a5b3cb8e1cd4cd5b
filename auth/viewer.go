package auth

import (
	"context"
	"errors"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// ChangePassword gives the signed-in user another password, ends the user's other sessions, keeps the service
// tokens, and returns the user as it is then. ErrByToken, as all that follows: who asks comes by one. Code BAD_USER_INPUT: the current password is wrong, or the new one is none
// to have. Else as of confirm.
func (a *Accounts) ChangePassword(ctx context.Context, identity *Identity, current, replacement string) (*account.User, error) {
	if err := a.requireSession(ctx, identity, "changePassword"); err != nil {
		return nil, err
	}
	if err := checkNewPassword("newPassword", replacement, a.ownerOf(identity.User)); err != nil {
		return nil, err
	}
	login, err := a.confirm(ctx, identity, "currentPassword", current)
	if err != nil {
		return nil, err
	}
	hash, err := a.passwords.Hash(ctx, asker{login.Email, identity.Client}, replacement)
	if err != nil {
		return nil, err
	}
	if err := a.reserveChange(ctx, identity.User); err != nil {
		return nil, err
	}
	user, err := a.store.ChangePassword(ctx, identity.User, login, identity.Session, hash, a.post.notice(MailPasswordChanged))
	if err != nil {
		return nil, err
	}
	a.record.Write(ctx, identity.event(audit.Event{Name: audit.PasswordChanged, Account: login.Email, Method: "password"}))
	return user, nil
}

// reserveChange counts a change of the user's that a mail tells of, or asks to confirm. Code
// RATE_LIMITED: there were so many.
func (a *Accounts) reserveChange(ctx context.Context, user *account.User) error {
	err := a.store.ReserveChange(ctx, user)
	if tooMany := new(model.Error); errors.Is(err, account.ErrTooManyAttempts) && errors.As(err, &tooMany) {
		return &model.Error{Code: model.CodeRateLimited, Message: "the account was changed too often, try again later", RetryAfter: tooMany.RetryAfter}
	}
	return err
}

// RevokeSession ends the session of the signed-in user with this global id. model.ErrNotFound:
// the user has no such session.
func (a *Accounts) RevokeSession(ctx context.Context, identity *Identity, globalID string) error {
	if err := a.requireSession(ctx, identity, "revokeSession"); err != nil {
		return err
	}
	if err := a.store.RevokeSession(ctx, identity.User, globalID); err != nil {
		return err
	}
	_, id, _ := model.ParseGlobalID(globalID)
	a.record.Write(ctx, audit.Event{Name: audit.SessionEnded, UserID: identity.User.ID, SessionID: id, Reason: "revoked by the user"})
	return nil
}

// RevokeOtherSessions ends every session of the signed-in user but the one that the request
// comes by, and returns the user as it is then.
func (a *Accounts) RevokeOtherSessions(ctx context.Context, identity *Identity) (*account.User, error) {
	if err := a.requireSession(ctx, identity, "revokeOtherSessions"); err != nil {
		return nil, err
	}
	user, err := a.store.EndOtherSessions(ctx, identity.User, identity.Session)
	if err != nil {
		return nil, err
	}
	a.record.Write(ctx, identity.event(audit.Event{Name: audit.SessionsEnded, Reason: "all but this one revoked by the user"}))
	return user, nil
}

// SendVerificationEmail mails the signed-in user a link that verifies the pending email or, where
// there is none, the user's own, unless that is done. Errors: ErrNoMail, ErrTooManyMails, web.Busy.
func (a *Accounts) SendVerificationEmail(ctx context.Context, identity *Identity) error {
	if err := a.requireSession(ctx, identity, "sendVerificationEmail"); err != nil {
		return err
	}
	return a.post.SendVerification(ctx, identity.User)
}

// ChangeEmail has the signed-in user sign in with another address once the link that is mailed to it
// is followed, and returns the user as it is until then: see account.User.PendingEmail. The user's own
// address gives up the pending one. Where no mail can be sent, nobody could follow a link, so the user
// has the address at once, unverified.
// Code BAD_USER_INPUT: the password is wrong, or the address is none.
// account.ErrEmailTaken: another has it. Code RATE_LIMITED: there were too many changes. Else as of confirm.
func (a *Accounts) ChangeEmail(ctx context.Context, identity *Identity, password, email string) (*account.User, error) {
	if err := a.requireSession(ctx, identity, "changeEmail"); err != nil {
		return nil, err
	}
	email, err := account.CanonicalEmail(email)
	if err != nil {
		return nil, err
	}
	login, err := a.confirm(ctx, identity, "password", password)
	switch {
	case err != nil:
		return nil, err
	case email != login.Email && !a.post.sends():
		user, err := a.store.ChangeEmail(ctx, identity.User, login, email)
		if err != nil {
			return nil, err
		}
		a.record.Write(ctx, identity.event(audit.Event{Name: audit.EmailChanged, Account: email, From: login.Email, To: email, Method: "password"}))
		return user, nil
	case email != login.Email:
		return a.awaitEmail(ctx, identity.User, email)
	case identity.User.NextEmail != "":
		return a.store.CancelEmail(ctx, identity.User)
	}
	return identity.User, nil
}

// awaitEmail keeps the pending email of a user, and mails it the link.
func (a *Accounts) awaitEmail(ctx context.Context, user *account.User, email string) (*account.User, error) {
	_, err := a.store.Login(ctx, email)
	if err == nil {
		return nil, account.ErrEmailTaken
	}
	if !errors.Is(err, model.ErrNotFound) {
		return nil, err
	}
	if err := a.reserveChange(ctx, user); err != nil {
		return nil, err
	}
	user, err = a.store.AwaitEmail(ctx, user, email, time.Now().Add(verifyLife))
	if err != nil {
		return nil, err
	}
	a.post.VerifyNext(ctx, user)
	return user, nil
}

// Delete deletes the signed-in user, with all sessions and all that the user owns, and tells
// whether all of that is gone already; the rest goes soon. Code BAD_USER_INPUT: the password is
// wrong. Else as of confirm.
func (a *Accounts) Delete(ctx context.Context, identity *Identity, password string) (isComplete bool, err error) {
	if err := a.requireSession(ctx, identity, "deleteViewer"); err != nil {
		return false, err
	}
	if _, err := a.confirm(ctx, identity, "password", password); err != nil {
		return false, err
	}
	return a.Remove(ctx, identity.User)
}

// confirm returns the login of the signed-in user, whose password this is. Wrong ones
// are counted as of sign-ins, but by session: those of others do not lock the user out. All are
// counted by address.
// Code BAD_USER_INPUT for field: it is wrong. Code RATE_LIMITED, account.ErrTooManyAttempts, web.Busy.
// model.ErrConflict: the user has another email since the request came.
func (a *Accounts) confirm(ctx context.Context, identity *Identity, field, password string) (*account.Login, error) {
	if err := checkPassword(field, password); err != nil {
		return nil, err
	}
	key := account.NewAttemptKey(identity.User.Email, identity.Session.ID)
	var login *account.Login
	err := a.passwords.crowds.try(ctx, key, func() (err error) {
		if err := a.confirmations.take(identity.Client); err != nil {
			return err
		}
		login, err = a.store.Login(ctx, identity.User.Email)
		if errors.Is(err, model.ErrNotFound) || err == nil && login.UserID != identity.User.ID {
			return model.ErrConflict
		}
		if err != nil {
			return err
		}
		return a.withPassword(ctx, asker{login.Email, identity.Client}, key, login.PasswordHash, password, func(passwordMatch) error {
			return a.store.ForgetAttempts(ctx, key)
		})
	})
	if err != nil { // what a right one is for has a line of its own
		a.recordSignIn(ctx, identity.event(audit.Event{Account: identity.User.Email, Method: "password"}), err)
	}
	if errors.Is(err, ErrCredentials) {
		return nil, model.BadInput(field, "the password is wrong")
	}
	return login, err
}

// SessionsByID returns the live sessions of the signed-in user with these ids, by id; none to who comes by a
// service token.
func (a *Accounts) SessionsByID(ctx context.Context, identity *Identity, ids []string) (map[string]*account.Session, error) {
	if identity.Token != nil {
		return nil, nil
	}
	return a.store.SessionsByID(ctx, identity.User, ids)
}

package auth

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// ChangePassword gives the signed-in user another password, ends the user's other sessions,
// and returns the user as it is then. Code BAD_USER_INPUT: the current password is wrong, or the new one is none
// to have. Else as of confirm.
func (a *Accounts) ChangePassword(ctx context.Context, identity *Identity, current, replacement string) (*account.User, error) {
	if err := checkNewPassword("newPassword", replacement, identity.User.Email); err != nil {
		return nil, err
	}
	login, err := a.confirm(ctx, identity, "currentPassword", current)
	if err != nil {
		return nil, err
	}
	hash, err := a.passwords.Hash(ctx, replacement)
	if err != nil {
		return nil, err
	}
	user, err := a.store.ChangePassword(ctx, identity.User, login, identity.Session, hash)
	if err != nil {
		return nil, err
	}
	a.post.PasswordChanged(ctx, login.Email)
	return user, nil
}

// RevokeSession ends the session of the signed-in user with this global id. model.ErrNotFound:
// the user has no such session.
func (a *Accounts) RevokeSession(ctx context.Context, identity *Identity, globalID string) error {
	return a.store.RevokeSession(ctx, identity.User, globalID)
}

// RevokeOtherSessions ends every session of the signed-in user but the one that the request
// comes by, and returns the user as it is then.
func (a *Accounts) RevokeOtherSessions(ctx context.Context, identity *Identity) (*account.User, error) {
	return a.store.EndOtherSessions(ctx, identity.User, identity.Session)
}

// SendVerificationEmail mails the signed-in user a link that verifies the email, unless
// that is done. Errors: ErrNoMail, ErrTooManyMails, web.Busy.
func (a *Accounts) SendVerificationEmail(ctx context.Context, identity *Identity) error {
	return a.post.SendVerification(ctx, identity.User)
}

// ChangeEmail has the signed-in user sign in with another address, and returns the user
// as it is then. Code BAD_USER_INPUT: the password is wrong, or the address is none.
// account.ErrEmailTaken: another has it. Else as of confirm.
func (a *Accounts) ChangeEmail(ctx context.Context, identity *Identity, password, email string) (*account.User, error) {
	email, err := CanonicalEmail(email)
	if err != nil {
		return nil, err
	}
	login, err := a.confirm(ctx, identity, "password", password)
	if err != nil || email == login.Email {
		return identity.User, err
	}
	user, err := a.store.ChangeEmail(ctx, identity.User, login, email)
	if err != nil {
		return nil, err
	}
	a.post.EmailChanged(ctx, login.Email, user)
	return user, nil
}

// Delete deletes the signed-in user, with all sessions and all that the user owns. An
// code BAD_USER_INPUT: the password is wrong. model.ErrHeld: something of another owner
// belongs with RESTRICT to something of the user's; nothing has changed then.
// Else as of confirm. Where it is interrupted when the user is gone, the log says so, and
// the rest is for [account.Store.Sweep].
func (a *Accounts) Delete(ctx context.Context, identity *Identity, password string) error {
	if _, err := a.confirm(ctx, identity, "password", password); err != nil {
		return err
	}
	err := a.Remove(ctx, identity.User)
	if errors.Is(err, account.ErrUnfinished) {
		slog.WarnContext(ctx, "a user's deletion was interrupted", "user", identity.User.ID, "err", err)
		err = nil
	}
	return err
}

// confirm returns the login of the signed-in user, whose password this is. Wrong ones
// are counted as of sign-ins, but by session: those of others do not lock the user out.
// Code BAD_USER_INPUT for field: it is wrong. account.ErrTooManyAttempts, web.Busy.
// model.ErrConflict: the user has another email since the request came.
func (a *Accounts) confirm(ctx context.Context, identity *Identity, field, password string) (*account.Login, error) {
	if err := checkPassword(field, password); err != nil {
		return nil, err
	}
	login, err := a.store.Login(ctx, identity.User.Email)
	if errors.Is(err, model.ErrNotFound) || err == nil && login.UserID != identity.User.ID {
		return nil, model.ErrConflict
	}
	if err != nil {
		return nil, err
	}
	key := account.NewAttemptKey(login.Email, identity.Session.ID)
	err = a.withPassword(ctx, key, login.PasswordHash, password, func() error {
		return a.store.ForgetAttempts(ctx, key)
	})
	if errors.Is(err, ErrCredentials) {
		return nil, model.BadInput(field, "the password is wrong")
	}
	return login, err
}

// SessionsByID returns the live sessions of the signed-in user with these ids, by id.
func (a *Accounts) SessionsByID(ctx context.Context, identity *Identity, ids []string) (map[string]*account.Session, error) {
	return a.store.SessionsByID(ctx, identity.User, ids)
}

package auth

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ownql/ownql/store"
)

// ChangePassword gives the signed-in user another password, and ends the user's other
// sessions. An *store.InputError: the current password is wrong, or the new one is none
// to have. Else as of confirm.
func (a *Accounts) ChangePassword(ctx context.Context, identity *Identity, current, replacement string) error {
	if err := checkNewPassword("newPassword", replacement, identity.User.Email); err != nil {
		return err
	}
	login, err := a.confirm(ctx, identity, "currentPassword", current)
	if err != nil {
		return err
	}
	hash, err := a.passwords.Hash(ctx, replacement)
	if err != nil {
		return err
	}
	if err := a.store.ChangePassword(ctx, identity.User, login, identity.Session, hash); err != nil {
		return err
	}
	a.post.PasswordChanged(ctx, login.Email)
	return nil
}

// SendVerificationEmail mails the signed-in user a link that verifies the email, unless
// that is done. Errors: ErrNoMail, *MailLimitError, *BusyError.
func (a *Accounts) SendVerificationEmail(ctx context.Context, identity *Identity) error {
	return a.post.SendVerification(ctx, identity.User)
}

// ChangeEmail has the signed-in user sign in with another address, and returns the user
// as it is then. An *store.InputError: the password is wrong, or the address is none.
// ErrEmailTaken: another has it. Else as of confirm.
func (a *Accounts) ChangeEmail(ctx context.Context, identity *Identity, password, email string) (*store.User, error) {
	email, err := CanonicalEmail(email)
	if err != nil {
		return nil, err
	}
	login, err := a.confirm(ctx, identity, "password", password)
	if err != nil || email == login.Email {
		return identity.User, err
	}
	user, err := a.store.ChangeEmail(ctx, identity.User, login, email)
	switch taken := new(store.ConflictError); {
	case errors.As(err, &taken):
		return nil, ErrEmailTaken
	case err != nil:
		return nil, err
	}
	identity.User = user
	a.post.EmailChanged(ctx, login.Email, user)
	return user, nil
}

// Delete deletes the signed-in user, with all sessions and all that the user owns. An
// *store.InputError: the password is wrong. store.ErrHeld: something of another owner
// belongs with RESTRICT to something of the user's; nothing has changed then.
// Else as of confirm. Where it is interrupted when the user is gone, the log says so, and
// the rest is for [store.Store.Sweep].
func (a *Accounts) Delete(ctx context.Context, identity *Identity, password string) error {
	if _, err := a.confirm(ctx, identity, "password", password); err != nil {
		return err
	}
	err := a.store.DeleteUser(ctx, identity.User.ID)
	if errors.Is(err, store.ErrUnfinished) {
		slog.WarnContext(ctx, "a user's deletion was interrupted", "user", identity.User.ID, "err", err)
		err = nil
	}
	identity.isGone = err == nil
	return err
}

// confirm returns the login of the signed-in user, whose password this is. Wrong ones
// are counted as of sign-ins, but by session: those of others do not lock the user out.
// An *store.InputError for field: it is wrong. *store.TooManyAttemptsError, *BusyError.
// store.ErrConflict: the user has another email since the request came.
func (a *Accounts) confirm(ctx context.Context, identity *Identity, field, password string) (*store.Login, error) {
	if err := checkPassword(field, password); err != nil {
		return nil, err
	}
	login, err := a.store.Login(ctx, identity.User.Email)
	if errors.Is(err, store.ErrNotFound) || err == nil && login.UserID != identity.User.ID {
		return nil, store.ErrConflict
	}
	if err != nil {
		return nil, err
	}
	key := store.NewAttemptKey(login.Email, identity.Session.ID)
	err = a.withPassword(ctx, key, login.PasswordHash, password, func() error {
		return a.store.ForgetAttempts(ctx, key)
	})
	if errors.Is(err, ErrCredentials) {
		return nil, &store.InputError{Field: field, Message: "the password is wrong"}
	}
	return login, err
}

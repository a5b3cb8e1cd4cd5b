package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// ChangePassword gives the account another password's hash, and ends the user's sessions
// but one, in one transaction. user and session are of the new epoch then. ErrConflict:
// the account was changed meanwhile.
func (s *Store) ChangePassword(ctx context.Context, user *User, login *Login, session *Session, passwordHash string) error {
	changed := *login
	changed.PasswordHash = passwordHash
	return accountError("change the password of", user, s.endOtherSessions(ctx, user, login, &changed, session))
}

// EndOtherSessions ends the user's sessions but one, in one transaction. user and
// session are of the new epoch then. ErrConflict: the account was changed meanwhile.
func (s *Store) EndOtherSessions(ctx context.Context, user *User, session *Session) error {
	login, err := s.Login(ctx, user.Email)
	if err != nil {
		return err
	}
	return accountError("end the sessions of", user, s.endOtherSessions(ctx, user, login, login, session))
}

// endOtherSessions ends the user's sessions but one by a new epoch in users and logins,
// and gives the login the password hash of changed, unless one of them is not any more
// as it was read.
func (s *Store) endOtherSessions(ctx context.Context, user *User, login, changed *Login, session *Session) error {
	epoch := user.SessionEpoch + 1
	err := s.db.WriteTx().Idempotent(true).
		Update(s.users.Update("id", user.ID).
			Set("sessionEpoch", epoch).
			If("sessionEpoch = ? AND email = ?", user.SessionEpoch, login.Email)).
		Update(s.logins.Update("email", login.Email).
			Set("sessionEpoch", epoch).
			Set("passwordHash", changed.PasswordHash).
			If("userId = ? AND passwordHash = ?", user.ID, login.PasswordHash)).
		Update(s.sessions.Update("userId", session.UserID).Range("id", session.ID).
			Set("epoch", epoch).
			If("attribute_exists(id)")).
		Run(ctx)
	if err == nil {
		user.SessionEpoch, session.Epoch = epoch, epoch
	}
	return err
}

// ChangeEmail gives the account another canonical email, in one transaction over users
// and logins, and returns the user as it is then. ErrConflict: the account was changed
// meanwhile. A *ConflictError: the email is taken.
func (s *Store) ChangeEmail(ctx context.Context, user *User, login *Login, email string) (*User, error) {
	changed, moved := *user, *login
	changed.Email, changed.Version, changed.UpdatedAt = email, user.Version+1, Now()
	moved.Email = email
	err := s.db.WriteTx().Idempotent(true).
		Put(s.logins.Put(moved).If("attribute_not_exists(email)")).
		Delete(s.logins.Delete("email", login.Email).
			If("userId = ? AND passwordHash = ? AND sessionEpoch = ?", user.ID, login.PasswordHash, login.SessionEpoch)).
		Update(s.users.Update("id", user.ID).
			Set("email", email).
			Set("version", changed.Version).
			Set("updatedAt", changed.UpdatedAt).
			If("version = ? AND email = ?", user.Version, login.Email)).
		Run(ctx)
	if slices.Contains(failedConditions(err), 0) {
		return nil, &ConflictError{"email"}
	}
	return &changed, accountError("change the email of", user, err)
}

// accountError says what was tried on whose account; nil stays nil.
func accountError(verb string, user *User, err error) error {
	switch {
	case dynamo.IsCondCheckFailed(err):
		return ErrConflict
	case err != nil:
		return fmt.Errorf("%s user %s: %w", verb, user.ID, err)
	}
	return nil
}

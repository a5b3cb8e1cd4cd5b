package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// ChangePassword gives the account another password's hash, and ends the user's sessions
// but one, in one transaction. Service tokens stay: the user, who has them listed, knows of them. It returns the user as it is then. ErrConflict: the account was
// changed meanwhile.
func (s *Store) ChangePassword(ctx context.Context, user *User, login *Login, session *Session, passwordHash string, notice NoticeKind) (*User, error) {
	changed := *login
	changed.PasswordHash = passwordHash
	after, err := s.endOtherSessions(ctx, user, login, &changed, session, notice)
	return after, s.told(notice, accountError("change the password of", user, err))
}

// SetPassword gives the account of this canonical email another password's hash, and ends
// all of its user's sessions and service tokens, in one transaction. It returns the user's id.
// ErrNotFound: nobody has the email.
func (s *Store) SetPassword(ctx context.Context, email, passwordHash string) (userID string, err error) {
	login, err := s.Login(ctx, email)
	if err != nil {
		return "", err
	}
	err = s.newEpoch(login.UserID, email, func(_, login *dynamo.Update) {
		login.Set("passwordHash", passwordHash)
	}).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return "", model.ErrNotFound
	case err != nil:
		return "", fmt.Errorf("set the password of user %s: %w", login.UserID, err)
	}
	return login.UserID, nil
}

// EndSessions ends all sessions, and no service token, of the user who signs in with this canonical email, in one
// transaction, and returns the user's id. ErrNotFound: nobody has the email.
func (s *Store) EndSessions(ctx context.Context, email string) (userID string, err error) {
	login, err := s.Login(ctx, email)
	if err != nil {
		return "", err
	}
	err = s.newEpoch(login.UserID, email, func(user, _ *dynamo.Update) { keepTokens(user) }).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return "", model.ErrNotFound
	case err != nil:
		return "", fmt.Errorf("end the sessions of user %s: %w", login.UserID, err)
	}
	return login.UserID, nil
}

// RenewPasswordHash gives the login another hash of the same password, unless it has another by now.
func (s *Store) RenewPasswordHash(ctx context.Context, login *Login, passwordHash string) error {
	err := s.logins.Update("email", login.Email).
		Set("passwordHash", passwordHash).
		If("userId = ? AND passwordHash = ?", login.UserID, login.PasswordHash).
		Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("renew the password's hash of user %s: %w", login.UserID, err)
	}
	return nil
}

// EndOtherSessions ends the user's sessions but one, and no service token, in one transaction. It returns the user
// as it is then. ErrConflict: the account was changed meanwhile.
func (s *Store) EndOtherSessions(ctx context.Context, user *User, session *Session) (*User, error) {
	login, err := s.Login(ctx, user.Email)
	if err != nil {
		return nil, err
	}
	after, err := s.endOtherSessions(ctx, user, login, login, session, "")
	return after, accountError("end the sessions of", user, err)
}

// endOtherSessions ends the user's sessions but one by a new epoch in users and logins,
// and gives the login the password hash of changed, unless one of them is not any more
// as it was read.
func (s *Store) endOtherSessions(ctx context.Context, user *User, login, changed *Login, session *Session, notice NoticeKind) (*User, error) {
	after := *user
	after.SessionEpoch++
	after.KeptEpochs++
	tx := s.newEpoch(user.ID, login.Email, func(onUser, onLogin *dynamo.Update) {
		keepTokens(onUser)
		onUser.If("sessionEpoch = ? AND email = ?", user.SessionEpoch, login.Email)
		onLogin.Set("passwordHash", changed.PasswordHash).If("passwordHash = ?", login.PasswordHash)
	}).
		Update(s.sessions.Update("userId", session.UserID).Range("id", session.ID).
			Set("epoch", after.SessionEpoch).
			If("attribute_exists(id)"))
	return &after, s.tell(tx, notice, user, login).Run(ctx)
}

// newEpoch returns a transaction that ends every session of a user, and every service token, unless change
// has it keep them, by another epoch in users and logins, together with what change adds to the updates of
// the two items. A
// password that was going to be reset is not any more: somebody else may have asked for
// that mail. Its conditions fail where there is no such user, or the email is not theirs.
func (s *Store) newEpoch(userID, email string, change func(user, login *dynamo.Update)) *dynamo.WriteTx {
	user := s.users.Update("id", userID).Add("sessionEpoch", 1).Remove("resetHash", "resetUntil").If("attribute_exists(id)")
	login := s.logins.Update("email", email).Add("sessionEpoch", 1).If("userId = ?", userID)
	change(user, login)
	return s.db.WriteTx().Update(user).Update(login)
}

// ChangeEmail gives the account another canonical email at once, not verified, in one
// transaction over users and logins, and returns the user as it is then. What was mailed
// to the old one is of no use any more. ErrConflict: the account was changed meanwhile.
// ErrEmailTaken: another has it.
func (s *Store) ChangeEmail(ctx context.Context, user *User, login *Login, email string) (*User, error) {
	changed, moved := *user, *login
	changed.Email, changed.EmailVerified, changed.Version, changed.UpdatedAt = email, false, user.Version+1, model.Now()
	changed.NextEmail, changed.NextEmailUntil = "", 0
	moved.Email = email
	err := s.db.WriteTx().
		Put(s.logins.Put(moved).If("attribute_not_exists(email)")).
		Delete(s.logins.Delete("email", login.Email).
			If("userId = ? AND passwordHash = ? AND sessionEpoch = ?", user.ID, login.PasswordHash, login.SessionEpoch)).
		Update(removeMailed(s.users.Update("id", user.ID)).
			Set("email", email).
			Set("emailVerified", false).
			Set("version", changed.Version).
			Set("updatedAt", changed.UpdatedAt).
			If("version = ? AND email = ?", user.Version, login.Email)).
		Run(ctx)
	if slices.Contains(model.FailedConditions(err), 0) {
		return nil, ErrEmailTaken
	}
	return &changed, accountError("change the email of", user, err)
}

// ErrEmailTaken: the email has an account.
var ErrEmailTaken = &model.Error{
	Code: model.CodeConflict, Field: "email", Kind: model.ErrConflict,
	Message: "this email has an account already, sign in with it",
}

// accountError says what was tried on whose account; nil stays nil.
func accountError(verb string, user *User, err error) error {
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrConflict
	case err != nil:
		return fmt.Errorf("%s user %s: %w", verb, user.ID, err)
	}
	return nil
}

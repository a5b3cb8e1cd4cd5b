package account

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// AwaitEmail keeps a canonical email that is to take the place of the user's once it is proved to be
// the user's, until then, and returns the user as it is then. It takes the place of an earlier one.
// ErrConflict: the account was changed meanwhile.
func (s *Store) AwaitEmail(ctx context.Context, user *User, email string, until time.Time) (*User, error) {
	changed := *user
	changed.NextEmail, changed.NextEmailUntil = email, until.Unix()
	changed.Version, changed.UpdatedAt = user.Version+1, model.Now()
	err := s.db.WriteTx().
		Update(s.users.Update("id", user.ID).
			Set("nextEmail", email).
			Set("nextEmailUntil", changed.NextEmailUntil).
			Remove("nextEmailHash").
			Set("version", changed.Version).
			Set("updatedAt", changed.UpdatedAt).
			If("version = ? AND email = ?", user.Version, user.Email)).
		Run(ctx)
	return &changed, accountError("await the next email of", user, err)
}

// CancelEmail gives up the user's pending email, and returns the user as it is then. ErrConflict:
// the account was changed meanwhile.
func (s *Store) CancelEmail(ctx context.Context, user *User) (*User, error) {
	changed := *user
	changed.NextEmail, changed.NextEmailUntil = "", 0
	changed.Version, changed.UpdatedAt = user.Version+1, model.Now()
	err := s.db.WriteTx().
		Update(s.users.Update("id", user.ID).
			Remove("nextEmail", "nextEmailUntil", "nextEmailHash").
			Set("version", changed.Version).
			Set("updatedAt", changed.UpdatedAt).
			If("version = ?", user.Version)).
		Run(ctx)
	return &changed, accountError("cancel the next email of", user, err)
}

// AwaitNextEmail keeps a token that is mailed to the user's pending email to prove it the user's,
// which is pending for as long as the token is good. ErrNotFound: it is not pending, or not any more.
func (s *Store) AwaitNextEmail(ctx context.Context, userID, email string, token MailedToken) error {
	await := s.users.Update("id", userID).If("nextEmail = ?", email)
	return token.await(ctx, await, "nextEmail", "await the verification of the next email of user "+userID)
}

// TakeEmail gives the user, who signs in by login, the pending email, which the token of that hash
// proves, in one transaction. What was mailed to the old one is of no use any more, but for the
// notice. ErrEmailTaken: another has it by now. ErrConflict: the account was changed meanwhile, or
// the token was used.
func (s *Store) TakeEmail(ctx context.Context, user *User, login *Login, hash []byte, notice NoticeKind) error {
	moved := *login
	moved.Email = user.NextEmail
	tx := s.db.WriteTx().
		Put(s.logins.Put(moved).If("attribute_not_exists(email)")).
		Delete(s.logins.Delete("email", login.Email).
			If("userId = ? AND passwordHash = ? AND sessionEpoch = ?", user.ID, login.PasswordHash, login.SessionEpoch)).
		Update(removeMailed(s.users.Update("id", user.ID)).
			Set("email", user.NextEmail).
			Set("emailVerified", true).
			Add("version", 1).
			Set("updatedAt", model.Now()).
			If("email = ? AND nextEmail = ? AND nextEmailHash = ? AND nextEmailUntil > ?", login.Email, user.NextEmail, hash, time.Now().Unix()))
	err := s.tell(tx, notice, user, login).Run(ctx)
	if slices.Contains(model.FailedConditions(err), 0) {
		return ErrEmailTaken
	}
	return s.told(notice, accountError("change the email of", user, err))
}

// DisownNextEmail gives up the pending email of the user that the token of that hash was mailed to.
// ErrNotFound: the token is not the newest one, or no longer good.
func (s *Store) DisownNextEmail(ctx context.Context, userID string, hash []byte) error {
	err := s.db.WriteTx().
		Update(s.users.Update("id", userID).
			Remove("nextEmail", "nextEmailUntil", "nextEmailHash").
			Add("version", 1).
			Set("updatedAt", model.Now()).
			If("nextEmailHash = ?", hash)).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("cancel the next email of user %s: %w", userID, err)
	}
	return nil
}

package account

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// AwaitReset keeps a token that is mailed to email to set another password of the user
// who signs in with it. ErrNotFound: the user does so no more.
func (s *Store) AwaitReset(ctx context.Context, userID, email string, token MailedToken) error {
	err := s.users.Update("id", userID).
		Set("resetHash", token.Hash).
		Set("resetUntil", token.Until.Unix()).
		If("email = ?", email).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("await the new password of user %s: %w", userID, err)
	}
	return nil
}

// UserToReset returns the user whom the token of that hash may give another password, in
// one strongly consistent GetItem. ErrNotFound: there is no such user, or the token is
// not the newest one, or no longer good.
func (s *Store) UserToReset(ctx context.Context, userID string, hash []byte) (*User, error) {
	user, err := s.mailedUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(user.ResetHash, hash) || user.ResetUntil <= time.Now().Unix() {
		return nil, model.ErrNotFound
	}
	return &user.User, nil
}

// ResetPassword gives the user of [Store.UserToReset] another password's hash, ends every
// session, and marks the email, which the token was mailed to, as verified, in one
// transaction, which uses up the token and all others. ErrNotFound: the token has been used
// meanwhile.
func (s *Store) ResetPassword(ctx context.Context, user *User, hash []byte, passwordHash string) error {
	err := s.newEpoch(user.ID, user.Email, func(onUser, onLogin *dynamo.Update) {
		onUser.Remove("verifyHash", "verifyUntil").
			If("email = ? AND resetHash = ? AND resetUntil > ?", user.Email, hash, time.Now().Unix())
		if !user.EmailVerified {
			onUser.Set("emailVerified", true).Add("version", 1).Set("updatedAt", model.Now())
		}
		onLogin.Set("passwordHash", passwordHash)
	}).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("reset the password of user %s: %w", user.ID, err)
	}
	return nil
}

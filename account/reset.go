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
// who signs in with it. former is what [Store.ResetUntil] returned, so that of several at once one is
// mailed. ErrNotFound: the user does so no more, or another was faster.
func (s *Store) AwaitReset(ctx context.Context, userID, email string, former time.Time, token MailedToken) error {
	await := s.users.Update("id", userID).If("email = ?", email)
	if former.IsZero() { // or it is this very write, tried again because the answer was lost
		await.If("attribute_not_exists(resetUntil) OR resetHash = ?", token.Hash)
	} else {
		await.If("resetUntil = ? OR resetHash = ?", former.Unix(), token.Hash)
	}
	return token.await(ctx, await, "reset", "await the new password of user "+userID)
}

// ForgetReset takes back the token of that hash, which was not mailed after all.
func (s *Store) ForgetReset(ctx context.Context, userID string, hash []byte) error {
	err := s.users.Update("id", userID).Remove("resetHash", "resetUntil").If("resetHash = ?", hash).Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("forget the reset of user %s: %w", userID, err)
	}
	return nil
}

// ResetUntil returns until when the token is good that was mailed last to set another password: the
// zero time where there is none. ErrNotFound: there is no such user.
func (s *Store) ResetUntil(ctx context.Context, userID string) (time.Time, error) {
	user, err := s.mailedUser(ctx, userID)
	if err != nil || user.ResetUntil == 0 {
		return time.Time{}, err
	}
	return time.Unix(user.ResetUntil, 0), nil
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
// session and every service token, which may be somebody else's who had the account before, and marks the email, which the token was mailed to, as verified, in one
// transaction, which uses up the token and all others, and gives up a pending email. ErrNotFound:
// the token has been used meanwhile.
func (s *Store) ResetPassword(ctx context.Context, user *User, hash []byte, passwordHash string, notice NoticeKind) error {
	login, err := s.Login(ctx, user.Email)
	if err != nil {
		return err
	}
	tx := s.newEpoch(user.ID, user.Email, func(onUser, onLogin *dynamo.Update) {
		onUser.Remove("verifyHash", "verifyUntil", "nextEmail", "nextEmailUntil", "nextEmailHash").
			If("email = ? AND resetHash = ? AND resetUntil > ?", user.Email, hash, time.Now().Unix())
		if !user.EmailVerified {
			onUser.Set("emailVerified", true).Add("version", 1).Set("updatedAt", model.Now())
		}
		onLogin.Set("passwordHash", passwordHash)
	})
	reader := *user
	reader.EmailVerified = true // by this
	err = s.tell(tx, notice, &reader, login).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("reset the password of user %s: %w", user.ID, err)
	}
	return s.told(notice, nil)
}

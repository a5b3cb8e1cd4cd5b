package account

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// AwaitVerification keeps a token that is mailed to email to prove it the user's.
// ErrNotFound: it is not, or not any more, or it is proved already.
func (s *Store) AwaitVerification(ctx context.Context, userID, email string, token MailedToken) error {
	await := s.users.Update("id", userID).
		If("email = ? AND (attribute_not_exists(emailVerified) OR emailVerified = ?)", email, false)
	return token.await(ctx, await, "verify", "await the verification of user "+userID)
}

// VerifyEmail marks the user's email as verified, which uses up the token of that hash,
// in one transaction, so that a lost answer does not use it up in vain. ErrNotFound: it is
// not the newest one, or no longer good.
func (s *Store) VerifyEmail(ctx context.Context, userID string, hash []byte) error {
	err := s.db.WriteTx().
		Update(s.users.Update("id", userID).
			Set("emailVerified", true).
			Add("version", 1).
			Set("updatedAt", model.Now()).
			Remove("verifyHash", "verifyUntil").
			If("verifyHash = ? AND verifyUntil > ?", hash, time.Now().Unix())).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("verify the email of user %s: %w", userID, err)
	}
	return nil
}

// ProveEmail marks the user's email as verified by another mail than the one that was to verify it.
// model.ErrConflict: the user has another address by now, or is gone.
func (s *Store) ProveEmail(ctx context.Context, userID, email string) error {
	err := s.users.Update("id", userID).
		Set("emailVerified", true).
		Add("version", 1).
		Set("updatedAt", model.Now()).
		Remove("verifyHash", "verifyUntil").
		If("email = ?", email).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrConflict
	case err != nil:
		return fmt.Errorf("verify the email of user %s: %w", userID, err)
	}
	return nil
}

// UserToVerify returns the user whose email the token of that hash verifies, and that email: the
// user's own, or the pending one. ErrNotFound: there is no such user, or the token is not the newest
// one, or no longer good.
func (s *Store) UserToVerify(ctx context.Context, userID string, hash []byte) (user *User, email string, err error) {
	mailed, err := s.mailedUser(ctx, userID)
	if err != nil {
		return nil, "", err
	}
	now := time.Now().Unix()
	switch {
	case bytes.Equal(mailed.VerifyHash, hash) && mailed.VerifyUntil > now:
		return &mailed.User, mailed.Email, nil
	case bytes.Equal(mailed.NextEmailHash, hash) && mailed.NextEmailUntil > now:
		return &mailed.User, mailed.NextEmail, nil
	}
	return nil, "", model.ErrNotFound
}

// DisownEmail ends every session and service token of the user whose unverified email the token of that hash was
// mailed to: whoever reads the mail says that the account is not theirs, and it is to be deleted. The
// token stays until it is, so that who could not be answered says so again. ErrNotFound: the token is
// not the newest one, or no longer good.
func (s *Store) DisownEmail(ctx context.Context, user *User, hash []byte) error {
	err := s.newEpoch(user.ID, user.Email, func(onUser, _ *dynamo.Update) {
		onUser.If("verifyHash = ? AND verifyUntil > ? AND emailVerified = ?", hash, time.Now().Unix(), false)
	}).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("disown the email of user %s: %w", user.ID, err)
	}
	return nil
}

// Verification returns a user, and until when the token is good that was mailed last to
// verify the email: the zero time where none was, or it was used. ErrNotFound: there is
// no such user.
func (s *Store) Verification(ctx context.Context, userID string) (*User, time.Time, error) {
	user, err := s.mailedUser(ctx, userID)
	switch {
	case err != nil:
		return nil, time.Time{}, err
	case user.VerifyUntil == 0:
		return &user.User, time.Time{}, nil
	}
	return &user.User, time.Unix(user.VerifyUntil, 0), nil
}

package account

import (
	"context"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// AwaitVerification keeps a token that is mailed to email to prove it the user's.
// ErrNotFound: it is not, or not any more, or it is proved already.
func (s *Store) AwaitVerification(ctx context.Context, userID, email string, token MailedToken) error {
	err := s.users.Update("id", userID).
		Set("verifyHash", token.Hash).
		Set("verifyUntil", token.Until.Unix()).
		If("email = ? AND (attribute_not_exists(emailVerified) OR emailVerified = ?)", email, false).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("await the verification of user %s: %w", userID, err)
	}
	return nil
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

package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// maxTries is how often a change is tried again from the read, where another came between the
// two.
const maxTries = 8

// ErrUnfinished: the user is deleted, but not all that was theirs. It comes with what
// was in the way.
var ErrUnfinished = errors.New("the user is deleted, but not all that was theirs, which `ownql sweep` deletes")

// DeleteUser deletes the user and their login in one transaction, which ends every
// session and frees the email, then what the user owns, as the delete of each type
// does, then the items of the sessions.
//
// ErrNotFound: there is no such user. ErrHeld: something of another owner belongs with
// RESTRICT to something of the user's; then nothing has changed. ErrConflict: others keep
// changing the user. ErrUnfinished: it was interrupted after the transaction. Then the
// user is gone, another call gets ErrNotFound, and the rest is for Sweep, as is what
// another comes to hold with RESTRICT at that very moment; sessions go by their time to
// live.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	isHeld, err := s.db.IsHeld(ctx, id)
	if err != nil {
		return fmt.Errorf("see what holds user %s: %w", id, err)
	}
	if isHeld {
		return model.ErrHeld
	}
	if err := s.deleteAccount(ctx, id); err != nil {
		return err
	}
	if err := s.db.RemoveOwned(ctx, id); err != nil && !errors.Is(err, model.ErrHeld) {
		return fmt.Errorf("%w: delete what user %s owned: %w", ErrUnfinished, id, err)
	}
	if err := s.deleteSessions(ctx, id); err != nil {
		return fmt.Errorf("%w: delete the sessions of user %s: %w", ErrUnfinished, id, err)
	}
	return nil
}

// deleteAccount deletes the user and their login. ErrNotFound, ErrConflict: see
// DeleteUser.
func (s *Store) deleteAccount(ctx context.Context, id string) error {
	for range maxTries {
		var user User
		err := s.users.Get("id", id).Consistent(true).One(ctx, &user)
		switch {
		case errors.Is(err, dynamo.ErrNotFound):
			return model.ErrNotFound
		case err != nil:
			return fmt.Errorf("read user %s: %w", id, err)
		}
		err = s.db.WriteTx().
			Delete(s.users.Delete("id", id)).
			Delete(s.logins.Delete("email", user.Email).If("userId = ?", id)). // the two change together
			Run(ctx)
		switch {
		case err == nil:
			return nil
		case !dynamo.IsCondCheckFailed(err):
			return fmt.Errorf("delete user %s: %w", id, err)
		} // else the email has changed, or somebody was faster
	}
	return fmt.Errorf("delete user %s: %w", id, model.ErrConflict)
}

func (s *Store) deleteSessions(ctx context.Context, userID string) error {
	var sessions []Session
	if err := s.sessions.Get("userId", userID).Consistent(true).All(ctx, &sessions); err != nil || len(sessions) == 0 {
		return err
	}
	keys := make([]dynamo.Keyed, len(sessions))
	for i, session := range sessions {
		keys[i] = dynamo.Keys{session.UserID, session.ID}
	}
	_, err := s.sessions.Batch("userId", "id").Write().Delete(keys...).Run(ctx)
	return err
}

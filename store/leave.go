package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

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
	isHeld, err := s.isHeld(ctx, id)
	if err != nil {
		return fmt.Errorf("see what holds user %s: %w", id, err)
	}
	if isHeld {
		return ErrHeld
	}
	if err := s.deleteAccount(ctx, id); err != nil {
		return err
	}
	if err := s.removeOwned(ctx, id); err != nil && !errors.Is(err, ErrHeld) {
		return fmt.Errorf("%w: delete what user %s owned: %w", ErrUnfinished, id, err)
	}
	if err := s.deleteSessions(ctx, id); err != nil {
		return fmt.Errorf("%w: delete the sessions of user %s: %w", ErrUnfinished, id, err)
	}
	return nil
}

// isHeld tells whether something of another owner belongs with RESTRICT to something of
// the user's, or to what would be deleted with it.
func (s *Store) isHeld(ctx context.Context, ownerID string) (bool, error) {
	seen := map[string]bool{}
	for _, model := range s.all {
		if !model.mayBeHeld(map[anyModel]bool{}) {
			continue
		}
		for ids, err := range model.idsOf(ctx, byOwner, ownerID) {
			if err != nil {
				return false, err
			}
			for _, id := range ids {
				if isHeld, err := model.isHeld(ctx, id, ownerID, seen); isHeld || err != nil {
					return isHeld, err
				}
			}
		}
	}
	return false, nil
}

// deleteAccount deletes the user and their login. ErrNotFound, ErrConflict: see
// DeleteUser.
func (s *Store) deleteAccount(ctx context.Context, id string) error {
	for range maxTries {
		var user User
		err := s.users.Get("id", id).Consistent(true).One(ctx, &user)
		switch {
		case errors.Is(err, dynamo.ErrNotFound):
			return ErrNotFound
		case err != nil:
			return fmt.Errorf("read user %s: %w", id, err)
		}
		err = s.db.WriteTx().Idempotent(true).
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
	return fmt.Errorf("delete user %s: %w", id, ErrConflict)
}

// removeOwned deletes what the user owns of every type. What is held by something else
// of the user's may go once that is gone.
func (s *Store) removeOwned(ctx context.Context, ownerID string) error {
	for {
		removed, isHeld := 0, false
		for _, model := range s.all {
			for ids, err := range model.idsOf(ctx, byOwner, ownerID) {
				if err != nil {
					return err
				}
				for batch := range slices.Chunk(ids, batchSize(model)) {
					err := model.remove(ctx, batch, false)
					switch {
					case errors.Is(err, ErrHeld):
						isHeld = true
					case err != nil:
						return err
					default:
						removed += len(batch)
					}
				}
			}
		}
		switch {
		case !isHeld:
			return nil
		case removed == 0:
			return ErrHeld
		}
	}
}

// batchSize is how many items go together: one where that one may be held, and the
// others are to go nevertheless.
func batchSize(model anyModel) int {
	if model.hasChildren() {
		return 1
	}
	return maxPageSize
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

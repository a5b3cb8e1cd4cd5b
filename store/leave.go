package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// DeleteUser closes the account, deletes what the user owns as the delete of each type
// does, the sessions, then the account. After an interruption, or ErrHeld, the account
// stays closed, and another call goes on.
//
// ErrNotFound: there is no such user. ErrHeld: something of another owner belongs with
// RESTRICT to something of the user's.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	var user User
	err := s.users.Get("id", id).Consistent(true).One(ctx, &user)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("read user %s: %w", id, err)
	}
	if err := s.closeAccount(ctx, &user); err != nil {
		return fmt.Errorf("close the account of user %s: %w", id, err)
	}
	if err := s.removeOwned(ctx, id); err != nil {
		return err
	}
	if err := s.deleteSessions(ctx, id); err != nil {
		return fmt.Errorf("delete the sessions of user %s: %w", id, err)
	}
	err = s.db.WriteTx().Idempotent(true).
		Delete(s.users.Delete("id", id)).
		Delete(s.logins.Delete("email", user.Email)).
		Run(ctx)
	if err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	return nil
}

// closeAccount ends the user's sessions, and leaves no password to sign in with.
func (s *Store) closeAccount(ctx context.Context, user *User) error {
	return s.newEpoch(user.ID, user.Email, func(onUser, onLogin *dynamo.Update) {
		onUser.Remove("verifyHash", "verifyUntil")
		onLogin.Remove("passwordHash")
	}).Run(ctx)
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
					err := model.remove(ctx, batch)
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

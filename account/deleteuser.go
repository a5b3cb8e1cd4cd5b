package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// maxTries is how often a change is tried again from the read, where another came between the
// two.
const maxTries = 8

// DeleteUser deletes the user and their login in one transaction, which ends every
// session and frees the email, and promises the rest: all that the user owns goes, with what
// belongs to it by CASCADE, whatever holds it. What is another's and belongs to it with RESTRICT
// stays that owner's. As much as there is time for is gone when DeleteUser returns, which tells
// whether that is all; what is left goes soon, by the outbox.
//
// What is kept, see [model.OnOwnerDelete], is nobody's from then on.
//
// [model.ErrLastInRole]: the user is the last in the highest role somewhere where there are others.
// [model.ErrNotKeptYet]: see there.
// ErrNotFound: there is no such user. ErrConflict: others keep changing the user. Sessions and tokens are
// good for nothing from then on; those that cannot be deleted go by their time to live, or by
// SweepTokens.
func (s *Store) DeleteUser(ctx context.Context, id string) (isComplete bool, err error) {
	return s.deleteUser(ctx, id, false)
}

// ForceDeleteUser is DeleteUser that leaves others without anybody in the highest role, where it must, and that
// does not wait until no other server runs that would delete what is kept.
func (s *Store) ForceDeleteUser(ctx context.Context, id string) (isComplete bool, err error) {
	return s.deleteUser(ctx, id, true)
}

func (s *Store) deleteUser(ctx context.Context, id string, isForced bool) (isComplete bool, err error) {
	leaving := s.db.Leave(id)
	if !isForced {
		if err := leaving.MayBegin(ctx); err != nil {
			return false, err
		}
	}
	if err := s.deleteAccount(ctx, id, leaving, isForced); err != nil {
		return false, err
	}
	return s.leave(ctx, id, leaving), nil
}

// DeleteLogin deletes a login whose user is not there, and what that user owned, as DeleteUser does.
// ErrConflict: the login is another's by now.
func (s *Store) DeleteLogin(ctx context.Context, login *Login) (isComplete bool, err error) {
	leaving := s.db.Leave(login.UserID)
	err = leaving.Promise(s.db.WriteTx().
		Check(s.users.Check("id", login.UserID).IfNotExists()).
		Delete(s.logins.Delete("email", login.Email).If("userId = ?", login.UserID))).
		Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		err = model.ErrConflict
	}
	if err != nil {
		return false, fmt.Errorf("delete login %s: %w", login.Email, err)
	}
	return s.leave(ctx, login.UserID, leaving), nil
}

// leave deletes the sessions and the tokens of a user who is gone, and begins with what they owned. What is in the
// way is for the log: the user is gone, and what is left goes by itself.
func (s *Store) leave(ctx context.Context, id string, leaving *model.Leaving) (isComplete bool) {
	if err := s.sessionsOf().deleteAll(ctx, id); err != nil {
		slog.WarnContext(ctx, "the sessions of a deleted user are left to their time to live", "user", id, "error", err)
	}
	if err := s.tokensOf().deleteAll(ctx, id); err != nil {
		slog.WarnContext(ctx, "the tokens of a deleted user are left to `ownql sweep`", "user", id, "error", err)
	}
	isComplete, err := leaving.Begin(ctx)
	if err != nil {
		slog.WarnContext(ctx, "what a deleted user owned is left to the outbox", "user", id, "error", err)
	}
	return isComplete
}

// deleteAccount deletes the user and their login, and promises the rest with it. ErrNotFound,
// ErrConflict: see DeleteUser.
func (s *Store) deleteAccount(ctx context.Context, id string, leaving *model.Leaving, isForced bool) error {
	for range maxTries {
		var (
			item dynamo.Item
			user User
		)
		err := s.users.Get("id", id).Consistent(true).One(ctx, &item)
		if err == nil {
			err = dynamo.UnmarshalItem(item, &user)
		}
		switch {
		case errors.Is(err, dynamo.ErrNotFound):
			return model.ErrNotFound
		case err != nil:
			return fmt.Errorf("read user %s: %w", id, err)
		}
		tx := leaving.Promise(s.db.WriteTx().
			Delete(unlessRaised(s.users.Delete("id", id), item)).
			Delete(s.logins.Delete("email", user.Email).If("userId = ?", id))) // the two change together
		if err := leaving.EndMemberships(ctx, tx, isForced); err != nil {
			return err
		}
		err = tx.Run(ctx)
		switch {
		case err == nil:
			return nil
		case !dynamo.IsCondCheckFailed(err):
			return fmt.Errorf("delete user %s: %w", id, err)
		} // else the email has changed, or somebody was faster; or another left whom they had in common
	}
	return fmt.Errorf("delete user %s: %w", id, model.ErrConflict)
}

// unlessRaised has a deletion fail where the user has got the highest role somewhere since the item was read.
func unlessRaised(erase *dynamo.Delete, item dynamo.Item) *dynamo.Delete {
	if raised := item[model.RaisedAttribute]; raised != nil {
		return erase.If("$ = ?", model.RaisedAttribute, raised)
	}
	return erase.If("attribute_not_exists($)", model.RaisedAttribute)
}

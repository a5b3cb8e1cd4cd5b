package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// UndoLife is how long after a change of an account its owner can undo it.
const UndoLife = 7 * 24 * time.Hour

// A NoticeKind says what the owner of an account is told of. Empty: nothing.
type NoticeKind string

// A Notice is what the outbox has of a mail that tells the owner of an account that it was changed.
type Notice struct {
	Kind   NoticeKind `json:"kind"`
	To     string     `json:"to"` // the canonical email that the account had
	UserID string     `json:"userId"`
	UndoID string     `json:"undoId"`
}

// OutboxNotice is under what notices are promised.
const OutboxNotice = "notice"

// An Undo is an item of the undos table: a way back from one change of an account, for whoever reads
// the mail of the address that the account had. It outlives what changes after it.
type Undo struct {
	UserID string `dynamo:"userId,hash"`
	ID     string `dynamo:"id,range"`
	Email  string `dynamo:"email"` // canonical
	// FormerHash is of the password that the account had, where nobody had proved to read the mail of
	// the address: it may be a stranger's, whom mail alone must not give the account.
	FormerHash string `dynamo:"formerHash,omitempty"`
	TTL        int64  `dynamo:"ttl"` // Unix seconds; not good from then on, swept some time later
}

// tell adds to the transaction of a change what tells the user, whose login is as before it, and a
// way back.
func (s *Store) tell(tx *dynamo.WriteTx, kind NoticeKind, user *User, login *Login) *dynamo.WriteTx {
	if kind == "" {
		return tx
	}
	undo := Undo{UserID: user.ID, ID: model.NewID(), Email: login.Email, TTL: time.Now().Add(UndoLife).Unix()}
	if !user.EmailVerified {
		undo.FormerHash = login.PasswordHash
	}
	return tx.Put(s.undos.Put(undo)).
		Put(s.db.Promise(OutboxNotice, Notice{Kind: kind, To: login.Email, UserID: user.ID, UndoID: undo.ID}))
}

// told has the outbox worked at, where a change with a notice was made, and returns err.
func (s *Store) told(kind NoticeKind, err error) error {
	if kind != "" && err == nil {
		s.db.WakeOutbox()
	}
	return err
}

// Undo returns a way back of the user, in one strongly consistent GetItem. ErrNotFound: there is
// none, or not any more.
func (s *Store) Undo(ctx context.Context, userID, id string) (*Undo, error) {
	var undo Undo
	err := s.undos.Get("userId", userID).Range("id", dynamo.Equal, id).Consistent(true).One(ctx, &undo)
	switch {
	case errors.Is(err, dynamo.ErrNotFound) || err == nil && undo.TTL <= time.Now().Unix():
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read a way back of user %s: %w", userID, err)
	}
	return &undo, nil
}

// GoBack takes a way back: it gives the account the address that it had, which is proved by that, and
// another password's hash, ends every session and service token and all that was mailed, and takes away this way back
// and the later ones, which were mailed to whoever made the change.
//
// ErrNotFound: the way back was taken meanwhile, or the user is gone. ErrEmailTaken: another account
// has the address. ErrConflict: others keep changing the account.
func (s *Store) GoBack(ctx context.Context, undo *Undo, passwordHash string, notice NoticeKind) error {
	for try := range maxTries {
		if err := model.Pause(ctx, try); err != nil {
			return err
		}
		if _, err := s.Undo(ctx, undo.UserID, undo.ID); err != nil {
			return err
		}
		user, err := s.User(ctx, undo.UserID)
		if err != nil {
			return err
		}
		login, err := s.Login(ctx, user.Email)
		if errors.Is(err, model.ErrNotFound) {
			continue // it was changed between the two
		}
		if err != nil {
			return err
		}
		if err := s.forgetUndosAfter(ctx, undo); err != nil {
			return err
		}
		err = s.goBack(ctx, undo, user, login, passwordHash, notice)
		if !errors.Is(err, model.ErrConflict) || errors.Is(err, ErrEmailTaken) {
			return s.told(notice, err)
		}
	}
	return model.ErrConflict
}

// goBack is one try of GoBack, from user and login as they were read. ErrConflict: they are not any
// more, or the way back is not there.
func (s *Store) goBack(ctx context.Context, undo *Undo, user *User, login *Login, passwordHash string, notice NoticeKind) error {
	restored := *login
	restored.Email, restored.PasswordHash, restored.SessionEpoch = undo.Email, passwordHash, user.SessionEpoch+1
	owner := *user
	owner.EmailVerified = true
	tx := s.db.WriteTx()
	if login.Email == undo.Email {
		tx.Put(s.logins.Put(restored).If("userId = ? AND sessionEpoch = ?", user.ID, user.SessionEpoch))
	} else {
		tx.Put(s.logins.Put(restored).If("attribute_not_exists(email)")).
			Delete(s.logins.Delete("email", login.Email).If("userId = ?", user.ID))
	}
	tx.Update(removeMailed(s.users.Update("id", user.ID)).
		Set("email", undo.Email).
		Set("emailVerified", true).
		Add("sessionEpoch", 1).
		Add("version", 1).
		Set("updatedAt", model.Now()).
		// The two change with all that makes another way back.
		If("version = ? AND sessionEpoch = ?", user.Version, user.SessionEpoch)).
		Delete(s.undos.Delete("userId", undo.UserID).Range("id", undo.ID).If("attribute_exists(id)"))
	err := s.tell(tx, notice, &owner, &restored).Run(ctx)
	if login.Email != undo.Email && slices.Contains(model.FailedConditions(err), 0) {
		return ErrEmailTaken
	}
	return accountError("undo a change of", user, err)
}

// forgetUndosAfter deletes the ways back from what was changed after this one.
func (s *Store) forgetUndosAfter(ctx context.Context, undo *Undo) error {
	var later []Undo
	err := s.undos.Get("userId", undo.UserID).Range("id", dynamo.Greater, undo.ID).Consistent(true).All(ctx, &later)
	if err != nil {
		return fmt.Errorf("read the ways back of user %s: %w", undo.UserID, err)
	}
	if len(later) == 0 {
		return nil
	}
	keys := make([]dynamo.Keyed, len(later))
	for i, undo := range later {
		keys[i] = dynamo.Keys{undo.UserID, undo.ID}
	}
	if _, err := s.undos.Batch("userId", "id").Write().Delete(keys...).Run(ctx); err != nil {
		return fmt.Errorf("forget the ways back of user %s: %w", undo.UserID, err)
	}
	return nil
}

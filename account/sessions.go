package account

import (
	"context"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// SessionConnection and SessionEdge are the schema's types of those names.
type (
	SessionConnection = model.Connection[Session]
	SessionEdge       = model.Edge[Session]
)

// sessionsOf are the sessions, as what users have.
func (s *Store) sessionsOf() ofUser[Session] {
	return ofUser[Session]{s.sessions, s.users, s.db, s.decodeSession, s.decodeUser, "sessions", func(session *Session) dynamo.Keys { return dynamo.Keys{session.UserID, session.ID} }, s.isLive}
}

// Session returns a live session and its user, in one strongly consistent
// BatchGetItem over both tables. ErrNotFound: it has ended, or never was.
func (s *Store) Session(ctx context.Context, userID, id string) (*User, *Session, error) {
	return s.sessionsOf().of(ctx, userID, id)
}

// Sessions returns a page of the user's live sessions, the newest first, for nobody but
// the user, who has signed in. ErrNotFound: the caller is another. ErrForbidden: it comes by a service
// token. Code BAD_USER_INPUT: the page asks for too much, or a cursor is of another list.
func (s *Store) Sessions(ctx context.Context, caller model.Caller, user *User, page model.Page) (*SessionConnection, error) {
	return s.sessionsOf().page(ctx, caller, user, page)
}

// SessionsByID returns the user's live sessions with these ids, by id, in one strongly
// consistent BatchGetItem. Others are absent.
func (s *Store) SessionsByID(ctx context.Context, user *User, ids []string) (map[string]*Session, error) {
	return s.sessionsOf().byID(ctx, user, ids)
}

// RevokeSession ends the user's session with this global id, in one transaction, so that
// a lost answer is not taken for its end before. ErrNotFound: the user has no such session.
func (s *Store) RevokeSession(ctx context.Context, user *User, global string) error {
	typeName, id, ok := model.ParseGlobalID(global)
	if !ok || typeName != "Session" {
		return model.ErrNotFound
	}
	err := s.db.WriteTx().
		Delete(s.sessions.Delete("userId", user.ID).Range("id", id).
			If("epoch = ? AND 'ttl' > ?", user.SessionEpoch, model.Now().Time().Unix())).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// SessionConnection and SessionEdge are the schema's types of those names.
type (
	SessionConnection = model.Connection[Session]
	SessionEdge       = model.Edge[Session]
)

// sessionList tells the cursors of a user's sessions from those of other lists.
const sessionList = "Session"

// Sessions returns a page of the user's live sessions, the newest first, for nobody but
// the user; of page it takes First and After. ErrNotFound: the caller is another.
func (s *Store) Sessions(ctx context.Context, caller model.Caller, user *User, page model.Page) (*SessionConnection, error) {
	if caller.ID == "" || caller.ID != user.ID {
		return nil, model.ErrNotFound
	}
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	query := s.sessions.Get("userId", user.ID).
		Order(dynamo.Descending).
		Consistent(true).
		Filter("epoch = ? AND 'ttl' > ?", user.SessionEpoch, model.Now().Time().Unix())
	if page.After != nil {
		id, err := model.DecodeIDCursor(sessionList, "after", *page.After)
		if err != nil {
			return nil, err
		}
		query.Range("id", dynamo.Less, id)
	}
	connection := &SessionConnection{Edges: []*SessionEdge{}, PageInfo: &model.PageInfo{HasPreviousPage: page.After != nil}}
	sessions := query.Limit(size + 1).Iter()
	for session := new(Session); sessions.Next(ctx, session); session = new(Session) {
		if len(connection.Edges) == size {
			connection.PageInfo.HasNextPage = true
			break
		}
		connection.Edges = append(connection.Edges, &SessionEdge{Cursor: model.EncodeIDCursor(sessionList, session.ID), Node: session})
	}
	if err := sessions.Err(); err != nil {
		return nil, fmt.Errorf("read the sessions of user %s: %w", user.ID, err)
	}
	if edges := connection.Edges; len(edges) > 0 {
		connection.PageInfo.StartCursor = &edges[0].Cursor
		connection.PageInfo.EndCursor = &edges[len(edges)-1].Cursor
	}
	return connection, nil
}

// SessionsByID returns the user's live sessions with these ids, by id, in one strongly
// consistent BatchGetItem. Others are absent.
func (s *Store) SessionsByID(ctx context.Context, user *User, ids []string) (map[string]*Session, error) {
	wanted := make(map[string]dynamo.Keyed, len(ids))
	for _, id := range ids {
		wanted[id] = dynamo.Keys{user.ID, id}
	}
	found := make(map[string]*Session, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	var sessions []*Session
	err := s.sessions.Batch("userId", "id").Get(slices.Collect(maps.Values(wanted))...).Consistent(true).All(ctx, &sessions)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d sessions: %w", len(wanted), err)
	}
	for _, session := range sessions {
		if session.isLive(user) {
			found[session.ID] = session
		}
	}
	return found, nil
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

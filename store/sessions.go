package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// SessionConnection and SessionEdge are the schema's types of those names.
type (
	SessionConnection = Connection[Session]
	SessionEdge       = Edge[Session]
)

// sessionList tells the cursors of a user's sessions from those of other lists.
const sessionList = "Session"

// Sessions returns a page of the user's live sessions, the newest first, for nobody but
// the user; of page it takes First and After. ErrNotFound: the caller is another.
func (s *Store) Sessions(ctx context.Context, caller Caller, user *User, page Page) (*SessionConnection, error) {
	if caller.ID == "" || caller.ID != user.ID {
		return nil, ErrNotFound
	}
	size, err := page.size()
	if err != nil {
		return nil, err
	}
	query := s.sessions.Get("userId", user.ID).
		Order(dynamo.Descending).
		Consistent(true).
		Filter("epoch = ? AND 'ttl' > ?", user.SessionEpoch, Now().Time().Unix())
	if page.After != nil {
		at, ok := decodeCursor(sessionList, *page.After)
		if !ok || !isIDPosition(at) {
			return nil, &InputError{"after", "after is a cursor of this list, as its edges and pageInfo have it"}
		}
		query.Range("id", dynamo.Less, at.id)
	}
	connection := &SessionConnection{Edges: []*SessionEdge{}, PageInfo: &PageInfo{HasPreviousPage: page.After != nil}}
	sessions := query.Limit(size + 1).Iter()
	for session := new(Session); sessions.Next(ctx, session); session = new(Session) {
		if len(connection.Edges) == size {
			connection.PageInfo.HasNextPage = true
			break
		}
		id := &types.AttributeValueMemberS{Value: session.ID}
		connection.Edges = append(connection.Edges, &SessionEdge{encodeCursor(sessionList, position{id, session.ID}), session})
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

// isIDPosition tells whether the position is one of a list by id.
func isIDPosition(at position) bool {
	sort, isText := at.sort.(*types.AttributeValueMemberS)
	return isText && sort.Value == at.id
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
	typeName, id, ok := ParseGlobalID(global)
	if !ok || typeName != "Session" {
		return ErrNotFound
	}
	err := s.db.WriteTx().Idempotent(true).
		Delete(s.sessions.Delete("userId", user.ID).Range("id", id).
			If("epoch = ? AND 'ttl' > ?", user.SessionEpoch, Now().Time().Unix())).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

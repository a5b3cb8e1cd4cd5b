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
func sessionList(user *User) string { return "sessions of " + user.ID }

// Sessions returns a page of the user's live sessions, the newest first, for nobody but
// the user. ErrNotFound: the caller is another. Code BAD_USER_INPUT: the page asks for too much, or
// a cursor is of another list.
func (s *Store) Sessions(ctx context.Context, caller model.Caller, user *User, page model.Page) (*SessionConnection, error) {
	if caller.ID == "" || caller.ID != user.ID {
		return nil, model.ErrNotFound
	}
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	after, err := s.sessionCursor(user, "after", page.After)
	if err != nil {
		return nil, err
	}
	before, err := s.sessionCursor(user, "before", page.Before)
	if err != nil {
		return nil, err
	}
	// The newest has the greatest id. The walk begins behind one cursor, and ends at the other.
	isBackward := page.Last != nil
	last, isPast := after, func(id string) bool { return before != "" && id <= before }
	if isBackward {
		last, isPast = before, func(id string) bool { return after != "" && id >= after }
	}
	edges, hasMore, isEarly := []*SessionEdge{}, false, false
	budget, examined := model.ReadBudgetFrom(ctx), 0
walk:
	for limit := size + 1; ; limit = sessionsAtOnce {
		limit = min(limit, budget.ListLimit(size)-examined)
		if limit > 0 {
			limit = budget.Take(limit)
		}
		if isEarly = limit == 0; isEarly {
			break
		}
		found, goesOn, err := s.nextSessions(ctx, user, last, isBackward, limit)
		if err != nil {
			return nil, err
		}
		budget.GiveBack(limit - max(len(found), 1))
		examined += len(found)
		for _, session := range found {
			last = session.ID
			if isPast(last) {
				break walk
			}
			if !s.isLive(session, user) {
				continue
			}
			if hasMore = len(edges) == size; hasMore {
				break walk
			}
			edges = append(edges, &SessionEdge{Cursor: s.db.EncodeIDCursor(sessionList(user), session.ID), Node: session})
		}
		if !goesOn {
			break
		}
	}
	info := &model.PageInfo{HasNextPage: hasMore || isEarly, HasPreviousPage: page.After != nil}
	if isBackward {
		slices.Reverse(edges)
		info.HasNextPage, info.HasPreviousPage = page.Before != nil, hasMore || isEarly
	}
	if len(edges) > 0 {
		info.StartCursor, info.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	if isEarly && last != "" {
		cursor := s.db.EncodeIDCursor(sessionList(user), last)
		if isBackward {
			info.StartCursor = &cursor
		} else {
			info.EndCursor = &cursor
		}
	}
	return &SessionConnection{Edges: edges, PageInfo: info}, nil
}

// sessionCursor returns the id of the session that a cursor of the argument points at, empty
// without one.
func (s *Store) sessionCursor(user *User, argument string, cursor *string) (id string, err error) {
	if cursor == nil {
		return "", nil
	}
	return s.db.DecodeIDCursor(sessionList(user), argument, *cursor)
}

// sessionsAtOnce is how many sessions are read at once where the first few have ended.
const sessionsAtOnce = 100

// nextSessions returns at most limit of the user's sessions behind last, ended ones included, the
// newest first or, backward, last; and whether there may be more.
func (s *Store) nextSessions(ctx context.Context, user *User, last string, isBackward bool, limit int) (found []*Session, goesOn bool, err error) {
	query := s.sessions.Get("userId", user.ID).Order(dynamo.Order(isBackward)).Consistent(true).SearchLimit(limit)
	switch {
	case last != "" && isBackward:
		query.Range("id", dynamo.Greater, last)
	case last != "":
		query.Range("id", dynamo.Less, last)
	}
	following, err := query.AllWithLastEvaluatedKey(ctx, &found)
	if err != nil {
		return nil, false, fmt.Errorf("read the sessions of user %s: %w", user.ID, err)
	}
	return found, following != nil, nil
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
		if s.isLive(session, user) {
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

// Package account is people: the users of a project, how they sign in, their sessions, and the
// attempts to sign in as them. It keeps them in tables of its own; package auth decides who may
// have them changed.
package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// Store reads and writes the tables of accounts. It is safe for concurrent use.
type Store struct {
	db       *model.DB
	users    dynamo.Table
	logins   dynamo.Table
	sessions dynamo.Table
	tokens   dynamo.Table
	attempts dynamo.Table
	undos    dynamo.Table

	maxSession time.Duration // see LimitSessions

	decodeUser    userDecoder
	decodeSession *decoder[Session]
	decodeToken   *decoder[Token]
}

// New returns the accounts that db keeps, and adds their tables to it.
func New(db *model.DB) *Store {
	s := &Store{
		db:       db,
		users:    db.AddTable("users", User{}, false),
		logins:   db.AddTable("logins", Login{}, false),
		sessions: db.AddTable("sessions", Session{}, true),
		tokens:   db.AddTable("tokens", Token{}, false),
		attempts: db.AddTable("attempts", attempts{}, true),
		undos:    db.AddTable("undos", Undo{}, true),

		maxSession: MaxSession,

		decodeUser:    userDecoder{newDecoder((*User).copied)},
		decodeSession: newDecoder((*Session).copied),
		decodeToken:   newDecoder((*Token).copied),
	}
	db.SetUsers(model.Users{There: s.there, Seen: s.seen, Caller: s.caller, Canonical: CanonicalEmail, Check: s.check, Raise: s.raise})
	return s
}

// seen tells of which of the users with these ids the caller may read something. Others, and those who are
// not there, are the same to the caller.
func (s *Store) seen(ctx context.Context, caller model.Caller, ids []string) (map[string]bool, error) {
	seen, err := s.visible(ctx, caller, ids)
	if err != nil {
		return nil, err
	}
	var others []string
	for id := range seen {
		if !isSelf(caller, id) {
			others = append(others, id)
		}
	}
	there, err := s.there(ctx, others)
	for _, id := range others {
		seen[id] = there[id]
	}
	return seen, err
}

// visible returns true for those of the ids of which the caller may read something, if there are such
// users.
func (s *Store) visible(ctx context.Context, caller model.Caller, ids []string) (map[string]bool, error) {
	visible, others := map[string]bool{}, []string(nil)
	for _, id := range ids {
		if maySee(caller, id) {
			visible[id] = true
		} else if id != "" && !isSelf(caller, id) {
			others = append(others, id)
		}
	}
	if len(others) == 0 || !s.db.Users().HasFieldRules() || !caller.HasScope(model.OnRead, "User") {
		return visible, nil
	}
	admitted, err := s.db.Users().MaySee(ctx, caller, others)
	if err != nil {
		return nil, err
	}
	maps.Copy(visible, admitted)
	return visible, nil
}

// caller is of [model.Users].
func (s *Store) caller(ctx context.Context, id string) (model.Caller, error) {
	user, err := s.User(ctx, id)
	if err != nil {
		return model.Caller{}, err
	}
	return user.Caller(), nil
}

// check holds where there is the user.
func (s *Store) check(id string) *dynamo.ConditionCheck {
	return s.users.Check("id", id).If("attribute_exists(id)")
}

// raise is of [model.Users].
func (s *Store) raise(id string) *dynamo.Update {
	return s.users.Update("id", id).SetExpr("$ = ?", model.RaisedAttribute, model.NewID()).If("attribute_exists(id)")
}

// DB returns the tables, for a project to add its own.
func (s *Store) DB() *model.DB { return s.db }

// there tells which of the users with these ids there are, in one strongly
// consistent BatchGetItem for each 100.
func (s *Store) there(ctx context.Context, ids []string) (map[string]bool, error) {
	var keys []dynamo.Keyed
	there := map[string]bool{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if id != "" {
			keys = append(keys, dynamo.Keys{id})
		}
	}
	if len(keys) == 0 {
		return there, nil
	}
	var users []User
	err := s.users.Batch("id").Get(keys...).Project("id").Consistent(true).All(ctx, &users)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d users: %w", len(keys), err)
	}
	for _, user := range users {
		there[user.ID] = true
	}
	return there, nil
}

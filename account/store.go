// Package account is people: the users of a project, how they sign in, their sessions, and the
// attempts to sign in as them. It keeps them in tables of its own; package auth decides who may
// have them changed.
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
	}
	db.SetUsers(model.Users{There: s.there, Seen: seen, Caller: s.caller, Canonical: CanonicalEmail, Check: s.check, Raise: s.raise})
	return s
}

// seen tells which of the users with these ids the caller may see.
func seen(_ context.Context, caller model.Caller, ids []string) (map[string]bool, error) {
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = maySee(caller, id)
	}
	return seen, nil
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

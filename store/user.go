package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// User is an item of the users table, and the type User of the schema.
// It never holds a password: see [Login]. What is mailed to the user is in the item, too:
// see [MailedToken].
type User struct {
	ID            string   `dynamo:"id,hash"`
	Email         string   `dynamo:"email"`         // canonical
	EmailVerified bool     `dynamo:"emailVerified"` // a mail to it was answered
	FirstName     string   `dynamo:"firstName,allowempty"`
	LastName      string   `dynamo:"lastName,allowempty"`
	Roles         []string `dynamo:"roles,set,omitempty"`
	SessionEpoch  int      `dynamo:"sessionEpoch"` // sessions of an earlier epoch have ended
	Version       int      `dynamo:"version"`      // 1 when made, one more with each change
	CreatedAt     DateTime `dynamo:"createdAt"`
	UpdatedAt     DateTime `dynamo:"updatedAt"`
}

// IsNode marks User as a Node of the schema.
func (*User) IsNode() {}

// GlobalID returns the user's id as the schema shows it.
func (u *User) GlobalID() string { return globalID("User", u.ID) }

// Caller returns the user as one who asks.
func (u *User) Caller() Caller { return Caller{ID: u.ID, Roles: u.Roles} }

// mayReadUser tells whether the caller may see the user with this id.
func (c Caller) mayReadUser(id string) bool { return c.ID != "" && c.ID == id }

// mayUpdateUser tells whether the caller may change the user with this id.
func (c Caller) mayUpdateUser(id string) bool { return c.ID != "" && c.ID == id }

// UsersByID returns the users with these ids that the caller may read, by id, in
// one strongly consistent BatchGetItem. Others are absent.
func (s *Store) UsersByID(ctx context.Context, caller Caller, ids []string) (map[string]*User, error) {
	wanted := map[string]dynamo.Keyed{}
	for _, id := range ids {
		if caller.mayReadUser(id) {
			wanted[id] = dynamo.Keys{id}
		}
	}
	found := make(map[string]*User, len(wanted))
	if len(wanted) == 0 {
		return found, nil
	}
	var users []*User
	err := s.users.Batch("id").Get(slices.Collect(maps.Values(wanted))...).Consistent(true).All(ctx, &users)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d users: %w", len(wanted), err)
	}
	for _, user := range users {
		found[user.ID] = user
	}
	return found, nil
}

// Users goes through all users, a page at a time and in no order, for the operator.
func (s *Store) Users(ctx context.Context) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		users := s.users.Scan().Consistent(true).Iter()
		for user := new(User); users.Next(ctx, user); user = new(User) {
			if !yield(user, nil) {
				return
			}
		}
		if err := users.Err(); err != nil {
			yield(nil, fmt.Errorf("read users: %w", err))
		}
	}
}

// UserUpdate is a change of a user. A nil field stays as it is.
type UserUpdate struct {
	FirstName *string
	LastName  *string
	// ExpectedVersion, where it is not nil, is the version that the change is based on.
	ExpectedVersion *int
}

// UpdateUser changes the user, in one UpdateItem of what differs, and returns it as it is
// then. ErrNotFound: there is no such user, or the caller may not know.
// ErrConflict: its version is not the expected one.
func (s *Store) UpdateUser(ctx context.Context, caller Caller, id string, change UserUpdate) (*User, error) {
	if !caller.mayUpdateUser(id) {
		return nil, ErrNotFound
	}
	if change.FirstName == nil && change.LastName == nil {
		return s.unchangedUser(ctx, id, change.ExpectedVersion)
	}
	now := Now()
	update := s.users.Update("id", id).
		Add("version", 1).
		Set("updatedAt", now).
		If("attribute_exists(id)")
	if change.FirstName != nil {
		update.SetNullable("firstName", *change.FirstName)
	}
	if change.LastName != nil {
		update.SetNullable("lastName", *change.LastName)
	}
	if change.ExpectedVersion != nil {
		update.If("version = ?", *change.ExpectedVersion)
	}
	user := new(User)
	err := update.Value(ctx, user)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return s.settleUser(ctx, id, change, now, isDoubtful(err))
	case err != nil:
		return nil, fmt.Errorf("update user %s: %w", id, err)
	}
	return user, nil
}

// settleUser returns what became of a change whose condition failed: ErrNotFound,
// ErrConflict or, where it was made at that time after all, the user.
func (s *Store) settleUser(ctx context.Context, id string, change UserUpdate, at DateTime, isDoubtful bool) (*User, error) {
	user, err := s.unchangedUser(ctx, id, nil)
	if err != nil {
		return nil, err
	}
	isMade := change.ExpectedVersion != nil && user.Version == *change.ExpectedVersion+1 && user.UpdatedAt.Time().Equal(at.Time())
	if isDoubtful && isMade {
		return user, nil
	}
	return nil, ErrConflict
}

// unchangedUser is UpdateUser for a change of nothing.
func (s *Store) unchangedUser(ctx context.Context, id string, expectedVersion *int) (*User, error) {
	var user User
	err := s.users.Get("id", id).Consistent(true).One(ctx, &user)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read user %s: %w", id, err)
	case expectedVersion != nil && *expectedVersion != user.Version:
		return nil, ErrConflict
	}
	return &user, nil
}

package model

import (
	"context"

	"github.com/guregu/dynamo/v2"
)

// Users is what models have to know of those who have an account. Functions that are nil know of
// nobody.
type Users struct {
	// There returns true for the ids of those who have one.
	There func(ctx context.Context, ids []string) (map[string]bool, error)
	// Seen returns true for the ids of those whom the caller may see.
	Seen func(ctx context.Context, caller Caller, ids []string) (map[string]bool, error)
	// Check holds where the user has one.
	Check func(id string) *dynamo.ConditionCheck
	// Caller returns a user as who asks. ErrNotFound: there is no such user.
	Caller func(ctx context.Context, id string) (Caller, error)
	// Canonical returns the one spelling of an email address. Code BAD_USER_INPUT: it is none.
	Canonical func(email string) (string, error)
	// Raise notes at the user, who must have one, that the highest role somewhere becomes theirs, so that a
	// deletion of the account which has not seen that is not carried out; nil: nobody deletes accounts.
	Raise func(id string) *dynamo.Update
}

// RaisedAttribute is that which [Users] Raise changes.
const RaisedAttribute = adminsPrefix + "raised"

// SetUsers says who has an account. Objects of others are orphans.
func (db *DB) SetUsers(users Users) { db.users.Users = users }

// Users is what an item belongs to that belongs to a user, see [Parent].
func (db *DB) Users() *UserParent { return &db.users }

// UserParent are the users, as what items belong to. Whom the caller may not see, the caller cannot
// name, and finds nothing by.
type UserParent struct {
	Users
	children []child

	fieldRules map[string][]Rule // see SetFieldRules
	anyField   []Rule            // all of them
}

func (u *UserParent) target() anyParent { return u }

func (u *UserParent) isNamed(typeName string) bool { return typeName == "User" }
func (u *UserParent) addChild(child child)         { u.children = append(u.children, child) }
func (u *UserParent) childTypes() []child          { return u.children }

func (u *UserParent) ifExists(id string) *dynamo.ConditionCheck { return u.Check(id) }

// allowed tells which users the caller may see: nobody may do more to another.
func (u *UserParent) allowed(ctx context.Context, caller Caller, _ Operation, ids []string) (map[string]bool, error) {
	if u.Seen == nil {
		return nil, nil
	}
	return u.Seen(ctx, caller, ids)
}

// callerOf is Caller of those who have an account.
func (u *UserParent) callerOf(ctx context.Context, id string) (Caller, error) {
	if u.Caller == nil {
		return Caller{}, ErrNotFound
	}
	return u.Caller(ctx, id)
}

// prefetch does nothing: whom the caller may see is known when it is asked.
func (u *UserParent) prefetch(context.Context, Caller, Operation, string) {}

// there tells which of the users have an account.
func (u *UserParent) there(ctx context.Context, ids []string) (map[string]bool, error) {
	if u.There == nil {
		return nil, nil
	}
	return u.There(ctx, ids)
}

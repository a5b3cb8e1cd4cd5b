package account

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/model"
)

// User is an item of the users table, as far as accounts know it: a project's own type User
// embeds it, and may add fields, see [Users].
// It never holds a password: see [Login]. What is mailed to the user is in the item, too:
// see [MailedToken].
type User struct {
	ID            string         `dynamo:"id,hash"`
	Email         string         `dynamo:"email"`         // canonical
	EmailVerified bool           `dynamo:"emailVerified"` // a mail to it was answered
	FirstName     string         `dynamo:"firstName,allowempty"`
	LastName      string         `dynamo:"lastName,allowempty"`
	Roles         []string       `dynamo:"roles,set,omitempty"`
	SessionEpoch  int            `dynamo:"sessionEpoch"` // sessions of an earlier epoch have ended
	Version       int            `dynamo:"version"`      // 1 when made, one more with each change
	CreatedAt     model.DateTime `dynamo:"createdAt"`
	UpdatedAt     model.DateTime `dynamo:"updatedAt"`

	// NextEmail is the canonical email that takes the place of Email once a mail to it is answered,
	// before NextEmailUntil, in Unix seconds. It is not the user's, and reserves nothing.
	NextEmail      string `dynamo:"nextEmail,omitempty"`
	NextEmailUntil int64  `dynamo:"nextEmailUntil,omitempty"`

	// KeptEpochs is how many of the epochs ended sessions alone, and left the service tokens as they
	// were. No field of a schema has the attribute's name.
	KeptEpochs int `dynamo:"kept-epochs,omitempty"`

	scopes *model.Scopes // of the service token that the user was read by, nil: of none

	row itembytes.Found // as it was read, with what a project adds; none where it was not
}

// IsNode marks User as a Node of the schema.
func (*User) IsNode() {}

// GlobalID returns the user's id as the schema shows it.
func (u *User) GlobalID() string { return model.GlobalID("User", u.ID) }

// PendingEmail returns the email that the user is going to have; nil: none.
func (u *User) PendingEmail() *string {
	if u.NextEmail == "" || u.NextEmailUntil <= time.Now().Unix() {
		return nil
	}
	return &u.NextEmail
}

// keptEpochs is the attribute of KeptEpochs.
const keptEpochs = "kept-epochs"

// Caller returns the user as one who asks: by a service token, within its scopes, if the user was read
// by one.
func (u *User) Caller() model.Caller {
	caller := model.Caller{ID: u.ID, Roles: u.Roles}
	if u.EmailVerified {
		caller.VerifiedEmail = u.Email
	}
	return caller.Within(u.scopes)
}

// isSelf tells whether the caller may see and change the user with this id.
func isSelf(caller model.Caller, id string) bool {
	return caller.IsSystem() || caller.ID != "" && caller.ID == id
}

// maySee tells whether the caller may read all of the user with this id: nobody but itself, and by a service
// token that has `read:User`. What the rules of fields show of others, see [Store.seen].
func maySee(caller model.Caller, id string) bool {
	return isSelf(caller, id) && caller.HasScope(model.OnRead, "User")
}

// copied returns a copy of the user, of which nothing is shared that anybody may change.
func (u *User) copied() *User {
	copied := *u
	copied.Roles = slices.Clone(u.Roles)
	return &copied
}

// A userDecoder makes a user of an item.
type userDecoder struct{ *decoder[User] }

func (d userDecoder) user(found itembytes.Found) (*User, error) {
	user, err := d.decode(found)
	if err != nil {
		return nil, fmt.Errorf("read a user: %w", err)
	}
	user.row = found
	return user, nil
}

// decodeUser returns the user that an item is.
func decodeUser(item dynamo.Item) (*User, error) {
	user := &User{row: itembytes.FoundItem(item)}
	if err := dynamo.UnmarshalItem(item, user); err != nil {
		return nil, fmt.Errorf("read a user: %w", err)
	}
	return user, nil
}

// UsersByID returns the users with these ids of whom the caller may read something, by id, in
// one strongly consistent BatchGetItem, and what the rules by which users see one another need beside. Others
// are absent.
func (s *Store) UsersByID(ctx context.Context, caller model.Caller, ids []string) (map[string]*User, error) {
	visible, err := s.visible(ctx, caller, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*User, len(visible))
	if len(visible) == 0 {
		return found, nil
	}
	var wrong error
	err = s.db.ReadByID(ctx, model.ItemIDs{Table: s.users.Name(), IDs: slices.Collect(maps.Keys(visible))}, func(item itembytes.Found) error {
		user, err := s.decodeUser.user(item)
		switch {
		case err != nil:
			wrong = err
		case visible[user.ID]:
			if isSelf(caller, user.ID) {
				user.scopes = caller.Scopes()
			}
			found[user.ID] = user
		}
		return nil
	})
	if err = errors.Join(err, wrong); err != nil {
		return nil, fmt.Errorf("read %d users: %w", len(visible), err)
	}
	return found, nil
}

// Users goes through all users, a page at a time and in no order, for the operator.
func (s *Store) Users(ctx context.Context) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		users := s.users.Scan().Consistent(true).Iter()
		for item := (dynamo.Item{}); users.Next(ctx, &item); item = nil {
			user, err := decodeUser(item)
			if !yield(user, err) || err != nil {
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
	// Own are the attributes that a project adds, by name: what they become, nil for none.
	Own map[string]types.AttributeValue
	// ExpectedVersion, where it is not nil, is the version that the change is based on.
	ExpectedVersion *int
}

// UpdateUser changes the user, in one UpdateItem of what differs, and returns it as it is
// then. ErrNotFound: there is no such user, or the caller may not know. ErrForbidden: it comes by a service
// token that has not `update:User` and `read:User`.
// ErrConflict: its version is not the expected one.
func (s *Store) UpdateUser(ctx context.Context, caller model.Caller, id string, change UserUpdate) (*User, error) {
	if !isSelf(caller, id) {
		return nil, model.ErrNotFound
	}
	if !maySee(caller, id) || !caller.HasScope(model.OnUpdate, "User") {
		return nil, &model.Error{Code: model.CodeForbidden, Kind: model.ErrForbidden,
			Message: "the token may not do this: its scopes do not have read:User and update:User"}
	}
	if change.FirstName == nil && change.LastName == nil && len(change.Own) == 0 {
		user, err := s.User(ctx, id)
		if err == nil && change.ExpectedVersion != nil && *change.ExpectedVersion != user.Version {
			err = model.ErrConflict
		}
		return user, err
	}
	now := model.Now()
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
	for attribute, value := range change.Own {
		if value == nil {
			update.RemoveExpr("$", attribute)
		} else {
			update.SetExpr("$ = ?", attribute, value)
		}
	}
	if change.ExpectedVersion != nil {
		update.If("version = ?", *change.ExpectedVersion)
	}
	var item dynamo.Item
	err := update.Value(ctx, &item)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return s.settleUser(ctx, id, change, now, model.IsDoubtful(err))
	case err != nil:
		return nil, fmt.Errorf("update user %s: %w", id, err)
	}
	return decodeUser(item)
}

// settleUser returns what became of a change whose condition failed: ErrNotFound,
// ErrConflict or, where it was made at that time after all, the user.
func (s *Store) settleUser(ctx context.Context, id string, change UserUpdate, at model.DateTime, isDoubtful bool) (*User, error) {
	user, err := s.User(ctx, id)
	if err != nil {
		return nil, err
	}
	isMade := change.ExpectedVersion != nil && user.Version == *change.ExpectedVersion+1 && user.UpdatedAt.Time().Equal(at.Time())
	if isDoubtful && isMade {
		return user, nil
	}
	return nil, model.ErrConflict
}

// User returns the user with this id, whoever asks, in one strongly consistent GetItem.
// ErrNotFound: there is none.
func (s *Store) User(ctx context.Context, id string) (*User, error) {
	var item dynamo.Item
	err := s.users.Get("id", id).Consistent(true).One(ctx, &item)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read user %s: %w", id, err)
	}
	return decodeUser(item)
}

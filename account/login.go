package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// Login is an item of the logins table: how one signs in as a user. Its key makes
// an email unique.
//
// SessionEpoch repeats the user's, and the two only ever change together, in one
// transaction. So a sign-in needs one strongly consistent GetItem, and a session
// opened with a password that is being changed at that moment is dead from its start.
type Login struct {
	Email        string         `dynamo:"email,hash"` // canonical
	UserID       string         `dynamo:"userId"`
	PasswordHash string         `dynamo:"passwordHash"` // PHC string
	SessionEpoch int            `dynamo:"sessionEpoch"`
	CreatedAt    model.DateTime `dynamo:"createdAt"` // of the account
}

// Login returns how to sign in with the canonical email, in one strongly
// consistent GetItem. ErrNotFound: nobody does.
func (s *Store) Login(ctx context.Context, email string) (*Login, error) {
	var login Login
	err := s.logins.Get("email", email).Consistent(true).One(ctx, &login)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read login: %w", err)
	}
	return &login, nil
}

// Signup is what an account is made of.
type Signup struct {
	Email        string // canonical
	PasswordHash string // PHC string
	FirstName    string
	LastName     string
	Roles        []string

	EmailVerified bool // by a mail that has led to the sign-up
}

// CreateUser makes an account, in one transaction over users, logins and, where it
// is not nil, a first session, which it binds to the new user.
// ErrEmailTaken: another has it.
func (s *Store) CreateUser(ctx context.Context, signup Signup, session *Session) (*User, error) {
	now := model.Now()
	user := &User{
		ID:        model.NewID(),
		Email:     signup.Email,
		FirstName: signup.FirstName,
		LastName:  signup.LastName,

		EmailVerified: signup.EmailVerified,

		Roles:     changedRoles(nil, signup.Roles, nil),
		Version:   1,
		CreatedAt: now,
		UpdatedAt: now,
	}
	login := Login{
		Email:        signup.Email,
		UserID:       user.ID,
		PasswordHash: signup.PasswordHash,
		CreatedAt:    now,
	}
	tx := s.db.WriteTx().
		Put(s.users.Put(user).If("attribute_not_exists(id)")).
		Put(s.logins.Put(login).If("attribute_not_exists(email)"))
	if session != nil {
		session.UserID = user.ID
		session.TTL = min(session.TTL, s.endOf(session, session.CreatedAt, s.maxSession))
		tx.Put(s.sessions.Put(session).If("attribute_not_exists(id)"))
	}
	err := tx.Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return nil, ErrEmailTaken
	case err != nil:
		return nil, fmt.Errorf("create user: %w", err)
	}
	return user, nil
}

package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/model"
)

// A MailedToken is what a user's item holds of a token that went out in a mail, and that
// proves whoever has it to read the mail of the user's address. There is one of a kind:
// the newest.
type MailedToken struct {
	Hash  []byte    // SHA-256 of the token
	Until time.Time // not good from then on, to the second
}

// await keeps the token as the one of its kind, such as "reset", by an update of the user that has
// the condition; trying is what that does. ErrNotFound: the condition fails.
func (t MailedToken) await(ctx context.Context, user *dynamo.Update, kind, trying string) error {
	err := user.Set(kind+"Hash", t.Hash).Set(kind+"Until", t.Until.Unix()).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return model.ErrNotFound
	case err != nil:
		return fmt.Errorf("%s: %w", trying, err)
	}
	return nil
}

// mailedUser is an item of the users table with its mailed tokens. They are no part of
// User, which every request reads and none needs them for.
type mailedUser struct {
	User
	ResetHash   []byte `dynamo:"resetHash,omitempty"`
	ResetUntil  int64  `dynamo:"resetUntil,omitempty"` // Unix seconds
	VerifyHash  []byte `dynamo:"verifyHash,omitempty"`
	VerifyUntil int64  `dynamo:"verifyUntil,omitempty"` // Unix seconds

	NextEmailHash []byte `dynamo:"nextEmailHash,omitempty"` // good until NextEmailUntil
}

// removeMailed makes the update of a user one that ends what was mailed before, a pending email
// among it: a new address is not to be undone by an old mail.
func removeMailed(user *dynamo.Update) *dynamo.Update {
	return user.Remove("resetHash", "resetUntil", "verifyHash", "verifyUntil", "nextEmail", "nextEmailUntil", "nextEmailHash")
}

// mailedUser reads a user with the mailed tokens. ErrNotFound: there is no such user.
func (s *Store) mailedUser(ctx context.Context, id string) (*mailedUser, error) {
	var item dynamo.Item
	err := s.users.Get("id", id).Consistent(true).One(ctx, &item)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read user %s: %w", id, err)
	}
	user := &mailedUser{User: User{row: itembytes.FoundItem(item)}}
	if err := dynamo.UnmarshalItem(item, user); err != nil {
		return nil, fmt.Errorf("read user %s: %w", id, err)
	}
	return user, nil
}

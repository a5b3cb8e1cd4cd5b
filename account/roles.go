package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// ChangeRoles gives the user the roles of add and takes away those of remove, and
// returns the user as it is then, of another version where that made a difference. It
// counts from the user's next request on.
//
// ErrNotFound: there is no such user. ErrConflict: others keep changing it.
func (s *Store) ChangeRoles(ctx context.Context, id string, add, remove []string) (*User, error) {
	for range maxTries {
		user, err := s.User(ctx, id)
		if err != nil {
			return nil, err
		}
		roles := changedRoles(user.Roles, add, remove)
		if slices.Equal(roles, changedRoles(user.Roles, nil, nil)) {
			return user, nil
		}
		// One update expression may not add to a set and delete from it.
		var changed dynamo.Item
		err = s.users.Update("id", id).
			SetSet("roles", roles).
			Add("version", 1).
			Set("updatedAt", model.Now()).
			If("version = ?", user.Version).
			Value(ctx, &changed)
		switch {
		case err == nil:
			return decodeUser(changed)
		case !dynamo.IsCondCheckFailed(err):
			return nil, fmt.Errorf("change the roles of user %s: %w", id, err)
		}
	}
	return nil, model.ErrConflict
}

// changedRoles returns roles with those of add and without those of remove, sorted.
func changedRoles(roles, add, remove []string) []string {
	changed := slices.DeleteFunc(slices.Concat(roles, add), func(role string) bool { return slices.Contains(remove, role) })
	slices.Sort(changed)
	return slices.Compact(changed)
}

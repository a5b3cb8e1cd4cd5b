package model

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// This file has the rules by which users see one another. Each is of a field of User: who may read one of
// them knows of the user, and who may read none does not.

// Together holds for whoever is a member, by memberships of that model, of an object together with the user
// whom a rule is of; with roles, for those who have one of these there themselves. It is a term of the rules
// of users alone, see [UserParent.SetFieldRules].
//
// It costs one Query of what the caller is a member of, and a strongly consistent BatchGetItem for each 100 of
// the memberships that there may be: of the caller and of each user who is asked for at once, in each of these
// objects. Of those, the first 100 count that the caller has become a member of. What an index does not
// show yet is overlooked; who is no member any more is none.
func Together(by Target, roles ...string) Term {
	return Term{admits: Caller.isSignedIn, members: by.target().(anyMembership), roles: roles}
}

// MaxTogether is by how many objects one user sees others, at most, by memberships of a type.
const MaxTogether = 100

// SetFieldRules says who may read which fields of a user, by their names in the schema. Their terms are
// Owner, which is the user, Together, and those about the caller alone. Without any, nobody sees another. A
// user may read all of their own account.
func (u *UserParent) SetFieldRules(rules map[string][]Rule) {
	u.fieldRules, u.anyField = rules, nil
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		u.anyField = append(u.anyField, rules[name]...)
	}
}

// HasFieldRules tells whether there are rules by which some see others.
func (u *UserParent) HasFieldRules() bool { return len(u.anyField) > 0 }

// Together returns the memberships by which the caller may see others; nil: by none.
func (u *UserParent) Together(caller Caller) Explained {
	for _, rule := range u.anyField {
		for _, term := range rule.Terms {
			if term.members != nil && rule.admits(caller.unscoped(), OnRead) {
				return term.members
			}
		}
	}
	return nil
}

// MaySee returns true for those of the users with these ids of whom the rules let the caller read some field,
// if they are there. It knows no scopes: these are for who asks.
func (u *UserParent) MaySee(ctx context.Context, caller Caller, ids []string) (map[string]bool, error) {
	return u.admitted(ctx, caller, u.anyField, ids)
}

// MayReadField tells whether the rules let the caller read a field of a user, who is there. In an
// operation what it reads is read together with others, and once.
func (u *UserParent) MayReadField(ctx context.Context, caller Caller, id, field string) (bool, error) {
	may, err := u.admitted(showing(ctx), caller, u.fieldRules[field], []string{id})
	return may[id], err
}

// admitted returns true for those of the users with these ids of whom one of the rules lets the caller read.
func (u *UserParent) admitted(ctx context.Context, caller Caller, rules []Rule, ids []string) (map[string]bool, error) {
	admitted := make(map[string]bool, len(ids))
	caller = caller.unscoped()
	for _, rule := range rules {
		if !rule.admits(caller, OnRead) {
			continue
		}
		open := wantedOf(ids)
		maps.DeleteFunc(open, func(id string, _ bool) bool { return admitted[id] })
		for _, term := range rule.Terms {
			if err := term.amongUsers(ctx, caller, open); err != nil {
				return nil, err
			}
		}
		maps.Copy(admitted, open)
	}
	return admitted, nil
}

// amongUsers leaves of the users those for whom the term holds.
func (t Term) amongUsers(ctx context.Context, caller Caller, users map[string]bool) error {
	switch {
	case len(users) == 0:
	case t.isOwner:
		maps.DeleteFunc(users, func(id string, _ bool) bool { return id != caller.ID })
	case t.where != nil: // users have no such rules
		clear(users)
	case t.members != nil:
		rolesBeside, err := t.members.together(ctx, caller.ID, slices.Collect(maps.Keys(users)))
		if err != nil {
			return err
		}
		maps.DeleteFunc(users, func(id string, _ bool) bool {
			roles := rolesBeside[id]
			isIn := func(role string) bool { return slices.Contains(t.roles, role) }
			return roles == nil || len(t.roles) > 0 && !slices.ContainsFunc(*roles, isIn)
		})
	}
	return nil
}

// rolesBeside are the roles that one user has in the objects that another is in, too. There are none where
// they are in none together, which is nil.
type rolesBeside = []string

// togetherKey tells the loaders of an operation apart, of who is in something together with a user, and
// joinedByKey those of what users are in.
type (
	togetherKey struct {
		model anyModel
		user  string
	}
	joinedByKey struct{ model anyModel }
)

// together returns the roles that a user has in what the others are in, too, by their ids.
func (m *core) together(ctx context.Context, userID string, others []string) (map[string]*rolesBeside, error) {
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers || reads.isLoading {
		return m.readTogether(ctx, userID, others)
	}
	return loaderOf(reads, togetherKey{m, userID}, func(ctx context.Context, others []string) (map[string]*rolesBeside, error) {
		return m.readTogether(ctx, userID, others)
	}).loadAll(ctx, others)
}

// readTogether is together, read anew but for the rows that the context remembers. It reads the same
// whether they are in something together or not.
func (m *core) readTogether(ctx context.Context, userID string, others []string) (map[string]*rolesBeside, error) {
	joined, err := m.joinedBy(ctx, userID)
	if err != nil {
		return nil, err
	}
	own, err := m.rowsOf(ctx, userID, joined)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	objects := slices.Sorted(maps.Keys(own))
	if budget := ReadBudgetFrom(ctx); budget != nil {
		for _, other := range others {
			for _, object := range objects {
				budget.mustLoad(memberLoaderKey{m, object + "#" + other})
			}
		}
	}
	rows, err := m.readRowsOfAll(ctx, others, objects)
	if err != nil {
		return nil, err
	}
	beside := map[string]*rolesBeside{}
	for other, rows := range rows {
		for object := range rows {
			if beside[other] == nil {
				beside[other] = &rolesBeside{}
			}
			*beside[other] = append(*beside[other], own[object].Role)
		}
	}
	return beside, nil
}

// joinedBy returns the ids of what an index shows a user to be a member of, those first that they have
// become one of first: at most MaxTogether.
func (m *core) joinedBy(ctx context.Context, userID string) ([]string, error) {
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers || reads.isLoading {
		return m.readJoinedBy(ctx, userID)
	}
	found, err := loaderOf(reads, joinedByKey{m}, func(ctx context.Context, users []string) (map[string]*[]string, error) {
		found := map[string]*[]string{}
		for _, user := range users {
			objects, err := m.readJoinedBy(ctx, user)
			if err != nil {
				return nil, err
			}
			found[user] = &objects
		}
		return found, nil
	}).loadAll(ctx, []string{userID})
	if err != nil {
		return nil, err
	}
	return *found[userID], nil
}

func (m *core) readJoinedBy(ctx context.Context, userID string) (objects []string, err error) {
	by := m.definition.Membership
	w := walk{table: m.table, index: listedBy(by.User), hash: &types.AttributeValueMemberS{Value: userID}, ascending: true}
	reading, forget := passing(ctx)
	defer forget(0)
	items, err := w.next(reading, MaxTogether)
	if err != nil {
		return nil, fmt.Errorf("list what a user is a member of: %w", err)
	}
	for _, item := range items {
		if _, object := keyText(item.found.Attribute(by.Field)); object != "" {
			objects = append(objects, object)
		}
	}
	return objects, nil
}

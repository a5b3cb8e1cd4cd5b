package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/guregu/dynamo/v2"
)

// memberRow is an item of the table members: that a user is a member of an object. The writes of the
// membership write it, in the same transaction.
type memberRow struct {
	Object     string `dynamo:"object,hash"`  // the id of what the user is a member of
	Member     string `dynamo:"member,range"` // Type#user, see memberKey
	Role       string `dynamo:"role,allowempty"`
	Membership string `dynamo:"membership"` // the membership's id
}

// addMembers adds the table of members, which every Membership shares.
func (db *DB) addMembers() {
	if db.members.Name() == "" {
		db.members = db.AddTable("members", memberRow{}, false)
	}
}

// Members holds for whoever is a member, by memberships of that model, of the object whose id an item has
// as the attribute at: a [Parent]'s or an [Ancestor]'s Field, or `id`, which is the item itself. With roles,
// it holds for those who have one of them. It costs one strongly consistent BatchGetItem for all items
// that are asked for together; in a query, see [WithReads].
func Members(by Target, at string, roles ...string) Term {
	return Term{admits: Caller.isSignedIn, members: by.target().(anyMembership), at: at, roles: roles}
}

// anyMembership is a model whose items make users members of something.
type anyMembership interface {
	anyModel
	prefetchRow(ctx context.Context, userID, object string)
	rowsOf(ctx context.Context, userID string, objects []string) (map[string]*memberRow, error)
	memberOf(ctx context.Context, userID string, roles []string) ([]string, error)
	together(ctx context.Context, userID string, others []string) (map[string]*rolesBeside, error)
	forgetIn(tx *Tx, object string)
	found(ctx context.Context, tx *Tx, caller Caller, object string) error
	mayGiveRole(ctx context.Context, caller Caller, object, role string) error
	admit(ctx context.Context, tx *Tx, caller Caller, object, role string) (id string, err error)
	leaveAs(ctx context.Context, ending *ending, userID string, isForced bool) error
	hasMembersBeside(ctx context.Context, object, userID string) (bool, error)
	raiseIn(ctx context.Context, tx *Tx, object, userID string) error
	stateOf(ctx context.Context, counter adminCounter) (adminState, error)
}

// amongMembers tells of which of the objects the caller is a member, with one of the term's roles.
func (t Term) amongMembers(ctx context.Context, caller Caller, objects []string) (map[string]bool, error) {
	rows, err := t.members.rowsOf(ctx, caller.ID, objects)
	among := make(map[string]bool, len(rows))
	for object, row := range rows {
		among[object] = len(t.roles) == 0 || slices.Contains(t.roles, row.Role)
	}
	return among, err
}

// memberKey is a user in the rows of the model's memberships.
func (m *core) memberKey(userID string) string { return m.name() + "#" + userID }

// memberLoaderKey tells the loaders of rows of an operation apart, and memberMemoryKey what it remembers.
type (
	memberLoaderKey struct {
		model anyModel
		user  string
	}
	memberMemoryKey memberLoaderKey
)

// rowsOf returns what the user is a member of among the objects with these ids, by their ids: in one
// strongly consistent BatchGetItem for each 100. What the context remembers (see WithReads), it does not
// read again.
func (m *core) rowsOf(ctx context.Context, userID string, objects []string) (map[string]*memberRow, error) {
	wanted := wantedOf(objects)
	if budget := ReadBudgetFrom(ctx); budget != nil {
		for object := range wanted {
			budget.mustLoad(memberLoaderKey{m, object})
		}
	}
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers || reads.isLoading {
		return m.readRows(ctx, userID, wanted)
	}
	return m.rowLoader(reads, userID).loadAll(ctx, slices.Collect(maps.Keys(wanted)))
}

// prefetchRow begins to find out whether the user is a member of an object.
func (m *core) prefetchRow(ctx context.Context, userID, object string) {
	if reads, ok := readsFrom(ctx); ok && reads.remembers && !reads.isLoading && object != "" {
		m.rowLoader(reads, userID).Load(ctx, object)
	}
}

// rowLoader returns the operation's loader of a user's rows.
func (m *core) rowLoader(reads operationReads, userID string) *ByID[memberRow] {
	return loaderOf(reads, memberLoaderKey{m, userID}, func(ctx context.Context, objects []string) (map[string]*memberRow, error) {
		loading := reads
		loading.isLoading = true
		return m.readRows(context.WithValue(ctx, readsKey{}, loading), userID, wantedOf(objects))
	})
}

func (m *core) readRows(ctx context.Context, userID string, wanted map[string]bool) (map[string]*memberRow, error) {
	rows, err := m.readRowsOfAll(ctx, []string{userID}, slices.Collect(maps.Keys(wanted)))
	return rows[userID], err
}

// readRowsOfAll returns what each of the users is a member of among the objects with these ids, by both ids.
func (m *core) readRowsOfAll(ctx context.Context, users, objects []string) (map[string]map[string]*memberRow, error) {
	found, wanted := make(map[string]map[string]*memberRow, len(users)), make(map[string]map[string]bool, len(users))
	var keys []dynamo.Keyed
	for user := range wantedOf(users) {
		wanted[user] = wantedOf(objects)
		found[user] = m.rowMemory(ctx, user).recall(wanted[user])
		for object := range wanted[user] {
			keys = append(keys, dynamo.Keys{object, m.memberKey(user)})
		}
	}
	if len(keys) == 0 {
		return found, nil
	}
	var rows []memberRow
	err := m.db.members.Batch("object", "member").Get(keys...).Consistent(true).All(ctx, &rows)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d items of %s: %w", len(keys), m.db.members.Name(), err)
	}
	for i := range rows {
		if user, isOfModel := strings.CutPrefix(rows[i].Member, m.memberKey("")); isOfModel {
			found[user][rows[i].Object] = &rows[i]
		}
	}
	for user, wanted := range wanted {
		m.rowMemory(ctx, user).keep(wanted, found[user])
	}
	return found, nil
}

// rowMemory is what the context's operation remembers of a user's rows, or nil where it does not.
func (m *core) rowMemory(ctx context.Context, userID string) *itemMemory[*memberRow] {
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers {
		return nil
	}
	return once(reads, memberMemoryKey{m, userID}, func() *itemMemory[*memberRow] {
		return &itemMemory[*memberRow]{}
	})
}

package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A Membership is what items of T say: that a user is a member of an object, and in which role. It belongs
// to the member, who owns it whoever has made it. See [Members] for the rules that go by it.
//
// Whoever makes an object is its first member, in the highest role, by the same transaction. Nobody gives
// a role that is higher than their own, or takes one away; who owns the object and may change it is as high
// as any. Of those who have the highest role one stays, as long as the object is there.
type Membership[T any] = MembershipOf[*T]

// MembershipOf is [Membership] by the pointer to its type.
type MembershipOf[P any] struct {
	Of    Target         // a *Model: what users are members of
	Field string         // the Parent's Field that has its id
	User  string         // the Parent's Field that has the user's
	Role  func(P) string // nil: there are no roles
	Roles Roles          // the highest first
	Set   func(item P, object, user, role string)
}

// Roles are those that memberships have, the highest first.
type Roles []string

// highest returns the highest role; empty: there are none.
func (r Roles) highest() string {
	if len(r) == 0 {
		return ""
	}
	return r[0]
}

// isHighest tells whether the row has the highest role.
func (r Roles) isHighest(row *memberRow) bool {
	return row != nil && len(r) > 0 && row.Role == r.highest()
}

// rank returns how high a role is: 0 is the highest, and whoever has none is below all.
func (r Roles) rank(row *memberRow) int {
	switch {
	case row == nil:
		return len(r) + 1
	case len(r) == 0:
		return 0
	}
	if i := slices.Index(r, row.Role); i >= 0 {
		return i
	}
	return len(r)
}

// ErrLastInRole is the ErrConflict of what would leave an object without anybody in the highest role.
var ErrLastInRole = &Error{Code: CodeConflict, Kind: ErrConflict,
	Message: "nobody else has the highest role there: give it to somebody first"}

// maxNamed is how many objects an error names.
const maxNamed = 20

// lastInRole is ErrLastInRole of some objects.
func lastInRole(objects []string) *Error {
	objects = objects[:min(len(objects), maxNamed)]
	return &Error{Code: CodeConflict, Kind: ErrLastInRole, Objects: objects, Message: ErrLastInRole.Message}
}

func (m *core) addMembership(by anyMembership) { m.memberships = append(m.memberships, by) }

func (m *core) membershipModels() []anyMembership { return m.memberships }

// userOf returns the id of the user whom a membership is of.
func (m *core) userOf(item anyItem) string { return m.parent(m.definition.Membership.User).ID(item) }

// rowOf returns what an item says; nil: the item is nil.
func (m *core) rowOf(item anyItem) *memberRow {
	by := m.definition.Membership
	if item == nil || by == nil {
		return nil
	}
	row := &memberRow{Object: m.parent(by.Field).ID(item), Member: m.memberKey(m.userOf(item)), Membership: item.base().ID}
	if by.Role != nil {
		row.Role = by.Role(item)
	}
	return row
}

// mayGrant tells whether the caller may have a membership become what it is after: nil, or ErrForbidden.
// before is nil for a new one, after for one that goes.
func (m *core) mayGrant(ctx context.Context, caller Caller, before, after anyItem) error {
	by := m.definition.Membership
	if by == nil || caller.isSystem {
		return nil
	}
	from, to := m.rowOf(before), m.rowOf(after)
	if to == nil && m.userOf(before) == caller.ID {
		return nil // whoever may leave, leaves
	}
	highest := by.Roles.rank(nil)
	for _, row := range []*memberRow{from, to} {
		if row != nil {
			highest = min(highest, by.Roles.rank(row))
		}
	}
	return m.mayGiveRank(ctx, caller, cmp.Or(from, to).Object, highest)
}

// mayGiveRole tells whether the caller may make somebody a member of an object in that role: nil, or ErrForbidden.
func (m *core) mayGiveRole(ctx context.Context, caller Caller, object, role string) error {
	return m.mayGiveRank(ctx, caller, object, m.definition.Membership.Roles.rank(&memberRow{Role: role}))
}

// mayGiveRank tells whether the caller may give and take roles at an object up to that rank: nil, or
// ErrForbidden.
func (m *core) mayGiveRank(ctx context.Context, caller Caller, object string, highest int) error {
	by := m.definition.Membership
	rows, err := m.rowsOf(ctx, caller.ID, []string{object})
	if err != nil || by.Roles.rank(rows[object]) <= highest {
		return err
	}
	owns, err := by.Of.target().(anyModel).isOwnerOf(ctx, caller.unscoped(), object)
	if err != nil || owns {
		return err
	}
	return ErrForbidden
}

// isOwnerOf tells whether the caller owns the item with this id, and may update it.
func (m *core) isOwnerOf(ctx context.Context, caller Caller, id string) (bool, error) {
	found, err := m.permittedByID(ctx, caller, OnUpdate, []string{id})
	return found[id] != nil && caller.isSignedIn() && found[id].base().OwnerID == caller.ID, err
}

// found notes in tx that the caller becomes the first member of an object that the transaction makes.
func (m *core) found(ctx context.Context, tx *Tx, caller Caller, object string) error {
	if !caller.isSignedIn() {
		return nil
	}
	_, err := m.becomeMember(ctx, tx, caller, object, m.definition.Membership.Roles.highest())
	return err
}

// becomeMember notes in tx that the caller becomes a member of an object, whatever the rules say, and returns the id of
// the membership.
func (m *core) becomeMember(ctx context.Context, tx *Tx, caller Caller, object, role string) (id string, err error) {
	item := m.new()
	m.definition.Membership.Set(item, object, caller.ID, role)
	m.begin(item, caller)
	if err := m.setAncestors(tx.within(ctx), item); err != nil {
		return "", err
	}
	if err := runHook(tx.within(ctx), caller, m.definition.Hooks.BeforeCreate, item); err != nil {
		return "", err
	}
	if err := m.check(item); err != nil {
		return "", err
	}
	m.In(tx).put(ctx, nil, item).caller = &caller
	return item.base().ID, nil
}

// admit is haveRole of who is invited.
func (m *core) admit(ctx context.Context, tx *Tx, caller Caller, object, role string) (id string, err error) {
	if err := m.inScope(ctx, caller, OnCreate, ""); err != nil {
		return "", err
	}
	return m.haveRole(ctx, tx, caller, object, role)
}

// raiseIn notes in tx that the user has the highest role at an object, as a member of before, or a new one.
func (m *core) raiseIn(ctx context.Context, tx *Tx, object, userID string) error {
	_, err := m.haveRole(ctx, tx, Caller{ID: userID}, object, m.definition.Membership.Roles.highest())
	return err
}

// haveRole notes in tx that the caller has a role at an object, or keeps a higher one, as a member of before, or a
// new one, and returns the id of the membership. It holds that the membership is there.
func (m *core) haveRole(ctx context.Context, tx *Tx, caller Caller, object, role string) (id string, err error) {
	within := tx.within(ctx)
	rows, err := m.rowsOf(within, caller.ID, []string{object})
	if err != nil {
		return "", err
	}
	var is anyItem
	if row := rows[object]; row != nil {
		found, err := m.read(within, []string{row.Membership})
		if err != nil {
			return "", err
		}
		is = found[row.Membership]
	}
	if is == nil { // a row without its membership says nothing
		return m.becomeMember(ctx, tx, caller, object, role)
	}
	by, after := m.definition.Membership, m.copied(is)
	if by.Roles.rank(&memberRow{Role: role}) < by.Roles.rank(m.rowOf(is)) {
		by.Set(after, object, caller.ID, role)
	}
	m.In(tx).put(ctx, is, after)
	return is.base().ID, nil
}

// staysMember refuses to make a membership one of another user, or of another object, which code of a project
// may try.
func (m *core) staysMember(before, after anyItem) error {
	from, to := m.rowOf(before), m.rowOf(after)
	if from == nil || from.Object == to.Object && from.Member == to.Member {
		return nil
	}
	return fmt.Errorf("change %s or %s of an item of %s: a membership is of one user and one object: delete it, and make another", m.definition.Membership.Field, m.definition.Membership.User, m.table.Name())
}

// An adminCounter is the attribute of an object that says how many members have the highest role.
type adminCounter struct {
	of        anyModel
	id        string
	attribute string
}

// counterOf returns the counter of the object of a row.
func (m *core) counterOf(object string) adminCounter {
	return adminCounter{m.definition.Membership.Of.target().(anyModel), object, adminsPrefix + m.name()}
}

// adminsPrefix begins the attributes that count who has the highest role. No field of a schema has such a
// name.
const adminsPrefix = "admins-"

// A memberChange is what the write of a membership writes beside.
type memberChange struct {
	from, to *memberRow // nil: there is none
	counter  adminCounter
	delta    int // of the counter

	raised    string // the user who gets the highest role; empty: nobody does
	userField string
}

// memberChange returns what comes of a membership's write; nil: nothing. before is nil for a new one, after
// for one that goes.
func (m *core) memberChange(before, after anyItem) *memberChange {
	by := m.definition.Membership
	if by == nil {
		return nil
	}
	change := &memberChange{from: m.rowOf(before), to: m.rowOf(after)}
	if change.from == nil && change.to == nil {
		return nil // it came and went
	}
	if change.from != nil && change.to != nil && *change.from == *change.to {
		return nil
	}
	if by.Roles.isHighest(change.from) {
		change.delta--
	}
	if by.Roles.isHighest(change.to) {
		change.delta++
	}
	if change.delta > 0 {
		change.raised, change.userField = m.userOf(after), by.User
	}
	change.counter = m.counterOf(cmp.Or(change.from, change.to).Object)
	return change
}

// writeRow adds the write of the row to a transaction: one action.
func (c *memberChange) writeRow(db *DB, write *dynamo.WriteTx) {
	if c.to == nil {
		write.Delete(db.members.Delete("object", c.from.Object).Range("member", c.from.Member))
		return
	}
	write.Put(db.members.Put(*c.to))
}

// An adminState is what an object says of its counter.
type adminState struct {
	isThere bool // the object
	isKnown bool // how many there are
	count   int
}

// admins reads a counter, in one strongly consistent read.
func (m *core) admins(ctx context.Context, id, attribute string) (state adminState, err error) {
	var item dynamo.Item
	err = m.table.Get("id", id).Consistent(true).ProjectExpr("id, deleting, $", attribute).One(ctx, &item)
	if errors.Is(err, dynamo.ErrNotFound) {
		return state, nil
	}
	if err != nil {
		return state, fmt.Errorf("read how many members of an item of %s have the highest role: %w", m.table.Name(), err)
	}
	state.isThere = item["deleting"] == nil
	if value := item[attribute]; value != nil {
		state.isKnown = true
		err = dynamo.Unmarshal(value, &state.count)
	}
	return state, err
}

// addAdmins returns the update by which counters of an item change, by attribute, which fails where fewer
// than one would be left.
func (m *core) addAdmins(id string, deltas map[string]int) *dynamo.Update {
	update := m.table.Update("id", id).If("attribute_not_exists(deleting)")
	for attribute, delta := range deltas {
		countAdmins(update, attribute, delta)
	}
	return update
}

// lessAdmins returns the update by which a counter shrinks, whatever is left.
func (m *core) lessAdmins(id, attribute string, by int) *dynamo.Update {
	return m.table.Update("id", id).SetExpr("$ = $ - ?", attribute, attribute, by).If("attribute_exists($)", attribute)
}

// countAdmins has an update change a counter.
func countAdmins(update *dynamo.Update, attribute string, delta int) *dynamo.Update {
	return update.SetExpr("$ = $ + ?", attribute, attribute, delta).If("$ >= ?", attribute, max(0, 1-delta))
}

// startAdmins gives a counter its value, unless it has one: the object was made before its members had
// roles.
func (m *core) startAdmins(ctx context.Context, id, attribute string, count int) error {
	err := m.table.Update("id", id).SetExpr("$ = ?", attribute, count).
		If("attribute_exists(id) AND attribute_not_exists($)", attribute).Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return m.writeError("update", err)
	}
	return nil
}

// stateOf returns what an object says of the counter, which it is given where it has none.
func (m *core) stateOf(ctx context.Context, counter adminCounter) (adminState, error) {
	state, err := counter.of.admins(ctx, counter.id, counter.attribute)
	if err != nil || !state.isThere || state.isKnown {
		return state, err
	}
	by, count := m.definition.Membership, 0
	for ids, err := range m.idsOf(ctx, listedBy(by.Field), counter.id) {
		if err != nil {
			return state, err
		}
		reading, forget := passing(ctx)
		items, err := m.read(reading, ids)
		for _, item := range items {
			if by.Roles.isHighest(m.rowOf(item)) && item.base().deleting == "" {
				count++
			}
		}
		forget(0)
		if err != nil {
			return state, err
		}
	}
	if err := counter.of.startAdmins(ctx, counter.id, counter.attribute, count); err != nil {
		return state, err
	}
	return counter.of.admins(ctx, counter.id, counter.attribute)
}

// enterAllRows is enterRows of the whole table.
func (m *core) enterAllRows(ctx context.Context, isDry bool) (lacking int, err error) {
	if m.definition.Membership == nil {
		return 0, nil
	}
	for items, err := range m.scan(ctx) {
		if err != nil {
			return lacking, err
		}
		more, err := m.enterRows(ctx, items, isDry)
		if lacking += more; err != nil {
			return lacking, err
		}
	}
	return lacking, nil
}

// enterRows writes the rows of memberships that were made before the schema had rules by them, and returns
// how many there are; where isDry, it only counts. A membership that has changed since it was read is left to
// its own write.
func (m *core) enterRows(ctx context.Context, items []anyItem, isDry bool) (lacking int, err error) {
	var keys []dynamo.Keyed
	for _, item := range items {
		row := m.rowOf(item)
		keys = append(keys, dynamo.Keys{row.Object, row.Member})
	}
	if len(keys) == 0 {
		return 0, nil
	}
	var rows []memberRow
	err = m.db.members.Batch("object", "member").Get(keys...).Consistent(true).All(ctx, &rows)
	missing := new(types.ResourceNotFoundException)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) && !(isDry && errors.As(err, &missing)) {
		return 0, fmt.Errorf("read %d items of %s: %w", len(keys), m.db.members.Name(), err)
	}
	for _, item := range items {
		row := m.rowOf(item)
		if item.base().deleting != "" || slices.Contains(rows, *row) {
			continue
		}
		lacking++
		if isDry {
			continue
		}
		asRead, arguments := item.base().unchanged()
		err := m.db.WriteTx().
			Check(m.table.Check("id", item.base().ID).If(asRead, arguments...)).
			Put(m.db.members.Put(*row)).
			Run(ctx)
		if err != nil && !dynamo.IsCondCheckFailed(err) {
			return lacking, fmt.Errorf("write table %s: %w", m.db.members.Name(), err)
		}
	}
	return lacking, nil
}

// sweepMembers deletes rows of members whose membership is gone, as it may be where a server deleted it that
// knew of no rows.
func (db *DB) sweepMembers(ctx context.Context) (count int, err error) {
	if db.members.Name() == "" {
		return 0, nil
	}
	rows := db.members.Scan().Consistent(true).Iter()
	for row := (memberRow{}); rows.Next(ctx, &row); row = (memberRow{}) {
		typeName, _, _ := strings.Cut(row.Member, "#")
		model := db.modelOf(typeName)
		if model == nil {
			continue // the type may be back under another name
		}
		there, err := model.there(ctx, []string{row.Membership})
		if err != nil {
			return count, err
		}
		if there[row.Membership] {
			continue
		}
		err = db.members.Delete("object", row.Object).Range("member", row.Member).If("membership = ?", row.Membership).Run(ctx)
		switch {
		case dynamo.IsCondCheckFailed(err): // somebody has become a member again
		case err != nil:
			return count, fmt.Errorf("delete an item of %s: %w", db.members.Name(), err)
		default:
			count++
		}
	}
	return count, rows.Err()
}

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

// leaveAs adds to a transaction that takes a user out what ends those memberships in which the user has
// the highest role; others go with all that the user owns. Where nobody else has it, and there are other members,
// the ending is refused; where isForced, these stay without. What an index does not show yet is overlooked.
//
// Nothing is deleted here but by the transaction, unless there are more than fit into that: those wait in
// ending.more until it is known that none is refused.
func (m *core) leaveAs(ctx context.Context, ending *ending, userID string, isForced bool) error {
	by := m.definition.Membership
	for ids, err := range m.idsOf(ctx, listedBy(by.User), userID) {
		if err != nil {
			return err
		}
		items, err := m.read(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			item := items[id]
			if item == nil || m.userOf(item) != userID {
				continue
			}
			m.leaveLast(ending, item)
			if by.Roles.isHighest(m.rowOf(item)) {
				if err := m.leaveOne(ctx, ending, item, isForced); err != nil {
					return err
				}
				if len(ending.refused) >= maxNamed {
					return nil
				}
			}
		}
	}
	return nil
}

// An ending is how a transaction that takes a user out ends memberships.
type ending struct {
	write    *dynamo.WriteTx
	counters counterChanges
	below    []frame                       // what goes with them
	last     []lastMember                  // what the user may be the last member of
	refused  []string                      // global ids of what nobody else has the highest role of
	more     []func(context.Context) error // end those that do not fit into the transaction
	count    int
}

// maxEnded is how many memberships end in the transaction that takes a user out, so that they fit into it.
// More end before that.
const maxEnded = 15

// addCounters adds the counters to the transaction: one action an object.
func (e *ending) addCounters() {
	for counter := range e.counters {
		if deltas := e.counters.of(counter.of, counter.id); deltas != nil {
			e.write.Update(counter.of.addAdmins(counter.id, deltas))
			maps.DeleteFunc(e.counters, func(other adminCounter, _ int) bool { return other.of == counter.of && other.id == counter.id })
		}
	}
}

// leaveOne is leaveAs of one membership.
func (m *core) leaveOne(ctx context.Context, ending *ending, item anyItem, isForced bool) error {
	by, change := m.definition.Membership, m.memberChange(item, nil)
	state, err := m.stateOf(ctx, change.counter)
	if err != nil || !state.isThere {
		return err
	}
	if state.count < 2 {
		isAlone, err := m.isAlone(ctx, item)
		if err != nil || isAlone || isForced {
			return err // it goes with all that the user owns
		}
		ending.refused = append(ending.refused, by.Of.target().(anyModel).globalIDOf(m.rowOf(item).Object))
		return nil
	}
	if ending.count++; ending.count > maxEnded {
		ending.more = append(ending.more, func(ctx context.Context) error {
			_, err := m.deleteWithOthers(ctx, System, item.GlobalID(), nil)
			if errors.Is(err, ErrNotFound) {
				return nil // somebody else was faster
			}
			return err
		})
		return nil
	}
	asRead, arguments := item.base().unchanged()
	ending.write.Delete(m.table.Delete("id", item.base().ID).If(asRead, arguments...))
	ending.counters[change.counter] += change.delta
	change.writeRow(m.db, ending.write)
	ending.below = append(ending.below, framesBelow(m, item.base().ID)...)
	claims, err := m.claims(item, nil)
	for _, claim := range claims {
		m.addClaim(ending.write, claim)
	}
	return err
}

// maxLast is of how many objects it is seen whether a user who leaves was the last member, so that a message can
// name them.
const maxLast = 1000

// leaveLast notes of what is kept that the user of a membership may be its last member: whether that is so is
// seen when the account is gone, as others may leave at the same moment.
func (m *core) leaveLast(ending *ending, item anyItem) {
	of := m.definition.Membership.Of.target().(anyModel)
	last := lastMember{of.name(), m.rowOf(item).Object}
	if of.onOwnerDelete() != GoesWithOwner && len(ending.last) < maxLast && !slices.Contains(ending.last, last) {
		ending.last = append(ending.last, last)
	}
}

// hasMembersBeside tells whether somebody but the user is a member of an object by memberships of this model.
func (m *core) hasMembersBeside(ctx context.Context, object, userID string) (bool, error) {
	for ids, err := range m.idsOf(ctx, listedBy(m.definition.Membership.Field), object) {
		if err != nil {
			return false, err
		}
		reading, forget := passing(ctx)
		items, err := m.read(reading, ids)
		isThere := false
		for _, item := range items {
			isThere = isThere || m.userOf(item) != userID && m.rowOf(item).Object == object
		}
		forget(0)
		if isThere || err != nil {
			return isThere, err
		}
	}
	return false, nil
}

// hasNoMembersBeside tells whether nobody is a member of an object but the user: by the table of members, which
// it reads strongly consistently, and by the memberships, which that may not know of all.
func (db *DB) hasNoMembersBeside(ctx context.Context, of anyModel, object, userID string) (bool, error) {
	rows := db.members.Get("object", object).Consistent(true).Iter()
	for row := (memberRow{}); rows.Next(ctx, &row); row = (memberRow{}) {
		if _, member, _ := strings.Cut(row.Member, "#"); member != userID {
			return false, nil
		}
	}
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("read table %s: %w", db.members.Name(), err)
	}
	for _, by := range of.membershipModels() {
		if isThere, err := by.hasMembersBeside(ctx, object, userID); isThere || err != nil {
			return false, err
		}
	}
	return true, nil
}

// isAlone tells whether the object of a membership has no other.
func (m *core) isAlone(ctx context.Context, item anyItem) (bool, error) {
	by := m.definition.Membership
	for ids, err := range m.idsOf(ctx, listedBy(by.Field), m.rowOf(item).Object) {
		if err != nil || slices.ContainsFunc(ids, func(id string) bool { return id != item.base().ID }) {
			return false, err
		}
	}
	return true, nil
}

package model

import (
	"context"
	"maps"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// leaveAs adds to a transaction that takes a user out what ends those memberships in which the user has
// the highest role; others go with all that the user owns. [ErrLastInRole]: nobody else has it, and there
// are other members; where isForced, these stay without. What an index does not show yet is overlooked.
func (m *Model[T]) leaveAs(ctx context.Context, ending *ending, userID string, isForced bool) error {
	by := m.definition.Membership
	for ids, err := range m.idsOf(ctx, m.parent(by.User).index(), userID) {
		if err != nil {
			return err
		}
		items, err := m.read(ctx, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if item := items[id]; item != nil && m.userOf(item) == userID && by.isHighest(m.rowOf(item)) {
				if err := m.leaveOne(ctx, ending, item, isForced); err != nil {
					return err
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
	below    []frame // what goes with them
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
func (m *Model[T]) leaveOne(ctx context.Context, ending *ending, item *T, isForced bool) error {
	change := m.memberChange(item, nil)
	state, err := m.stateOf(ctx, change.counter)
	if err != nil || !state.isThere {
		return err
	}
	if state.count < 2 {
		isAlone, err := m.isAlone(ctx, item)
		if err != nil || isAlone || isForced {
			return err // it goes with all that the user owns
		}
		return ErrLastInRole
	}
	if ending.count++; ending.count > maxEnded {
		_, err := m.deleteWithOthers(ctx, System, m.globalID(item), nil)
		return err
	}
	asRead, arguments := m.base(item).unchanged()
	ending.write.Delete(m.table.Delete("id", m.base(item).ID).If(asRead, arguments...))
	ending.counters[change.counter] += change.delta
	change.writeRow(m.db, ending.write)
	ending.below = append(ending.below, framesBelow(m, m.base(item).ID)...)
	claims, err := m.claims(item, nil)
	for _, claim := range claims {
		m.addClaim(ending.write, claim)
	}
	return err
}

// isAlone tells whether the object of a membership has no other.
func (m *Model[T]) isAlone(ctx context.Context, item *T) (bool, error) {
	by := m.definition.Membership
	for ids, err := range m.idsOf(ctx, m.parent(by.Field).index(), m.rowOf(item).Object) {
		if err != nil || slices.ContainsFunc(ids, func(id string) bool { return id != m.base(item).ID }) {
			return false, err
		}
	}
	return true, nil
}

package model

import (
	"cmp"
	"context"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// maxTries is how often a write is tried again from the read, where another write
// came between the two.
const maxTries = 8

// Pause waits before a try, the first, 0, not at all, for as long as it takes that many who
// write the same item at once to come apart.
func Pause(ctx context.Context, try int) error {
	const longest = 100 * time.Millisecond
	if try == 0 {
		return nil
	}
	wait := rand.N(min(time.Millisecond<<try, longest))
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// Update is [ModelOf.Update].
func (m *core) Update(ctx context.Context, caller Caller, global string, expectedVersion *int, change func(anyItem)) (anyItem, error) {
	return m.Apply(ctx, caller, ChangeOf[anyItem]{ID: global, ExpectedVersion: expectedVersion, Set: change})
}

// maxCountTries is maxTries of a change that increments a number: that is to succeed however many do it
// at once. It takes half of the time that a request has.
const maxCountTries = 100

// Apply is [ModelOf.Apply].
func (m *core) Apply(ctx context.Context, caller Caller, change ChangeOf[anyItem]) (anyItem, error) {
	if tx := joinedTx(ctx); tx != nil {
		return m.In(tx).Apply(ctx, caller, change)
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	if m.definition.Membership != nil {
		return m.applyWithOthers(ctx, caller, change)
	}
	before, after, err := m.apply(ctx, caller, change)
	if err != nil {
		return nil, err
	}
	return after, runUpdateHook(ctx, caller, m.definition.Hooks.AfterUpdate, before, after)
}

// apply is Apply without the hook that comes after it.
func (m *core) apply(ctx context.Context, caller Caller, change ChangeOf[anyItem]) (before, after anyItem, err error) {
	id, tries := m.localID(change.ID), maxTries
	needsTurn, key := change.Increment.isCounting(), txKey{m, id}
	if change.Increment.isCounting() {
		tries = maxCountTries
	}
	failed := 0
	for range tries {
		if err := Pause(ctx, failed); err != nil {
			return nil, nil, err
		}
		before, err := m.readFor(ctx, caller, OnUpdate, id, change.ExpectedVersion)
		if err != nil {
			return nil, nil, err
		}
		after, err := m.changed(ctx, caller, before, change)
		if err != nil {
			return nil, nil, err
		}
		isWritten := false
		if !needsTurn || !m.db.turns.isWanted(key) {
			if isWritten, err = m.write(ctx, before, after, change.Increment.isCounting()); err != nil {
				return nil, nil, m.db.tellTaken(ctx, caller, err)
			}
		}
		switch {
		case isWritten:
			return before, after, nil
		case needsTurn: // whoever may not change the item waits for nothing, nor does anybody for them
			defer m.db.turns.take(ctx, key)()
			needsTurn = false
		default:
			failed++
		}
	}
	return nil, nil, ErrConflict
}

// readFor returns the item with this id for the caller to do op to: ErrNotFound,
// ErrForbidden and ErrConflict are as of Update. What is being deleted is not there, for whoever
// asks; but who may delete an item goes on with a deletion that nobody has promised.
func (m *core) readFor(ctx context.Context, caller Caller, op Operation, id string, expectedVersion *int) (anyItem, error) {
	if err := m.inScope(ctx, caller, op, id); err != nil {
		return nil, err
	}
	found, err := m.read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	item := found[id]
	if item == nil {
		return nil, ErrNotFound
	}
	if mark := item.base().deleting; mark != "" && (op != OnDelete || isPromised(mark)) {
		return nil, ErrNotFound
	}
	if err := m.authorize(ctx, caller, op, item); err != nil {
		return nil, err
	}
	if expectedVersion != nil && *expectedVersion != item.base().Version {
		return nil, ErrConflict
	}
	return item, nil
}

// changed returns a copy of the item with the change, which is checked.
func (m *core) changed(ctx context.Context, caller Caller, item anyItem, change ChangeOf[anyItem]) (anyItem, error) {
	if err := m.mayChange(ctx, caller, change, item); err != nil {
		return nil, err
	}
	attributes, err := dynamo.MarshalItem(item)
	if err != nil {
		return nil, m.writeError("update", err)
	}
	after, err := m.decode(attributes)
	if err != nil {
		return nil, err
	}
	after.base().inputTag = item.base().inputTag
	if err := m.carryOut(change, after); err != nil {
		return nil, err
	}
	if err := runUpdateHook(ctx, caller, m.definition.Hooks.BeforeUpdate, item, after); err != nil {
		return nil, m.refused(ctx, caller, cmp.Or(change.op, OnUpdate), item, err)
	}
	if err := m.checkChange(item, after); err != nil {
		return nil, err
	}
	if err := m.staysInvitation(item, after); err != nil {
		return nil, err
	}
	if err := m.staysMember(item, after); err != nil {
		return nil, err
	}
	if err := m.follow(ctx, item, after); err != nil {
		return nil, err
	}
	if err := m.mayBelong(ctx, caller, item, after); err != nil {
		return nil, err
	}
	if err := m.mayGrant(ctx, caller, item, after); err != nil {
		return nil, m.refused(ctx, caller, cmp.Or(change.op, OnUpdate), item, err)
	}
	isBlind, err := m.isBlind(ctx, caller, change, item)
	if err != nil {
		return nil, err
	}
	if isBlind {
		after.base().Version++
	}
	return after, m.mayTake(ctx, caller, item, after)
}

// write writes what differs between before, as it was read, and after. It is not
// written where the item has changed since. With once it is never written twice, see Apply.
func (m *core) write(ctx context.Context, before, after anyItem, once bool) (isWritten bool, err error) {
	return m.writeAt(ctx, before, after, once, Now())
}

// writeAt is write of what counts as changed at that time.
func (m *core) writeAt(ctx context.Context, before, after anyItem, once bool, at DateTime) (isWritten bool, err error) {
	base := after.base()
	update, err := m.updateOf(ctx, before, after, at)
	if err != nil || update == nil {
		return err == nil, err
	}
	claims, err := m.claims(before, after)
	if err != nil {
		return false, err
	}
	parents := m.newParents(before, after)
	if len(claims) == 0 && len(parents) == 0 && !once {
		err = update.Run(ctx)
	} else {
		err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) {
			tx.Update(update)
			for _, parent := range parents {
				tx.Check(parent.Of.target().ifExists(parent.ID(after)))
			}
		})
	}
	failed := FailedConditions(err)
	switch {
	case len(failed) > 0 && failed[0] > 0: // a parent has gone meanwhile
		return false, noParent(parents[failed[0]-1].Field)
	case IsDoubtful(err):
		return m.settle(ctx, base.ID, func(is anyItem) bool { return m.isUpdate(is, after) })
	case dynamo.IsCondCheckFailed(err), once && isAmidOther(err):
		return false, nil
	}
	return err == nil, m.writeError("update", err)
}

// updateOf returns the update that makes of before, as it was read, what after is, and makes
// after's version and time those of the write; nil where nothing differs.
func (m *core) updateOf(ctx context.Context, before, after anyItem, at DateTime) (*dynamo.Update, error) {
	changes, err := differences(before, after)
	if err != nil {
		return nil, m.writeError("update", err)
	}
	if len(changes) == 0 {
		return nil, nil
	}
	if err := m.renames.Complete(ctx, withoutVersion(changes)); err != nil {
		return nil, err
	}
	base := after.base()
	base.Version, base.UpdatedAt = before.base().Version+1, at
	if err := m.completeKeys(changes, before, after); err != nil {
		return nil, err
	}
	asRead, arguments := before.base().unchanged()
	update := m.table.Update("id", base.ID).If(asRead, arguments...)
	for attribute, value := range changes {
		setAttribute(update, attribute, value)
	}
	return update.Set("version", base.Version).Set("updatedAt", base.UpdatedAt), nil
}

// differences returns the attributes in which after differs from before, with what they are in
// after; nil: it has none.
func differences(before, after any) (map[string]types.AttributeValue, error) {
	from, err := dynamo.MarshalItem(before)
	if err != nil {
		return nil, err
	}
	to, err := dynamo.MarshalItem(after)
	if err != nil {
		return nil, err
	}
	differ := map[string]types.AttributeValue{}
	for attribute, value := range to {
		if !reflect.DeepEqual(value, from[attribute]) {
			differ[attribute] = value
		}
	}
	for attribute := range from {
		if to[attribute] == nil {
			differ[attribute] = nil
		}
	}
	return differ, nil
}

package model

import (
	"context"
	"math/rand/v2"
	"reflect"
	"time"

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

// Update applies change to the item with this global id, writes the attributes that
// differ then, and returns the item as it is after it. Attributes that T does not have
// stay. A change of nothing writes nothing.
//
// [ErrNotFound]: there is none that the caller may read. [ErrForbidden]: the rules do not
// allow it. Code BAD_USER_INPUT: a value is not one. [ErrConflict]: its version is not the
// expected one, or others keep changing it. [ErrTaken]: another has a unique value.
//
// The SDK, or a client, may try again what was done and not answered. With an expected
// version that gets ErrConflict; without, the change is applied to what it has made of
// the item, which mostly is no change any more.
func (m *Model[T]) Update(ctx context.Context, caller Caller, global string, expectedVersion *int, change func(*T)) (*T, error) {
	id := LocalID(m.typeName, global)
	ctx, forget := withoutReads(ctx)
	defer forget()
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return nil, err
		}
		before, err := m.readFor(ctx, caller, OnUpdate, id, expectedVersion)
		if err != nil {
			return nil, err
		}
		if before == nil {
			continue
		}
		after, err := m.changed(ctx, caller, before, change)
		if err != nil {
			return nil, err
		}
		isWritten, err := m.write(ctx, before, after)
		if err != nil {
			return nil, err
		}
		if isWritten {
			return after, runUpdateHook(ctx, caller, m.definition.Hooks.AfterUpdate, before, after)
		}
	}
	return nil, ErrConflict
}

// readFor returns the item with this id for the caller to do op to: ErrNotFound,
// ErrForbidden and ErrConflict are as of update. It returns nil where the item was
// found half deleted, and that has now been seen to.
func (m *Model[T]) readFor(ctx context.Context, caller Caller, op Operation, id string, expectedVersion *int) (*T, error) {
	found, err := m.read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	item := found[id]
	if item == nil {
		return nil, ErrNotFound
	}
	if m.base(item).deleting != "" {
		return nil, m.finish(ctx, item)
	}
	if err := m.authorize(ctx, caller, op, item); err != nil {
		return nil, err
	}
	if expectedVersion != nil && *expectedVersion != m.base(item).Version {
		return nil, ErrConflict
	}
	return item, nil
}

// changed returns a copy of the item with the change, which is checked.
func (m *Model[T]) changed(ctx context.Context, caller Caller, item *T, change func(*T)) (*T, error) {
	attributes, err := dynamo.MarshalItem(item)
	if err != nil {
		return nil, m.writeError("update", err)
	}
	after, err := m.decode(attributes)
	if err != nil {
		return nil, err
	}
	change(after)
	if err := runUpdateHook(ctx, caller, m.definition.Hooks.BeforeUpdate, item, after); err != nil {
		return nil, err
	}
	return after, m.checkChange(item, after)
}

// write writes what differs between before, as it was read, and after. It is not
// written where the item has changed since.
func (m *Model[T]) write(ctx context.Context, before, after *T) (isWritten bool, err error) {
	base := m.base(after)
	update, err := m.updateOf(before, after)
	if err != nil || update == nil {
		return err == nil, err
	}
	claims, err := m.claims(before, after)
	if err != nil {
		return false, err
	}
	if len(claims) == 0 {
		err = update.Run(ctx)
	} else {
		err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) { tx.Update(update) })
	}
	switch {
	case IsDoubtful(err):
		return m.settle(ctx, base.ID, func(is *T) bool { return m.isUpdate(is, after) })
	case dynamo.IsCondCheckFailed(err):
		return false, nil
	}
	return err == nil, m.writeError("update", err)
}

// updateOf returns the update that makes of before, as it was read, what after is, and makes
// after's version and time those of the write; nil where nothing differs.
func (m *Model[T]) updateOf(before, after *T) (*dynamo.Update, error) {
	base := m.base(after)
	asRead, arguments := m.base(before).unchanged()
	update := m.table.Update("id", base.ID).If(asRead, arguments...)
	differs, err := setDifferences(update, before, after)
	if err != nil {
		return nil, m.writeError("update", err)
	}
	if !differs {
		return nil, nil
	}
	base.Version = m.base(before).Version + 1
	base.UpdatedAt = Now()
	return update.Set("version", base.Version).Set("updatedAt", base.UpdatedAt), nil
}

// setDifferences adds to update the attributes in which after differs from before.
func setDifferences(update *dynamo.Update, before, after any) (differs bool, err error) {
	from, err := dynamo.MarshalItem(before)
	if err != nil {
		return false, err
	}
	to, err := dynamo.MarshalItem(after)
	if err != nil {
		return false, err
	}
	for attribute, value := range to {
		if !reflect.DeepEqual(value, from[attribute]) {
			update.SetExpr("$ = ?", attribute, value)
			differs = true
		}
	}
	for attribute := range from {
		if to[attribute] == nil {
			update.RemoveExpr("$", attribute)
			differs = true
		}
	}
	return differs, nil
}

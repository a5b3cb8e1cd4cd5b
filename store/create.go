package store

import (
	"context"
	"fmt"

	"github.com/guregu/dynamo/v2"
)

// A parent is what items of T belong to by @belongsTo.
type parent[T any] struct {
	model anyModel
	id    func(*T) string // empty: the item has no such parent
}

// create keeps a new item, whose owner is the caller: in one PutItem, or one
// transaction with its unique values and a check that its parents are still there.
//
// An *InputError: a value is not one. ErrNotFound: a parent is none that the caller
// may read. ErrForbidden: the rules do not allow it. A *ConflictError: a unique value
// is taken.
func (m *model[T, P]) create(ctx context.Context, caller Caller, item *T) (*T, error) {
	if !m.admits(caller, onCreate) {
		return nil, ErrForbidden
	}
	record, now := P(item).record(), Now()
	*record.id, *record.ownerID, *record.version = NewID(), caller.ID, 1
	*record.createdAt, *record.updatedAt = now, now

	if err := m.check(item); err != nil {
		return nil, err
	}
	for _, parent := range m.parents {
		id := parent.id(item)
		if id == "" {
			continue
		}
		readable, err := parent.model.allowed(ctx, caller, onRead, []string{id})
		if err != nil {
			return nil, err
		}
		if !readable[id] {
			return nil, ErrNotFound
		}
	}
	permitted, err := m.permitted(ctx, caller, onCreate, []*T{item})
	if err != nil {
		return nil, err
	}
	if !permitted[item] {
		return nil, ErrForbidden
	}
	if err := m.put(ctx, item); err != nil {
		return nil, err
	}
	return item, nil
}

// check validates the item.
func (m *model[T, P]) check(item *T) error {
	if m.validate == nil {
		return nil
	}
	return m.validate(item)
}

func (m *model[T, P]) put(ctx context.Context, item *T) error {
	put := m.table.Put(item) // its id is new: a condition would only refuse the SDK's retries
	if len(m.uniques) == 0 && len(m.parents) == 0 {
		return m.writeError("create", put.Run(ctx))
	}
	tx := m.store.db.WriteTx().Idempotent(true)
	fields, err := m.uniqueWrites(tx, nil, item)
	if err != nil {
		return err
	}
	type checked struct {
		model anyModel
		id    string
	}
	once := map[checked]bool{} // a transaction names an item once, though two fields may
	for _, parent := range m.parents {
		of := checked{parent.model, parent.id(item)}
		if of.id != "" && !once[of] {
			once[of] = true
			tx.Check(of.model.ifExists(of.id))
		}
	}
	err = tx.Put(put).Run(ctx)
	if failed := failedConditions(err); len(failed) > 0 {
		if failed[0] < len(fields) {
			return &ConflictError{fields[failed[0]]}
		}
		return ErrNotFound // a parent has gone meanwhile
	}
	return m.writeError("create", err)
}

// ifExists holds where the item with this id is there, and is not being deleted.
func (m *model[T, P]) ifExists(id string) *dynamo.ConditionCheck {
	return m.table.Check("id", id).If("attribute_exists(id) AND attribute_not_exists(deleting)")
}

// writeError says what a write was tried on; nil stays nil.
func (m *model[T, P]) writeError(verb string, err error) error {
	switch {
	case err == nil:
		return nil
	case isBeyondLimits(err):
		return &InputError{"", "this is more than an object can hold: 400 KB in all, 1 KB in a field that a list is ordered by, numbers of a size from 1E-130 to 1E+126"}
	default:
		return fmt.Errorf("%s an item of %s: %w", verb, m.table.Name(), err)
	}
}

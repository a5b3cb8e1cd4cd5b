package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// A parent is what items of T belong to by @belongsTo.
type parent[T any] struct {
	model    anyModel
	field    string          // of the create input
	id       func(*T) string // empty: the item has no such parent
	onDelete onParentDelete
}

// create keeps a new item, whose owner is the caller: in one PutItem, or one
// transaction with its unique values and a check that its parents are still there.
//
// An *InputError: a value is not one. A *ParentError: a parent is none that the caller
// may read. ErrForbidden: the rules do not allow it. A *ConflictError: a unique value
// is taken.
//
// The SDK tries again what was not answered, and makes no second item. A client that
// does so makes one, unless the item has a unique value: then it gets a *ConflictError.
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
			return nil, &ParentError{parent.field}
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

func (m *model[T, P]) put(ctx context.Context, item *T) error {
	put := m.table.Put(item)
	claims, err := m.claims(nil, item)
	if err != nil {
		return err
	}
	parents := m.distinctParents(item)
	if len(claims) == 0 && len(parents) == 0 {
		err := put.If("attribute_not_exists(id)").Run(ctx)
		if isDoubtful(err) { // the id is new: it is this very item
			return nil
		}
		return m.writeError("create", err)
	}
	err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) {
		for _, parent := range parents {
			tx.Check(parent.model.ifExists(parent.id(item)))
		}
		tx.Put(put)
	})
	if failed := failedConditions(err); len(failed) > 0 { // a parent has gone meanwhile
		return &ParentError{parents[failed[0]].field}
	}
	return m.writeError("create", err)
}

// distinctParents returns what the item belongs to. By two fields it may belong to one
// thing, which a transaction can name only once.
func (m *model[T, P]) distinctParents(item *T) (distinct []parent[T]) {
	for _, p := range m.parents {
		isKnown := slices.ContainsFunc(distinct, func(other parent[T]) bool {
			return other.model == p.model && other.id(item) == p.id(item)
		})
		if p.id(item) != "" && !isKnown {
			distinct = append(distinct, p)
		}
	}
	return distinct
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

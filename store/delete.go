package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// A child is a type whose items belong to this one's, by @belongsTo.
type child struct {
	model    anyModel
	index    index // of the child's table: by the parent's id
	onDelete onParentDelete
}

// onParentDelete is what becomes of an item when that to which it belongs is deleted.
type onParentDelete int

const (
	cascade  onParentDelete = iota // it is deleted too
	restrict                       // as long as it is there, the parent is not deleted
)

// delete deletes the item with this global id, and returns it as it was.
//
// An item that others can belong to is marked first, as "deleting": from then on it
// cannot be read, nor can anything be made that belongs to it. Then go those that
// belong to it, then the item. Where that is interrupted, the next update or delete of
// the item, or Sweep, sees to the rest. Whether something belongs to it is a matter of
// an index: on AWS, what was written the moment before may be overlooked.
//
// ErrNotFound, ErrForbidden, ErrConflict: see update. ErrHeld: something belongs to it
// with RESTRICT.
func (m *model[T, P]) delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (*T, error) {
	id := m.localID(global)
	for range maxTries {
		item, err := m.readFor(ctx, caller, onDelete, id, expectedVersion)
		if err != nil {
			return nil, err
		}
		if item == nil {
			continue
		}
		isDeleted, err := m.deleteItem(ctx, item)
		if isDeleted || err != nil {
			return item, err
		}
	}
	return nil, ErrConflict
}

// deleteItem deletes the item as it was read, whoever asks. It does nothing where the
// item has changed since.
func (m *model[T, P]) deleteItem(ctx context.Context, item *T) (isDeleted bool, err error) {
	if !m.hasChildren() {
		return m.erase(ctx, item, "version = ? AND attribute_not_exists(deleting)")
	}
	if !*P(item).record().deleting {
		record := P(item).record()
		err := m.table.Update("id", *record.id).
			Set("deleting", true).
			If("version = ? AND attribute_not_exists(deleting)", *record.version).
			Run(ctx)
		if dynamo.IsCondCheckFailed(err) {
			return false, nil
		}
		if err != nil {
			return false, m.writeError("delete", err)
		}
	}
	err = m.removeChildren(ctx, *P(item).record().id)
	if errors.Is(err, ErrHeld) {
		if err := m.restore(ctx, *P(item).record().id); err != nil {
			return false, err
		}
	}
	if err != nil {
		return false, err
	}
	return m.erase(ctx, item, "version = ? AND attribute_exists(deleting)")
}

// erase deletes the item and its unique values, if condition holds of its version.
func (m *model[T, P]) erase(ctx context.Context, item *T, condition string) (isDeleted bool, err error) {
	record := P(item).record()
	erase := m.table.Delete("id", *record.id).If(condition, *record.version)
	tx := m.store.db.WriteTx().Idempotent(true)
	fields, err := m.uniqueWrites(tx, item, nil)
	if err != nil {
		return false, err
	}
	if len(fields) == 0 {
		err = erase.Run(ctx)
	} else {
		err = tx.Delete(erase).Run(ctx)
	}
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, m.writeError("delete", err)
}

func (m *model[T, P]) hasChildren() bool { return len(m.children) > 0 }

// removeChildren deletes what belongs to the item. ErrHeld: something does with
// RESTRICT, near or far; that is found out before anything is deleted.
func (m *model[T, P]) removeChildren(ctx context.Context, id string) error {
	isHeld, err := m.isHeld(ctx, id)
	if err != nil {
		return err
	}
	if isHeld {
		return ErrHeld
	}
	for _, child := range m.children {
		for ids, err := range child.model.idsOf(ctx, child.index, id) {
			if err != nil {
				return err
			}
			if err := child.model.remove(ctx, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// isHeld tells whether something belongs with RESTRICT to the item, or to what would
// be deleted with it.
func (m *model[T, P]) isHeld(ctx context.Context, id string) (bool, error) {
	for _, child := range m.children {
		if child.onDelete == cascade && !child.model.hasChildren() {
			continue
		}
		for ids, err := range child.model.idsOf(ctx, child.index, id) {
			if err != nil {
				return false, err
			}
			if child.onDelete == restrict && len(ids) > 0 {
				return true, nil
			}
			for _, id := range ids {
				if isHeld, err := child.model.isHeld(ctx, id); isHeld || err != nil {
					return isHeld, err
				}
			}
		}
	}
	return false, nil
}

// restore takes back that the item is being deleted.
func (m *model[T, P]) restore(ctx context.Context, id string) error {
	err := m.table.Update("id", id).Remove("deleting").If("attribute_exists(deleting)").Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return m.writeError("restore", err)
	}
	return nil
}

// remove deletes the items with these ids as deleteItem does, whoever asks; those that
// are nothing to others, in batches. An id that is not there is deleted already.
func (m *model[T, P]) remove(ctx context.Context, ids []string) error {
	if !m.hasChildren() && len(m.uniques) == 0 {
		return m.removeBatch(ctx, ids)
	}
	for try := 0; len(ids) > 0; try++ {
		if try == maxTries {
			return fmt.Errorf("delete items of %s: %w: others keep changing them", m.table.Name(), ErrConflict)
		}
		items, err := m.read(ctx, ids)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return items[id] == nil })
		for id, item := range items {
			isDeleted, err := m.deleteItem(ctx, item)
			if err != nil {
				return err
			}
			if isDeleted {
				ids = slices.DeleteFunc(ids, func(other string) bool { return other == id })
			}
		}
	}
	return nil
}

func (m *model[T, P]) removeBatch(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	keys := make([]dynamo.Keyed, len(ids))
	for i, id := range ids {
		keys[i] = dynamo.Keys{id}
	}
	_, err := m.table.Batch("id").Write().Delete(keys...).Run(ctx)
	return m.writeError("delete", err)
}

// finish sees to an item that was left half deleted: then it is gone, or, where it
// could not be deleted, as it was.
func (m *model[T, P]) finish(ctx context.Context, item *T) error {
	_, err := m.deleteItem(ctx, item)
	if errors.Is(err, ErrHeld) {
		return nil
	}
	return err
}

// Sweep finishes the deletions that were interrupted, and returns how many items it
// found half deleted. It reads every table whose items others can belong to, whole.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	total := 0
	for _, model := range s.all {
		found, err := model.sweep(ctx)
		total += found
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (m *model[T, P]) sweep(ctx context.Context) (found int, err error) {
	if !m.hasChildren() {
		return 0, nil
	}
	half := m.table.Scan().Filter("attribute_exists(deleting)").Consistent(true).Iter()
	for item := (dynamo.Item{}); half.Next(ctx, &item); item = nil {
		value, err := m.decode(item)
		if err != nil {
			return found, err
		}
		if err := m.finish(ctx, value); err != nil {
			return found, err
		}
		found++
	}
	if err := half.Err(); err != nil {
		return found, fmt.Errorf("sweep %s: %w", m.table.Name(), err)
	}
	return found, nil
}

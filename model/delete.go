package model

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
	index    Index // of the child's table: by the parent's id
	onDelete OnParentDelete
}

func (m *Model[T]) addChild(child child) { m.children = append(m.children, child) }

// OnParentDelete is what becomes of an item when that to which it belongs is deleted.
type OnParentDelete int

const (
	Cascade  OnParentDelete = iota // it is deleted too
	Restrict                       // as long as it is there, the parent is not deleted
)

// Delete deletes the item with this global id, and returns it as it was.
//
// An item that others can belong to is marked first, as "deleting", with a token of
// whoever deletes it: from then on it cannot be read, nor can anything be made that
// belongs to it. Then go those that belong to it, then the item. Where that is
// interrupted, the next update or delete of the item, or Sweep, sees to the rest: it
// takes the mark over, with a token of its own, and the first one leaves the item alone
// from then on. Whether something belongs to it is a matter of an index: on AWS, what
// was written the moment before may be overlooked, until Sweep finds it.
//
// [ErrNotFound], [ErrForbidden], [ErrConflict]: see Update. [ErrHeld]: something belongs to it
// with RESTRICT. The SDK, or a client, may try again what was done and not answered:
// that gets ErrNotFound.
func (m *Model[T]) Delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (*T, error) {
	id := LocalID(m.typeName, global)
	ctx, forget := withoutReads(ctx)
	defer forget()
	for range maxTries {
		item, err := m.readFor(ctx, caller, OnDelete, id, expectedVersion)
		if err != nil {
			return nil, err
		}
		if item == nil {
			continue
		}
		if err := runHook(ctx, caller, m.definition.Hooks.BeforeDelete, item); err != nil {
			return nil, err
		}
		isDeleted, err := m.deleteItem(ctx, item, false)
		if err != nil {
			return nil, err
		}
		if isDeleted {
			return item, runHook(ctx, caller, m.definition.Hooks.AfterDelete, item)
		}
	}
	return nil, ErrConflict
}

// deleteItem deletes the item as it was read, whoever asks. It does nothing where the
// item has changed since, and stops where another takes the deletion over. Whether
// something holds it, near or far, is found out before anything is deleted, unless isFree
// says that this has been done; what is made to hold it after that stops it half way.
func (m *Model[T]) deleteItem(ctx context.Context, item *T, isFree bool) (isDeleted bool, err error) {
	if !m.hasChildren() {
		return m.erase(ctx, item)
	}
	marked, err := m.mark(ctx, item)
	if marked == nil || err != nil {
		return false, err
	}
	isHeld := false
	if !isFree {
		isHeld, err = m.isHeld(ctx, m.base(marked).ID, "", map[string]bool{})
	}
	isOurs := false
	switch {
	case err != nil:
	case isHeld:
		err = ErrHeld
	default:
		isOurs, err = m.removeChildren(ctx, marked)
	}
	if errors.Is(err, ErrHeld) {
		if err := m.restore(ctx, marked); err != nil {
			return false, err
		}
	}
	if !isOurs || err != nil {
		return false, err
	}
	return m.erase(ctx, marked)
}

// mark marks the item as being deleted, or takes over such a mark, and returns it so;
// nil where it has changed since it was read.
func (m *Model[T]) mark(ctx context.Context, item *T) (*T, error) {
	marked := *item
	base := m.base(&marked)
	asRead, arguments := base.unchanged()
	base.deleting = NewID()
	err := m.table.Update("id", base.ID).Set("deleting", base.deleting).If(asRead, arguments...).Run(ctx)
	isMarked := err == nil
	if IsDoubtful(err) {
		isMarked, err = m.settle(ctx, base.ID, func(is *T) bool {
			return is != nil && m.base(is).deleting == base.deleting
		})
	}
	switch {
	case isMarked:
		return &marked, nil
	case dynamo.IsCondCheckFailed(err):
		return nil, nil
	default:
		return nil, m.writeError("delete", err)
	}
}

// erase deletes the item and its unique values, if it is as it was read.
func (m *Model[T]) erase(ctx context.Context, item *T) (isDeleted bool, err error) {
	base := m.base(item)
	asRead, arguments := base.unchanged()
	erase := m.table.Delete("id", base.ID).If(asRead, arguments...)
	claims, err := m.claims(item, nil)
	if err != nil {
		return false, err
	}
	if len(claims) == 0 {
		err = erase.Run(ctx)
	} else {
		err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) { tx.Delete(erase) })
	}
	if IsDoubtful(err) {
		return m.settle(ctx, base.ID, m.isGone)
	}
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, m.writeError("delete", err)
}

func (m *Model[T]) hasChildren() bool { return len(m.children) > 0 }

// removeChildren deletes what belongs to the item, as long as the mark on that is ours.
// ErrHeld: something does with RESTRICT.
func (m *Model[T]) removeChildren(ctx context.Context, marked *T) (isOurs bool, err error) {
	id := m.base(marked).ID
	isHeld, err := m.isHeldDirectly(ctx, id, "")
	if err != nil {
		return false, err
	}
	if isHeld {
		return false, ErrHeld
	}
	for _, child := range m.children {
		for ids, err := range child.model.idsOf(ctx, child.index, id) {
			if err != nil {
				return false, err
			}
			if len(ids) == 0 {
				continue
			}
			if isOurs, err := m.isMarked(ctx, marked); !isOurs || err != nil {
				return false, err
			}
			if err := child.model.remove(ctx, ids, true); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// isMarked tells whether the item still has this mark.
func (m *Model[T]) isMarked(ctx context.Context, marked *T) (bool, error) {
	base := m.base(marked)
	found, err := m.read(ctx, []string{base.ID})
	item := found[base.ID]
	return item != nil && m.base(item).deleting == base.deleting, err
}

// isHeld tells whether something belongs with RESTRICT to the item, or to what would
// be deleted with it. Where a user is leaving, what they own holds nothing: it goes too.
// It looks at each item once, and at none where the schema has no RESTRICT below; seen has
// those that it has looked at.
func (m *Model[T]) isHeld(ctx context.Context, id, leaving string, seen map[string]bool) (bool, error) {
	if seen[id] || !m.mayBeHeld(map[anyModel]bool{}) {
		return false, nil
	}
	seen[id] = true
	if isHeld, err := m.isHeldDirectly(ctx, id, leaving); isHeld || err != nil {
		return isHeld, err
	}
	for _, child := range m.children {
		if child.onDelete == Restrict || !child.model.mayBeHeld(map[anyModel]bool{}) {
			continue
		}
		for ids, err := range child.model.idsOf(ctx, child.index, id) {
			if err != nil {
				return false, err
			}
			for _, id := range ids {
				if isHeld, err := child.model.isHeld(ctx, id, leaving, seen); isHeld || err != nil {
					return isHeld, err
				}
			}
		}
	}
	return false, nil
}

// mayBeHeld tells whether the schema has a RESTRICT below the type; seen has the types
// that were asked.
func (m *Model[T]) mayBeHeld(seen map[anyModel]bool) bool {
	if seen[m] {
		return false
	}
	seen[m] = true
	return slices.ContainsFunc(m.children, func(c child) bool {
		return c.onDelete == Restrict || c.model.mayBeHeld(seen)
	})
}

// isHeldDirectly is isHeld for what belongs to the item itself.
func (m *Model[T]) isHeldDirectly(ctx context.Context, id, leaving string) (bool, error) {
	for _, child := range m.children {
		if child.onDelete != Restrict {
			continue
		}
		for ids, err := range child.model.idsOf(ctx, child.index, id) {
			if err != nil {
				return false, err
			}
			owners, err := child.model.owners(ctx, ids) // the index may have some that are gone
			if err != nil {
				return false, err
			}
			for _, owner := range owners {
				if leaving == "" || owner != leaving {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// restore takes the mark off the item, if it is ours.
func (m *Model[T]) restore(ctx context.Context, marked *T) error {
	base := m.base(marked)
	asMarked, arguments := base.unchanged()
	err := m.table.Update("id", base.ID).Remove("deleting").If(asMarked, arguments...).Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return m.writeError("restore", err)
	}
	return nil
}

// remove deletes the items with these ids as deleteItem does, whoever asks; those that
// are nothing to others, in batches. An id that is not there is deleted already.
func (m *Model[T]) remove(ctx context.Context, ids []string, isFree bool) error {
	if !m.hasChildren() && len(m.definition.Uniques) == 0 {
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
			isDeleted, err := m.deleteItem(ctx, item, isFree)
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

func (m *Model[T]) removeBatch(ctx context.Context, ids []string) error {
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
// could not be deleted because something holds it, as it was.
func (m *Model[T]) finish(ctx context.Context, item *T) error {
	ctx, forget := withoutReads(ctx)
	defer forget()
	_, err := m.deleteItem(ctx, item, false)
	if errors.Is(err, ErrHeld) {
		return nil
	}
	return err
}

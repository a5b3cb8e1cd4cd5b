package model

import (
	"cmp"
	"context"
	"errors"

	"github.com/guregu/dynamo/v2"
)

// DeleteAll is [ModelOf.DeleteAll].
func (m *core) DeleteAll(ctx context.Context, caller Caller, globals []string) (items []anyItem, err error) {
	if err := checkLength(bulkIDs, len(globals), m.definition.Bulk.Delete); err != nil {
		return nil, err
	}
	ids, err := m.distinctIDs(globals, func(i int) string { return placeIn(bulkIDs, i) })
	if err != nil {
		return nil, err
	}
	if mayBeHeld(m) && len(ids) > 0 && joinedTx(ctx) == nil {
		return m.deleteAllUnlessHeld(ctx, caller, globals, ids)
	}
	err = m.db.transactOften(ctx, maxTries, func(tx *Tx) error {
		if items, err = m.allGoing(ctx, tx, caller, globals, ids); err != nil {
			return err
		}
		defer func() { tx.at = "" }()
		for i, item := range items {
			tx.at = placeIn(bulkIDs, i)
			m.In(tx).removeAhead(ctx, item).caller = &caller
		}
		return nil
	})
	return itemsUnless(err, items)
}

// allGoing returns the items with these ids, as the transaction reads them, all of which the caller may
// delete, and runs the hooks before that.
func (m *core) allGoing(ctx context.Context, tx *Tx, caller Caller, globals, ids []string) ([]anyItem, error) {
	if _, err := m.read(tx.within(ctx), ids); err != nil {
		return nil, err
	}
	items := make([]anyItem, len(globals))
	return items, tx.each(bulkIDs, len(globals), func(i int) (err error) {
		items[i], err = m.In(tx).goingItem(ctx, caller, globals[i], nil)
		return err
	})
}

// deleteAllUnlessHeld is DeleteAll where something may hold the items.
func (m *core) deleteAllUnlessHeld(ctx context.Context, caller Caller, globals, ids []string) ([]anyItem, error) {
	ctx, forget := withoutReads(ctx)
	defer forget()
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return nil, err
		}
		items, err := m.allGoing(ctx, m.db.newTx(), caller, globals, ids)
		if err != nil {
			return nil, err
		}
		r := &removal{
			Root:   &removalRoot{Type: m.name(), ID: ids[0], More: ids[1:], Mark: bulkMarkPrefix + NewID(), By: &actor{caller.ID, caller.Roles, caller.isSystem}},
			Frames: []frame{{Type: m.name(), IDs: ids}},
		}
		promise, put := m.db.promiseOwn(bulkRemovalKind, r)
		isMarked, err := m.markAll(ctx, items, r.Root.Mark, put)
		if err != nil {
			return nil, err
		}
		if !isMarked {
			continue
		}
		w := m.db.newRemover(promise, r)
		isHeld, isLooked, err := w.look(removing(ctx), shareOf(ctx))
		switch {
		case isHeld:
			at := placeIn(bulkIDs, len(ids)-len(w.unlooked())-1)
			if err := w.restore(ctx, m); err != nil {
				return nil, err
			}
			leave(ctx, promise.fulfilled(ctx))
			return nil, placed(ErrHeld, at)
		case !isLooked: // whoever goes on with it calls the hooks
			leave(ctx, errors.Join(err, w.passOn(ctx)))
			return items, nil
		}
		isErased, err := m.eraseSeveral(ctx, r.Root)
		if !isErased {
			return nil, cmp.Or(err, error(ErrConflict)) // another has restored them, or goes on with them
		}
		w.decided(m)
		w.goOn(ctx)
		return itemsUnless(err, items)
	}
	return nil, ErrConflict
}

// unlooked returns those of a removal's roots that have not been looked at.
func (w *remover) unlooked() []string {
	if len(w.Frames) == 0 || w.Frames[0].Field != "" {
		return nil
	}
	return w.Frames[0].IDs
}

// markAll marks the items as being deleted, and promises that. They are not marked where one has changed
// since it was read.
func (m *core) markAll(ctx context.Context, items []anyItem, mark string, promise *dynamo.Put) (isMarked bool, err error) {
	tx := m.db.WriteTx()
	for _, item := range items {
		asRead, arguments := item.base().unchanged()
		tx.Update(m.table.Update("id", item.base().ID).Set("deleting", mark).If(asRead, arguments...))
	}
	err = tx.Put(promise).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, m.writeError("delete", err)
}

// eraseSeveral deletes a removal's root of several items, in one transaction, and runs their hooks, whose
// error comes behind that. It does nothing where one has another mark than the root's, or none. What is
// gone already has gone with the others.
func (m *core) eraseSeveral(ctx context.Context, root *removalRoot) (isErased bool, err error) {
	caller, last := root.caller(), (*Tx)(nil)
	err = m.db.Transact(ctx, func(tx *Tx) error {
		last, tx.isPromised = tx, true
		items, err := m.read(tx.within(ctx), root.ids())
		if err != nil {
			return err
		}
		for _, id := range root.ids() {
			if item := items[id]; item != nil && item.base().deleting != root.Mark {
				return ErrConflict
			} else if item != nil {
				m.In(tx).put(ctx, item, nil).caller = &caller
			}
		}
		return nil
	})
	if errors.Is(err, ErrConflict) && !last.isWritten {
		return false, nil
	}
	return last != nil && last.isWritten, err
}

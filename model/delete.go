package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/guregu/dynamo/v2"
)

// A child is a type whose items belong to this one's, by @belongsTo.
type child struct {
	model    anyModel
	index    Index // of the child's table: by the parent's id
	onDelete OnParentDelete
}

func (m *core) addChild(child child) { m.children = append(m.children, child) }

func (m *core) childTypes() []child { return m.children }

// OnParentDelete is what becomes of an item when that to which it belongs is deleted.
type OnParentDelete int

const (
	Cascade  OnParentDelete = iota // it is deleted too
	Restrict                       // as long as it is there, the parent is not deleted
	SetNull                        // it belongs to nothing then; of what belongs to a user
)

// Delete is [ModelOf.Delete].
func (m *core) Delete(ctx context.Context, caller Caller, global string, expectedVersion *int) (anyItem, error) {
	if tx := joinedTx(ctx); tx != nil {
		return m.In(tx).Delete(ctx, caller, global, expectedVersion)
	}
	id := m.localID(global)
	ctx, forget := withoutReads(ctx)
	defer forget()
	if m.definition.Membership != nil {
		return m.deleteWithOthers(ctx, caller, global, expectedVersion)
	}
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return nil, err
		}
		item, err := m.readFor(ctx, caller, OnDelete, id, expectedVersion)
		if err != nil {
			return nil, err
		}
		if err := runHook(ctx, caller, m.definition.Hooks.BeforeDelete, item); err != nil {
			return nil, m.refused(ctx, caller, OnDelete, item, err)
		}
		outcome, err := m.deleteItem(ctx, item, &caller)
		switch {
		case outcome == isGone:
			return item, runHook(ctx, caller, m.definition.Hooks.AfterDelete, item)
		case outcome == isMarked: // whoever goes on with it calls the hook
			leave(ctx, err)
			return item, nil
		case err != nil:
			return nil, err
		}
	}
	return nil, ErrConflict
}

// deletion is what has become of an item that was to be deleted.
type deletion int

const (
	isAsItWas deletion = iota // it has changed since it was read
	isMarked                  // the outbox is to find out whether something holds it
	isGone
)

// deleteItem deletes the item as it was read, whoever asks; by is who does, and nil where no hook
// is to run. ErrHeld: something belongs to it with RESTRICT.
func (m *core) deleteItem(ctx context.Context, item anyItem, by *Caller) (deletion, error) {
	switch {
	case !m.hasChildren():
		return m.outcome(m.eraseWith(ctx, item, nil))
	case mayBeHeld(m):
		return m.deleteUnlessHeld(ctx, item, by)
	}
	r := &removal{Frames: framesBelow(m, item.base().ID)}
	promise, put := m.db.promiseOwn(removalKind, r)
	outcome, err := m.outcome(m.eraseWith(ctx, item, put))
	if outcome == isGone {
		m.db.newRemover(promise, r).goOn(ctx)
	}
	return outcome, err
}

func (m *core) outcome(isErased bool, err error) (deletion, error) {
	if isErased {
		return isGone, err
	}
	return isAsItWas, err
}

// goOn begins with what a deletion has promised.
func (w *remover) goOn(ctx context.Context) {
	_, err := w.begin(ctx)
	leave(ctx, err)
}

// leave leaves what has been promised to the outbox, and logs what was in the way, if anything was.
func leave(ctx context.Context, err error) {
	if err != nil {
		slog.WarnContext(ctx, "a deletion is left to the outbox", "error", err)
	}
}

// deleteUnlessHeld is deleteItem where something may hold the item.
func (m *core) deleteUnlessHeld(ctx context.Context, item anyItem, by *Caller) (deletion, error) {
	id := item.base().ID
	r := &removal{Root: &removalRoot{Type: m.name(), ID: id}, Frames: []frame{{Type: m.name(), IDs: []string{id}}}}
	if by != nil {
		r.Root.By = &actor{by.ID, by.Roles, by.isSystem}
	}
	r.Root.Mark = newMark()
	promise, put := m.db.promiseOwn(removalKind, r)
	marked, err := m.mark(ctx, item, r.Root.Mark, put)
	if marked == nil || err != nil {
		return isAsItWas, err
	}
	w := m.db.newRemover(promise, r)
	isHeld, isLooked, err := w.look(removing(ctx), shareOf(ctx))
	switch {
	case isHeld:
		if err := w.restore(ctx, m); err != nil {
			return isAsItWas, err
		}
		leave(ctx, promise.fulfilled(ctx))
		return isAsItWas, ErrHeld
	case !isLooked:
		return isMarked, errors.Join(err, w.passOn(ctx))
	}
	isErased, err := m.eraseWith(ctx, marked, nil)
	if !isErased || err != nil { // another has restored it, or goes on with it
		return isAsItWas, err
	}
	w.decided(m)
	w.goOn(ctx)
	return isGone, nil
}

// markPrefix begins the marks whose deletion is promised: the outbox sees to it. Versions before
// there was an outbox have left others behind, where they were interrupted.
const markPrefix = "outbox:"

func newMark() string { return markPrefix + NewID() }

// bulkMarkPrefix begins the marks of several items that go together, or not at all.
const bulkMarkPrefix = markPrefix + "bulk:"

func isPromised(mark string) bool { return strings.HasPrefix(mark, markPrefix) }

// mark marks the item as being deleted, or takes over such a mark, promises that, and returns the
// item so; nil where it has changed since it was read.
func (m *core) mark(ctx context.Context, item anyItem, mark string, promise *dynamo.Put) (anyItem, error) {
	marked := m.copied(item)
	base := marked.base()
	asRead, arguments := base.unchanged()
	base.deleting = mark
	err := m.db.WriteTx().
		Update(m.table.Update("id", base.ID).Set("deleting", mark).If(asRead, arguments...)).
		Put(promise).
		Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		return nil, nil
	case err != nil:
		return nil, m.writeError("delete", err)
	}
	return marked, nil
}

// eraseWith deletes the item and its unique values, if it is as it was read, and makes the promise
// with it, if there is one.
func (m *core) eraseWith(ctx context.Context, item anyItem, promise *dynamo.Put) (isErased bool, err error) {
	base := item.base()
	asRead, arguments := base.unchanged()
	erase := m.table.Delete("id", base.ID).If(asRead, arguments...)
	claims, err := m.claims(item, nil)
	if err != nil {
		return false, err
	}
	beside, err := m.besideErase(ctx, item)
	if err != nil {
		return false, err
	}
	if len(claims) == 0 && promise == nil && beside == nil {
		err = erase.Run(ctx)
	} else {
		err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) {
			tx.Delete(erase)
			if beside != nil {
				beside(tx)
			}
			if promise != nil {
				tx.Put(promise)
			}
		})
	}
	if IsDoubtful(err) {
		return m.settle(ctx, base.ID, m.isGone)
	}
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, m.writeError("delete", err)
}

func (m *core) hasChildren() bool { return len(m.children) > 0 }

// eraseMarked deletes a removal's root, and runs its hook. It does nothing where the item has another
// mark than the root's, or none.
func (m *core) eraseMarked(ctx context.Context, root *removalRoot) (isErased bool, err error) {
	if len(root.More) > 0 {
		isErased, err = m.eraseSeveral(ctx, root)
		if isErased && err != nil {
			slog.ErrorContext(ctx, "the hook of a deletion failed", "type", m.typeName, "error", err)
			err = nil
		}
		return isErased, err
	}
	found, err := m.read(ctx, []string{root.ID})
	item := found[root.ID]
	switch {
	case err != nil:
		return false, err
	case item == nil:
		return true, nil
	case item.base().deleting != root.Mark:
		return false, nil
	}
	isErased, err = m.eraseWith(ctx, item, nil)
	if !isErased || err != nil || root.By == nil {
		return isErased, err
	}
	item.base().deleting = ""
	if err := runHook(ctx, root.caller(), m.definition.Hooks.AfterDelete, item); err != nil {
		slog.ErrorContext(ctx, "the hook of a deletion failed", "type", m.typeName, "id", root.ID, "error", err)
	}
	return true, nil
}

// restore takes the mark off the item, if it has that.
func (m *core) restore(ctx context.Context, id, mark string) error {
	err := m.table.Update("id", id).Remove("deleting").If("deleting = ?", mark).Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return m.writeError("restore", err)
	}
	return nil
}

// readTogether is how many items a removal reads at a time, which may have 400 KB each.
const readTogether = 25

// stillIn returns of the items with these ids, of those that are there, whether each is in its list
// of, see frame, whoever asks.
func (m *core) stillIn(ctx context.Context, ids []string, list func(id string) (field, value string)) (map[string]bool, error) {
	isIn := map[string]bool{}
	distinct := distinctIDs(ids)
	for some := range slices.Chunk(distinct, readTogether) {
		reading, forget := passing(ctx)
		items, err := m.read(reading, some)
		for id, item := range items {
			field, value := list(id)
			isIn[id] = m.isIn(item, field, value)
		}
		forget(0)
		if err != nil {
			return nil, err
		}
	}
	return isIn, nil
}

func (m *core) isIn(item anyItem, field, value string) bool {
	switch field {
	case "":
		return true
	case ByOwner.Hash:
		return item.base().OwnerID == value
	}
	return slices.ContainsFunc(m.definition.Parents, func(p ParentOf[anyItem]) bool {
		return p.Field == field && p.ID(item) == value
	})
}

// there tells which of the items with these ids there are.
func (m *core) there(ctx context.Context, ids []string) (map[string]bool, error) {
	there, err := m.stillIn(ctx, ids, anywhere)
	for id := range there {
		there[id] = true
	}
	return there, err
}

// anywhere is the list that has every item.
func anywhere(string) (field, value string) { return "", "" }

// eraseAll deletes the items with these ids, whoever asks and whatever holds them. An id that is
// not there is deleted already.
func (m *core) eraseAll(ctx context.Context, ids []string) error {
	if len(m.definition.Uniques) == 0 {
		return m.removeBatch(ctx, ids)
	}
	for some := range slices.Chunk(ids, readTogether) {
		if err := m.eraseAsRead(ctx, some, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// eraseListed deletes items, by their ids, as long as they are in those lists, whoever asks and whatever holds them,
// and returns which have left them. An id that is not there is deleted already.
func (m *core) eraseListed(ctx context.Context, listed map[string]frame) (stays map[string]bool, err error) {
	stays = map[string]bool{}
	ids := slices.Collect(maps.Keys(listed))
	for some := range slices.Chunk(ids, readTogether) {
		if err := m.eraseAsRead(ctx, some, listed, stays); err != nil {
			return nil, err
		}
	}
	return stays, nil
}

// mayLeave tells whether items may get another owner, or another parent, in whose list they are by that field.
func (m *core) mayLeave(list string) bool {
	return list == ByOwner.Hash && m.isTransferable() ||
		slices.ContainsFunc(m.definition.Parents, func(p ParentOf[anyItem]) bool { return p.Movable && p.Field == list })
}

// goingList returns the list of a parent which is gone, and with which an item goes that has left another list; nil: none.
func (m *core) goingList(ctx context.Context, item anyItem) (*frame, error) {
	for _, parent := range m.definition.Parents {
		id := parent.ID(item)
		if parent.OnDelete != Cascade || id == "" {
			continue
		}
		there, err := parent.Of.target().there(ctx, []string{id})
		if err != nil {
			return nil, err
		}
		if !there[id] {
			return &frame{Field: parent.Field, Value: id}, nil
		}
	}
	return nil, nil
}

// leaveOut takes out of items those that have left their lists, and that go with nothing else, and notes them in stays.
func (m *core) leaveOut(ctx context.Context, items map[string]anyItem, listed map[string]frame, stays map[string]bool) error {
	for id, item := range items {
		f, isListed := listed[id]
		if !isListed || m.isIn(item, f.Field, f.Value) {
			continue
		}
		list, err := m.goingList(ctx, item)
		if err != nil {
			return err
		}
		if list == nil {
			stays[id] = true
			delete(items, id)
		} else {
			listed[id] = *list
		}
	}
	return nil
}

// eraseAsRead is eraseListed, or eraseAll, of a few items, unless they change meanwhile: in one transaction, or, where
// that cannot be, one by one.
func (m *core) eraseAsRead(ctx context.Context, ids []string, listed map[string]frame, stays map[string]bool) error {
	for try := 0; len(ids) > 0; try++ {
		if err := Pause(ctx, try); err != nil {
			return err
		}
		if try == maxTries {
			return fmt.Errorf("delete items of %s: %w: others keep changing them", m.table.Name(), ErrConflict)
		}
		reading, forget := passing(ctx)
		defer forget(0) // a few items, tried again a few times
		items, err := m.read(reading, ids)
		if err != nil {
			return err
		}
		if err := m.leaveOut(ctx, items, listed, stays); err != nil {
			return err
		}
		if try == 0 && m.eraseTogether(ctx, items) == nil {
			return nil
		}
		ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return items[id] == nil })
		for id, item := range items {
			isErased, err := m.eraseWith(ctx, item, nil)
			if err != nil {
				return err
			}
			if isErased {
				ids = slices.DeleteFunc(ids, func(other string) bool { return other == id })
			}
		}
	}
	return nil
}

// eraseTogether deletes the items and their unique values in one transaction. An error need not mean
// more than that they are too many for one, or that one of the values is another's.
func (m *core) eraseTogether(ctx context.Context, items map[string]anyItem) error {
	tx, actions := m.db.WriteTx(), 0
	for id, item := range items {
		asRead, arguments := item.base().unchanged()
		tx.Delete(m.table.Delete("id", id).If(asRead, arguments...))
		claims, err := m.claims(item, nil)
		if err != nil {
			return err
		}
		for _, claim := range claims {
			m.addClaim(tx, claim)
		}
		if change := m.memberChange(item, nil); change != nil {
			if change.delta != 0 {
				return errCounted
			}
			change.writeRow(m.db, tx)
			actions++
		}
		actions += 1 + len(claims)
	}
	switch {
	case actions == 0:
		return nil
	case actions > maxTxActions:
		return beyondLimits()
	}
	return tx.Run(ctx)
}

// removeBatch is eraseAll of items that have no unique values.
func (m *core) removeBatch(ctx context.Context, ids []string) error {
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

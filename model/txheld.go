package model

import (
	"context"
	"errors"

	"github.com/guregu/dynamo/v2"
)

// heldKind is the kind of promise that marks are taken off which a transaction has set, should its process end
// before it is carried out. It is a removal, of which nothing goes.
const heldKind = "held in a transaction"

// heldMarks are what a transaction has marked, of items of one type that it deletes and that RESTRICT may hold:
// nobody can make anything below them meanwhile, see [Model.Delete].
type heldMarks struct {
	*remover
	model anyModel
	items []txItem
}

// markable is a txItem of a model.
type markable interface {
	txItem
	place() (model anyModel, id, at string)
	mayBeHeld() bool
	marking(mark string) *dynamo.Update
	marked(mark string)
}

func (w *writtenItem) place() (model anyModel, id, at string) {
	return w.model, w.before.base().ID, w.at
}

// mayBeHeld tells whether the transaction deletes the item, and RESTRICT may hold it.
func (w *writtenItem) mayBeHeld() bool {
	return w.isPromised && w.isGone() && w.before != nil && mayBeHeld(w.model)
}

func (w *writtenItem) marking(mark string) *dynamo.Update {
	base := w.before.base()
	asRead, arguments := base.unchanged()
	return w.model.table.Update("id", base.ID).Set("deleting", mark).If(asRead, arguments...)
}

// marked has the item be deleted as long as it has the mark.
func (w *writtenItem) marked(mark string) {
	before := w.model.copied(w.before)
	before.base().deleting = mark
	w.before = before
}

// markHeld marks what the transaction deletes and RESTRICT may hold, and sees whether something does, beside
// what goes by the same transaction. It is not marked where one has changed since it was read. [ErrHeld], as a
// *[PartError]: one is held.
func (tx *Tx) markHeld(ctx context.Context) (all []*heldMarks, isMarked bool, err error) {
	byType, write := map[anyModel]*heldMarks{}, tx.db.WriteTx()
	for _, item := range tx.items {
		held, isOfModel := item.(markable)
		if !isOfModel || !held.mayBeHeld() {
			continue
		}
		model, id, _ := held.place()
		marks := byType[model]
		if marks == nil {
			r := &removal{Root: &removalRoot{Type: model.name(), ID: id, Mark: bulkMarkPrefix + NewID()}, Frames: []frame{{Type: model.name()}}}
			marks = &heldMarks{remover: &remover{removal: r}, model: model}
			byType[model], all = marks, append(all, marks)
		} else {
			marks.Root.More = append(marks.Root.More, id)
		}
		marks.items = append(marks.items, item)
		marks.Frames[0].IDs = append(marks.Frames[0].IDs, id)
		write.Update(held.marking(marks.Root.Mark))
	}
	if len(all) == 0 {
		return nil, true, nil
	}
	for _, marks := range all {
		promise, put := tx.db.promiseOwn(heldKind, marks.removal)
		marks.remover = tx.db.newRemover(promise, marks.removal)
		write.Put(put)
	}
	err = write.Run(ctx)
	if dynamo.IsCondCheckFailed(err) || isAmidOther(err) {
		return nil, false, nil
	}
	if err == nil {
		err = tx.lookHeld(ctx, all)
	}
	if err != nil {
		return nil, false, errors.Join(err, unmark(ctx, all))
	}
	return all, true, nil
}

// lookHeld returns ErrHeld, in its part, where something belongs to what is marked.
func (tx *Tx) lookHeld(ctx context.Context, all []*heldMarks) error {
	for _, marks := range all {
		isHeld, isLooked, err := marks.look(removing(tx.within(ctx)), shareOf(ctx))
		if isHeld {
			item := marks.items[len(marks.items)-len(marks.unlooked())-1]
			_, _, at := item.(markable).place()
			return inPart(placed(ErrHeld, at), item.ofPart())
		}
		if err != nil {
			return err
		}
		if !isLooked {
			return inPart(tooLarge("what belongs to an object that goes cannot be looked at in time"), marks.items[0].ofPart())
		}
		for _, item := range marks.items {
			item.(markable).marked(marks.Root.Mark)
		}
	}
	return nil
}

// fulfilled takes back what was promised about marks whose items have gone.
func fulfilled(ctx context.Context, all []*heldMarks) (err error) {
	for _, marks := range all {
		err = errors.Join(err, marks.promise.fulfilled(ctx))
	}
	return err
}

// unmark takes off the marks that are still there, and what was promised about them.
func unmark(ctx context.Context, all []*heldMarks) (err error) {
	ctx = context.WithoutCancel(ctx)
	for _, marks := range all {
		failed := marks.restore(ctx, marks.model)
		if failed == nil {
			failed = marks.promise.fulfilled(ctx)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// handleHeld is the outbox's handler of the marks that a transaction has left behind.
func (db *DB) handleHeld(ctx context.Context, promise *Promise) error {
	var r removal
	if err := promise.Read(&r); err != nil || r.Root == nil {
		return err
	}
	model := db.modelOf(r.Root.Type)
	if model == nil { // the schema has it no more
		return nil
	}
	return db.newRemover(promise, &r).restore(ctx, model)
}

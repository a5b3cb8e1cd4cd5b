package model

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// A joining is a transaction that the writes of a context are part of.
type joining struct {
	isOver atomic.Bool
	tries  int

	made     int    // how many creates an earlier try of theirs has made already
	madePart string // the first of these
}

type joiningKey struct{}

// joinedTx returns the transaction that the context's writes are part of; nil: they stand by themselves.
func joinedTx(ctx context.Context) *Tx {
	tx, _ := ctx.Value(joiningKey{}).(*Tx)
	if tx == nil || tx.joining.isOver.Load() {
		return nil
	}
	return tx
}

// join has write collect for a transaction, which is tried as often as that.
func (tx *Tx) join(tries int, write func(tx *Tx) error) error {
	tx.joining.tries = max(tx.joining.tries, tries)
	return write(tx)
}

// A PartError is what went wrong with a part of a transaction, see [DB.TransactParts].
type PartError struct {
	Part string
	Err  error
}

func (e *PartError) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong.
func (e *PartError) Unwrap() error { return e.Err }

// inPart returns an error as one of a part; of none, where that is empty.
func inPart(err error, part string) error {
	if err == nil || part == "" {
		return err
	}
	return &PartError{part, err}
}

// Begin says of which part is what the transaction is told to write from now on.
func (tx *Tx) Begin(part string) { tx.part = part }

// TransactParts is [DB.Transact] of several parts, such as the fields of a mutation, whose code knows
// nothing of that: what plan calls with the context that it is given, the methods of models such as
// [Model.Create], does not write, but adds to the transaction, and returns what will be written. Once all
// is written, that says what has become of it. What is read by id meanwhile is as the transaction will have
// written it; lists are as they were before.
//
// plan calls [Tx.Begin] for each part. It is called again where others were at the same items at once, so it
// must do nothing but read and write by models. An error, which may be a *[PartError]: nothing is written.
// after has, by part, the errors of After hooks, which do not undo that.
//
// Creates that have been sent before (see [Model.CreateOnce]) are answered by what they made then where the
// transaction has nothing else to write; else it is refused with the code CONFLICT. What belongs to a deleted
// object by CASCADE goes after it, as by [Model.Delete]. What RESTRICT may hold is marked before the transaction, and looked at: what
// goes by the same transaction does not hold it.
func (db *DB) TransactParts(ctx context.Context, plan func(ctx context.Context, tx *Tx) error) (after map[string]error, err error) {
	ctx, forget := withoutReads(ctx)
	defer forget()
	foreign, tries, blamed := map[string]bool{}, maxTries, ""
	for try := 0; try < tries; try++ {
		if err := Pause(ctx, try); err != nil {
			return nil, err
		}
		tx := db.newTx()
		tx.joining = &joining{tries: tries}
		err := plan(context.WithValue(tx.within(ctx), joiningKey{}, tx), tx)
		tx.joining.isOver.Store(true)
		if err != nil {
			return nil, err
		}
		if err := tx.checkMade(); err != nil {
			return nil, err
		}
		marks, isMarked, err := tx.markHeld(ctx)
		if err != nil {
			return nil, err
		}
		isDone := false
		if isMarked {
			isDone, err = tx.commit(ctx, foreign)
		}
		if !isDone {
			leave(ctx, unmark(ctx, marks))
		}
		if err != nil {
			return nil, err
		}
		if isDone {
			leave(ctx, fulfilled(ctx, marks))
			return tx.finishParts(ctx), nil
		}
		tries, blamed = tx.joining.tries, tx.blamed
	}
	return nil, inPart(ErrConflict, blamed)
}

// madeAlready notes that the item of a creation is there, and that nothing is written for it.
func (tx *Tx) madeAlready() {
	switch {
	case tx.joining == nil:
		tx.isDone = true
	case tx.joining.made == 0:
		tx.joining.madePart = tx.part
		fallthrough
	default:
		tx.joining.made++
	}
}

// checkMade refuses a transaction of which a part was carried out before, and another was not, as far as
// anybody can tell: a change may have been.
func (tx *Tx) checkMade() error {
	if tx.joining.made == 0 || len(tx.items) == 0 {
		return nil
	}
	return inPart(&Error{Code: CodeConflict, Kind: ErrConflict,
		Message: "this object has been made already, perhaps by an earlier try of this transaction: nothing is written now; read what there is"}, tx.joining.madePart)
}

// finishParts is finish, whose errors it returns by part.
func (tx *Tx) finishParts(ctx context.Context) map[string]error {
	if tx.remover != nil {
		tx.remover.goOn(ctx)
	}
	after := map[string]error{}
	for _, item := range tx.items {
		if err := item.finish(ctx, tx); err != nil {
			after[item.ofPart()] = errors.Join(after[item.ofPart()], err)
		}
	}
	return after
}

// blamed returns the part of the first write that a transaction was not carried out for.
func (p *txPlan) blamed(err error) string {
	for i, reason := range cancellationReasons(err) {
		if slices.Contains([]string{"ConditionalCheckFailed", "TransactionConflict"}, aws.ToString(reason.Code)) && i < len(p.actions) {
			return p.actions[i].part
		}
	}
	return ""
}

// removeAhead notes that the item goes, and has what belongs to it go after the transaction.
func (w writer) removeAhead(ctx context.Context, item anyItem) *writtenItem {
	written := w.put(ctx, item, nil)
	if written.isPromised = true; written.before != nil { // nothing belongs to what has never been
		w.tx.below = append(w.tx.below, framesBelow(w.model, item.base().ID)...)
	}
	return written
}

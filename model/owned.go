package model

import (
	"context"
	"errors"

	"github.com/guregu/dynamo/v2"
)

// A Leaving is the removal of all that a user owns who leaves: of every type that is not kept, see
// [OnOwnerDelete], and with what belongs to it by CASCADE, or to the user. Nothing holds it. What is kept is
// nobody's from then on. What belongs to the user by SET_NULL belongs to nobody
// from then on. What is another's and belongs with RESTRICT to what goes stays its owner's, and belongs to
// nothing from then on.
type Leaving struct {
	userID   string
	remover  *remover
	clearing *Promise // nil: there is none
	promises []*dynamo.Put
	ended    *remover // of what goes with memberships; nil: nothing does
	kept     []promisedKeeping
	last     []promisedKeeping // of what the user may be the last member of
}

// A promisedKeeping is a keeping whose promise is to be begun with.
type promisedKeeping struct {
	keeping
	promise *Promise
}

// Leave returns the removal of what the user owns. Promise is of the transaction that takes the user
// out, and Begin follows that.
func (db *DB) Leave(userID string) *Leaving {
	kept := db.keptTypes()
	r := &removal{Owner: userID, Kept: kept, Frames: db.framesOf(userID, kept)}
	promise, put := db.promiseOwn(removalKindOf(kept), r)
	promises := []*dynamo.Put{put}
	clearing, put := db.promiseClearing(userID)
	if clearing != nil {
		promises = append(promises, put)
	}
	l := &Leaving{userID: userID, remover: db.newRemover(promise, r), clearing: clearing}
	if len(kept) > 0 {
		k := keeping{User: userID, Types: kept}
		promise, put := db.promiseOwn(keepingKind, k)
		l.kept, promises = append(l.kept, promisedKeeping{k, promise}), append(promises, put)
	}
	l.promises = promises
	return l
}

// Promise adds the writes that promise the removal to the transaction that takes the user out.
func (l *Leaving) Promise(tx *dynamo.WriteTx) *dynamo.WriteTx {
	for _, put := range l.promises {
		tx.Put(put)
	}
	return tx
}

// EndMemberships adds to the transaction that takes the user out the end of those memberships in which
// the user has the highest role: somebody else has it then. [ErrLastInRole]: nobody else has, of others who
// are there, and the error's Objects are which; where isForced, they stay without. What is kept, and of which
// nobody else is a member, goes with the account. The transaction fails where somebody else has left meanwhile.
func (l *Leaving) EndMemberships(ctx context.Context, tx *dynamo.WriteTx, isForced bool) error {
	ctx, forget := withoutReads(ctx)
	defer forget()
	db := l.remover.db
	ending := &ending{write: tx, counters: counterChanges{}}
	for _, model := range db.models {
		for _, by := range model.membershipModels() {
			if err := by.leaveAs(ctx, ending, l.userID, isForced); err != nil {
				return err
			}
		}
	}
	if len(ending.refused) > 0 {
		return lastInRole(ending.refused)
	}
	for _, end := range ending.more {
		if err := end(ctx); err != nil {
			return err
		}
	}
	ending.addCounters()
	if l.last = nil; len(ending.last) > 0 {
		k := keeping{User: l.userID, Last: ending.last}
		promise, put := db.promiseOwn(keepingKind, k)
		l.last = append(l.last, promisedKeeping{k, promise})
		tx.Put(put)
	}
	if l.ended = nil; len(ending.below) > 0 {
		r := &removal{Frames: ending.below}
		promise, put := db.promiseOwn(removalKind, r)
		l.ended = db.newRemover(promise, r)
		tx.Put(put)
	}
	return nil
}

// Begin removes and clears what there is time for, and tells whether that is all. The rest goes by the outbox,
// also where there is an error, which says what was in the way. What the user was making at that
// moment is looked for once more a minute later.
func (l *Leaving) Begin(ctx context.Context) (isDone bool, err error) {
	ctx, forget := withoutReads(ctx)
	defer forget()
	isDone, err = l.remover.begin(ctx)
	if l.ended != nil {
		isEnded, endedErr := l.ended.begin(ctx)
		isDone, err = isDone && isEnded, errors.Join(err, endedErr)
	}
	for _, k := range append(l.kept, l.last...) {
		isKept, keepingErr := l.remover.db.beginKeeping(ctx, k.promise, k.keeping)
		isDone, err = isDone && isKept, errors.Join(err, keepingErr)
	}
	if l.clearing == nil {
		return isDone, err
	}
	isCleared, clearingErr := l.remover.db.beginClearing(ctx, l.clearing, l.userID)
	return isDone && isCleared, errors.Join(err, clearingErr)
}

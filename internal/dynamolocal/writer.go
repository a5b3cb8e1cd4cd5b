package dynamolocal

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// Every write is part of a group: one bbolt transaction. An fsync is by far the dearest part
// of a write, and so it is shared by all the writes that came while the last one ran; one
// goroutine drains the queue that they wait in. A write that follows a group of one, and that
// nobody has joined once all who can run have run, comes from a lone writer, it seems: it waits for
// nobody, and its own goroutine commits it.

const (
	// queueLength is how many requests can wait without blocking their senders' goroutines.
	queueLength = 1024
	// maxGroup is how many requests share a transaction: enough to make the fsync's share of
	// one small, few enough that the first does not wait for long.
	maxGroup = 512
)

// A writeRequest is a change that waits for its group.
type writeRequest struct {
	// apply reads and changes the data. Whatever can fail for a reason of the request's own
	// it checks before its first change: an error leaves the group's transaction as it was.
	apply func(tx *bbolt.Tx) error
	// taken is set by whoever decides the request's fate: the writer, or a caller who gave up.
	taken atomic.Bool
	err   error
	done  chan struct{}
}

// A storageError is a failure of the file, not of a request: it ends the whole group.
type storageError struct{ error }

func (e storageError) Unwrap() error { return e.error }

// update runs apply in the next group and returns once the group is on disk, or with apply's
// own error. If ctx ends before the group is begun, apply never runs.
func (db *DB) update(ctx context.Context, apply func(tx *bbolt.Tx) error) error {
	r := &writeRequest{apply: apply, done: make(chan struct{})}
	db.writers.Add(1)
	defer db.writers.Add(-1)
	if db.writeAlone(ctx, r) {
		return r.err
	}
	if err := db.enqueue(ctx, r); err != nil {
		return err
	}
	select {
	case <-r.done:
		return r.err
	case <-db.stuck:
		return internalError(*db.damage.Load())
	case <-ctx.Done():
	}
	if r.taken.CompareAndSwap(false, true) {
		return ctx.Err()
	}
	select {
	case <-r.done:
		return r.err
	case <-db.stuck:
		return internalError(*db.damage.Load())
	}
}

// writeAlone commits the request at once and returns true, unless there are other writers, or the
// last group had more than one.
func (db *DB) writeAlone(ctx context.Context, r *writeRequest) bool {
	if db.company.Load() || db.writers.Load() > 1 {
		return false
	}
	// On one processor nobody else runs from here until the request is on disk: let those who are
	// about to write come first.
	runtime.Gosched()
	if db.writers.Load() > 1 {
		return false
	}
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed || ctx.Err() != nil || !db.writing.TryLock() {
		return false
	}
	defer db.writing.Unlock()
	db.writeGroup([]*writeRequest{r})
	return true
}

func (db *DB) enqueue(ctx context.Context, r *writeRequest) error {
	db.closing.RLock()
	defer db.closing.RUnlock()
	if db.closed {
		return ErrClosed
	}
	select {
	case db.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writeGroups is the writer goroutine. It ends when the queue is closed and empty.
func (db *DB) writeGroups() {
	group := make([]*writeRequest, 0, maxGroup)
	for first := range db.queue {
		// The answers to the last group have just woken their goroutines: let those that
		// write again into this one.
		runtime.Gosched()
		db.writing.Lock()
		group = append(group[:0], first)
	drain:
		for len(group) < maxGroup {
			select {
			case r, open := <-db.queue:
				if !open {
					break drain
				}
				group = append(group, r)
			default:
				break drain
			}
		}
		db.company.Store(len(group) > 1)
		db.writeGroup(group)
		db.writing.Unlock()
	}
}

// writeGroup applies the requests one after the other in a transaction, and answers them when
// it is on disk. A request that is refused changes nothing; if all are, nothing is written.
func (db *DB) writeGroup(group []*writeRequest) {
	err := db.commit(group)
	for _, r := range group {
		if err != nil {
			r.err = err
		}
		close(r.done)
	}
}

func (db *DB) commit(group []*writeRequest) error {
	if damage := db.damage.Load(); damage != nil {
		return internalError(*damage)
	}
	tx, err := db.begin(true)
	if err != nil {
		return internalError(err)
	}
	defer db.rollback(tx)
	changed := false
	for _, r := range group {
		if !r.taken.CompareAndSwap(false, true) {
			continue
		}
		r.err = db.applyOne(r, tx)
		if failed, ok := r.err.(storageError); ok {
			return internalError(failed)
		}
		changed = changed || r.err == nil
	}
	if !changed {
		return nil
	}
	transaction := tx.ID()
	return db.guard(func() error {
		if err := tx.Commit(); err != nil {
			return db.commitFailed(transaction, err)
		}
		return nil
	})
}

// applyOne takes damage, and a panic, for a storageError: the transaction is in an unknown state,
// but the process and its data are not.
func (db *DB) applyOne(r *writeRequest, tx *bbolt.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = storageError{fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	err = db.guard(func() error { return r.apply(tx) })
	if damage := db.damage.Load(); damage != nil {
		return storageError{*damage}
	}
	return err
}

// view runs read on the data as the last group left it, or as a Snapshot has it.
func (db *DB) view(ctx context.Context, read func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if db.moment != nil {
		return db.guard(func() error { return db.moment.view(read) })
	}
	tx, err := db.begin(false)
	if err != nil {
		return err
	}
	defer db.rollback(tx)
	return db.guard(func() error { return read(tx) })
}

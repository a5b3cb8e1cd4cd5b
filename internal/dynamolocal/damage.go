package dynamolocal

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged is what Open returns, wrapped, where the data file is not what was written into it.
var ErrDamaged = errors.New("damaged")

// damaged is ErrDamaged for a file, with what shows it and the way out.
func damaged(path string, cause any) error {
	return fmt.Errorf("%s is %w (%v): `ownql check` says how much of it; go back to a backup, or save what can be read by `ownql export --salvage`",
		path, ErrDamaged, cause)
}

// Damage that shows when a page is read is told as an error, and from then on nothing is written:
// bbolt might write over what is whole. Reads go on, as far as they come.

// guard runs what touches the file. A fault in the mapped file, and a panic of bbolt's about what
// it found there, is the damage that it returns; any other panic goes on.
func (db *DB) guard(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if !isDamage(p) {
				panic(p)
			}
			err = db.foundDamage(p)
		}
	}()
	if err = do(); errors.Is(err, errCorrupt) {
		return db.foundDamage(err)
	}
	return err
}

// isDamage is whether a panic that is being recovered came from reading the file: from a fault, or
// from within bbolt.
func isDamage(p any) bool {
	if _, isFault := p.(interface{ Addr() uintptr }); isFault {
		return true
	}
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !inRuntime {
			return strings.HasPrefix(frame.Function, "go.etcd.io/bbolt")
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return false
		}
	}
}

// foundDamage keeps the first damage that is found, and is the answer to whoever found it.
func (db *DB) foundDamage(cause any) error {
	err := damaged(db.path, cause)
	db.setDamage(err)
	return internalError(err)
}

// setDamage has nothing be written any more, and tells those who wait for records of a stream.
func (db *DB) setDamage(err error) {
	if db.damage.CompareAndSwap(nil, &err) {
		db.feed.wakeAll()
	}
}

// begin begins a transaction. Where bbolt panics meanwhile it holds locks for ever: so nobody asks
// it for anything any more.
func (db *DB) begin(writable bool) (tx *bbolt.Tx, err error) {
	db.beginning.Lock()
	defer db.beginning.Unlock()
	if db.isStuck() {
		return nil, internalError(*db.damage.Load())
	}
	begun := false
	err = db.guard(func() (err error) {
		tx, err = db.bolt.Begin(writable)
		begun = true
		return err
	})
	if !begun {
		db.getStuck()
	}
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return nil, ErrClosed
	}
	return tx, err
}

// rollback ends a transaction, whatever state it is in. Once there is damage nobody waits for that:
// it may take a lock that bbolt has lost.
func (db *DB) rollback(tx *bbolt.Tx) {
	end := func() {
		err := db.guard(func() error {
			if err := tx.Rollback(); !errors.Is(err, bolterrors.ErrTxClosed) {
				return err
			}
			return nil
		})
		if err != nil {
			db.getStuck()
		}
	}
	if db.damage.Load() != nil {
		go end()
		return
	}
	end()
}

func (db *DB) isStuck() bool {
	select {
	case <-db.stuck:
		return true
	default:
		return false
	}
}

// getStuck follows the damage that it comes from.
func (db *DB) getStuck() { db.getsStuck.Do(func() { close(db.stuck) }) }

// unlessStuck waits for what do does, unless that waits for a lock that bbolt has lost: then the
// process's end is its end.
func (db *DB) unlessStuck(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-db.stuck:
		return nil
	}
}

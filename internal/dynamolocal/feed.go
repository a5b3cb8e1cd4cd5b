package dynamolocal

import (
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// A feed gives the sequence numbers, and tells who reads streams what is on the disk. bbolt lets a reader see
// a transaction whose meta page is written and not synced yet: no record is read beyond durable.
type feed struct {
	durable atomic.Uint64 // the last sequence number of a transaction that is on the disk

	writing *bbolt.Tx       // the last transaction that took a number; of the writer alone, as what follows
	last    uint64          // the number that it took last
	tables  map[string]bool // the tables that it took some for

	mu      sync.Mutex
	readers map[string]map[chan struct{}]bool // by table
}

// take gives the next sequence number, for something of the table's stream. Any error is a storageError.
func (f *feed) take(tx *bbolt.Tx, table string) (SequenceNumber, error) {
	n, err := tx.Bucket(streamsKey).NextSequence()
	if err != nil {
		return 0, storageError{err}
	}
	if f.writing != tx {
		f.writing, f.tables = tx, map[string]bool{}
		tx.OnCommit(f.publish)
	}
	f.last, f.tables[table] = n, true
	return SequenceNumber(n), nil
}

// publish follows the commit of the transaction that took numbers.
func (f *feed) publish() {
	f.durable.Store(f.last)
	f.mu.Lock()
	defer f.mu.Unlock()
	for table := range f.tables {
		wake(f.readers[table])
	}
}

// wakeAll has all readers look.
func (f *feed) wakeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, readers := range f.readers {
		wake(readers)
	}
}

func wake(readers map[chan struct{}]bool) {
	for reader := range readers {
		select {
		case reader <- struct{}{}:
		default: // it is to look already
		}
	}
}

// latest is the last sequence number that is on the disk.
func (f *feed) latest() SequenceNumber { return SequenceNumber(f.durable.Load()) }

// follow returns a channel that has something once there is more of the table's stream than when it
// was looked at last.
func (f *feed) follow(table string) (more chan struct{}, done func()) {
	more = make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == nil {
		f.readers = map[string]map[chan struct{}]bool{}
	}
	if f.readers[table] == nil {
		f.readers[table] = map[chan struct{}]bool{}
	}
	f.readers[table][more] = true
	return more, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.readers[table], more)
		if len(f.readers[table]) == 0 {
			delete(f.readers, table)
		}
	}
}

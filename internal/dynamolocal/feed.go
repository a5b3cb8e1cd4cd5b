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

	mu      sync.Mutex
	readers map[string]map[chan struct{}]bool // by table
}

// take gives the next sequence number, for something of the table's stream. Any error is a storageError.
func (f *feed) take(tx *bbolt.Tx, table string) (SequenceNumber, error) {
	n, err := tx.Bucket(streamsKey).NextSequence()
	if err != nil {
		return 0, storageError{err}
	}
	tx.OnCommit(func() { f.publish(table, n) })
	return SequenceNumber(n), nil
}

// publish follows the commit that a sequence number is of.
func (f *feed) publish(table string, n uint64) {
	f.durable.Store(n) // which is greater than the one before: there is one writer at a time
	f.mu.Lock()
	defer f.mu.Unlock()
	for reader := range f.readers[table] {
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

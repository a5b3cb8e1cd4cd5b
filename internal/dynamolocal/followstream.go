package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

var (
	// ErrNoStream is of a table whose stream is not enabled.
	ErrNoStream = errors.New("the table has no stream")
	// ErrStreamEnded is of a stream that was disabled, or whose table was deleted, once all of its records were read.
	ErrStreamEnded = errors.New("the stream has ended")
	// ErrTrimmed is of a position from which a stream cannot be read on: what followed it is no longer there, or was
	// never written, or the position is of other data.
	ErrTrimmed = errors.New("records are missing after the position")
)

// How many records are read in a transaction, and how many bytes of them.
const (
	followBatch = 100
	followSize  = 1 << 20
)

// LatestSequenceNumber is that of what was written last, of all streams: what [DB.StreamRecords] gives after it is
// written later.
func (db *DB) LatestSequenceNumber() SequenceNumber { return db.feed.latest() }

// StreamRecords gives the records of a table's stream after one, in the order of their sequence numbers, which is
// that of their commits, and waits for more until ctx ends. 0 is before the oldest that there is. Each is on
// the disk when it comes, and comes once; whoever goes on after it, in another process too, misses none. Readers
// are independent of each other, and each reads the file: let one read for many.
//
// An error comes last: ErrNoStream, ErrTrimmed, ErrStreamEnded, ErrClosed, each wrapped, or what a read or a write of
// the table gives, as where the file is damaged. The end of ctx is no error.
func (db *DB) StreamRecords(ctx context.Context, table string, after SequenceNumber) iter.Seq2[*StreamRecord, error] {
	return func(yield func(*StreamRecord, error) bool) {
		more, done := db.feed.follow(table)
		defer done()
		f := &follower{db: db, stream: streamID{table: table}, after: after}
		for ctx.Err() == nil {
			records, err := f.next(ctx)
			for _, r := range records {
				if !yield(r, nil) || ctx.Err() != nil {
					return
				}
			}
			switch {
			case err != nil && ctx.Err() != nil:
				return
			case err != nil:
				yield(nil, fmt.Errorf("stream of table %s: %w", table, err))
				return
			case len(records) > 0:
				continue
			}
			if damage := db.damage.Load(); damage != nil { // no more will come
				yield(nil, fmt.Errorf("stream of table %s: %w", table, internalError(*damage)))
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
			case <-db.stopping:
				yield(nil, fmt.Errorf("stream of table %s: %w", table, ErrClosed))
				return
			}
		}
	}
}

// A follower is where a reader is.
type follower struct {
	db     *DB
	stream streamID // its label is empty before the first read
	after  SequenceNumber
}

// next is a batch of the records that follow; none if there are none yet.
func (f *follower) next(ctx context.Context) (records []*StreamRecord, err error) {
	durable := f.db.feed.latest()
	err = f.db.view(ctx, func(tx *bbolt.Tx) error {
		s, err := f.open(tx, durable)
		if err != nil {
			return err
		}
		size := 0
		err = s.records(tx, f.after, durable, func(r *StreamRecord) (bool, error) {
			records = append(records, r)
			size += r.size()
			return len(records) < followBatch && size < followSize, nil
		})
		if err != nil {
			records = nil
			return err
		}
		if last := s.Shards[len(s.Shards)-1].Last; len(records) == 0 && last != 0 && last <= durable {
			return ErrStreamEnded
		}
		return nil
	})
	if n := len(records); n > 0 {
		f.after = records[n-1].SequenceNumber
	} else if err == nil {
		f.after = max(f.after, durable)
	}
	return records, err
}

// open is the stream, from which nothing is missing after the follower's place.
func (f *follower) open(tx *bbolt.Tx, durable SequenceNumber) (*keptStream, error) {
	isNew := f.stream.label == ""
	if isNew && f.after > durable {
		return nil, fmt.Errorf("%w %d: the last one is %d", ErrTrimmed, f.after, durable)
	}
	if isNew {
		t, err := f.db.open(tx, f.stream.table)
		if err != nil {
			return nil, err
		}
		if t.Stream.View == "" {
			return nil, ErrNoStream
		}
		f.stream.label = t.Stream.Label
	}
	s, err := openStream(tx, f.stream)
	switch {
	case err != nil:
		return nil, err
	case s == nil && isNew:
		return nil, ErrNoStream
	case s == nil: // it ended a day ago
		return nil, fmt.Errorf("%w %d: the stream is gone", ErrTrimmed, f.after)
	}
	gone := max(s.trimmed(tx), s.Begin-1)
	switch {
	case f.after == 0:
		f.after = gone
	case f.after < gone:
		return nil, fmt.Errorf("%w %d: those up to %d are gone, or were not written", ErrTrimmed, f.after, gone)
	}
	return s, nil
}

package dynamolocal

import (
	"bytes"
	"context"
	"math"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

const (
	// streamRetention is how long records are kept, and a stream that is disabled.
	streamRetention = 24 * time.Hour
	// shardLife is how long a shard is open.
	shardLife = 4 * time.Hour
	// trimBatch is how many records are deleted at once, and trimSize how many bytes of them: few enough that the
	// writes queued behind them do not wait for long, and that what they free is used again.
	trimBatch = 1000
	trimSize  = 16 << 20
)

// A streamDue is what time has made of a stream.
type streamDue struct {
	id    streamID
	trim  SequenceNumber // the records up to this one are to go
	rolls bool           // the open shard is to be closed, and another opened
	goes  bool           // it was disabled long enough ago
	drops bool           // shards are to go
}

// tendStreams trims the streams, begins new shards, and deletes the streams that were disabled a day ago.
func (db *DB) tendStreams(ctx context.Context, now time.Time) error {
	var due []streamDue
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		for _, id := range streams(tx, "") {
			d, err := dueOf(tx, id, now)
			if err != nil {
				return err
			}
			if d != (streamDue{id: id}) {
				due = append(due, d)
			}
		}
		return nil
	})
	for _, d := range due {
		for more := d.trim > 0; err == nil && more; {
			err = db.update(ctx, func(tx *bbolt.Tx) (err error) {
				more, err = trimStep(tx, d.id, d.trim)
				return err
			})
		}
		if err == nil && (d.rolls || d.drops || d.goes) {
			err = db.update(ctx, func(tx *bbolt.Tx) error { return db.tendShards(tx, d.id, now) })
		}
	}
	return err
}

func dueOf(tx *bbolt.Tx, id streamID, now time.Time) (streamDue, error) {
	s, err := openStream(tx, id)
	if err != nil {
		return streamDue{}, err
	}
	d := streamDue{id: id, goes: s.goes(now), rolls: s.rolls(now)}
	records := tx.Bucket(id.recordsName())
	if records == nil {
		return d, nil
	}
	d.trim = expiredRecords(records, now)
	if d.goes {
		d.trim = math.MaxUint64
	}
	d.drops = s.oldShards(firstRecord(records), now) > 0
	return d, nil
}

// expiredRecords is the last record of those that are older than a day, and come before all that are not; 0 for
// none. One of a time to come was written by a clock that has gone back since: it goes with those after it.
func expiredRecords(records *bbolt.Bucket, now time.Time) (last SequenceNumber) {
	c := records.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		switch age := now.UnixMilli() - recordTime(v); {
		case age >= streamRetention.Milliseconds():
			last = recordNumber(k)
		case age >= 0:
			return last
		}
	}
	return last
}

// firstRecord is the sequence number of the first record; more than any where there is none.
func firstRecord(records *bbolt.Bucket) SequenceNumber {
	if k, _ := records.Cursor().First(); k != nil {
		return recordNumber(k)
	}
	return math.MaxUint64
}

// trimStep deletes a batch of the records up to one. It returns whether there may be more.
func trimStep(tx *bbolt.Tx, id streamID, to SequenceNumber) (more bool, err error) {
	records := tx.Bucket(id.recordsName())
	if records == nil {
		return false, nil
	}
	var keys [][]byte
	size := 0
	c := records.Cursor()
	for k, v := c.First(); k != nil && recordNumber(k) <= to; k, v = c.Next() {
		if more = len(keys) == trimBatch || size >= trimSize; more {
			break
		}
		keys, size = append(keys, bytes.Clone(k)), size+len(v)
	}
	for _, k := range keys {
		if err := records.Delete(k); err != nil {
			return false, storageError{err}
		}
	}
	if len(keys) > 0 {
		if err := records.SetSequence(uint64(recordNumber(keys[len(keys)-1]))); err != nil {
			return false, storageError{err}
		}
	}
	return more, nil
}

// tendShards does what is due of a stream whose records are trimmed.
func (db *DB) tendShards(tx *bbolt.Tx, id streamID, now time.Time) error {
	s, err := openStream(tx, id)
	records := tx.Bucket(id.recordsName())
	if err != nil || s == nil || records == nil {
		return err
	}
	if s.goes(now) {
		for _, name := range [][]byte{id.definitionName(), id.recordsName()} {
			if err := tx.DeleteBucket(name); err != nil {
				return storageError{err}
			}
		}
		return nil
	}
	if n := s.oldShards(firstRecord(records), now); n > 0 {
		s.Shards = slices.Delete(s.Shards, 0, n)
	}
	if s.rolls(now) {
		if err := db.closeShard(tx, s, now); err != nil {
			return err
		}
		if err := db.openShard(tx, s, now); err != nil {
			return err
		}
	}
	return s.save(tx)
}

// goes is whether the stream was disabled a day ago.
func (s *keptStream) goes(now time.Time) bool {
	return !s.DisabledAt.IsZero() && now.Sub(s.DisabledAt) >= streamRetention
}

// rolls is whether the open shard has been open for long enough.
func (s *keptStream) rolls(now time.Time) bool {
	open := s.Shards[len(s.Shards)-1]
	return open.Last == 0 && now.Sub(open.OpenedAt) >= shardLife
}

// oldShards is how many of the stream's first shards were closed a day ago, and have nothing left. One stays.
func (s *keptStream) oldShards(first SequenceNumber, now time.Time) (n int) {
	for n < len(s.Shards)-1 && s.Shards[n].Last < first && now.Sub(s.Shards[n].ClosedAt) >= streamRetention {
		n++
	}
	return n
}

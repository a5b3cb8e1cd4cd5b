package dynamolocal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// A stream is two top-level buckets, which outlive its table; a third is of all streams:
//
//	stream/NAME/LABEL    its definition, as JSON, and its resource-based policy, where it has one
//	records/NAME/LABEL   its records, by their sequence numbers
//	streams              the key that iterators are signed with
//
// The sequence of streams is the last sequence number that was given; that of a stream's records is
// the last one that was trimmed. A record is written in the transaction of its change.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
const (
	streamPrefix  = "stream/"
	recordsPrefix = "records/"
)

var (
	streamsKey     = []byte("streams")
	iteratorSecret = []byte("key")
)

const labelFormat = "2006-01-02T15:04:05.000"

// A streamID is what names a stream.
type streamID struct {
	table, label string
}

func (id streamID) arn() string            { return arnPrefix + id.table + "/stream/" + id.label }
func (id streamID) definitionName() []byte { return []byte(streamPrefix + id.table + "/" + id.label) }
func (id streamID) recordsName() []byte    { return []byte(recordsPrefix + id.table + "/" + id.label) }

// streamOf is the stream whose definition is in the bucket of this name.
func streamOf(bucket []byte) streamID {
	table, label, _ := strings.Cut(string(bucket[len(streamPrefix):]), "/")
	return streamID{table, label}
}

// A SequenceNumber orders the records of all the streams of a data directory: each is greater than those
// before it, also where the clock goes back, and after a restart. 0 is before the first.
type SequenceNumber uint64

// String is 21 digits, the least that AWS has: 1, and then the number.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_SequenceNumberRange.html
func (n SequenceNumber) String() string { return fmt.Sprintf("1%020d", uint64(n)) }

// parseSequenceNumber is the inverse of String.
func parseSequenceNumber(text string) (n SequenceNumber, ok bool) {
	if len(text) != 21 || text[0] != '1' || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseUint(text[1:], 10, 64)
	return SequenceNumber(v), err == nil
}

// A keptStream is a stream's definition. It never changes: what changes it makes another. Begin is less than the sequence
// number of any record that it has had.
type keptStream struct {
	streamID   `json:"-"`
	View       types.StreamViewType
	Key        keySchema // of its table
	CreatedAt  time.Time
	DisabledAt time.Time `json:",omitzero"`
	Begin      SequenceNumber
	Shards     []shard // the oldest first; the last is open as long as the stream is enabled
}

// A shard is a part of a stream: the records from First to Last, of which there may be none.
type shard struct {
	ID       string
	Parent   string `json:",omitempty"` // the shard before, which may be gone
	OpenedAt time.Time
	ClosedAt time.Time      `json:",omitzero"`
	First    SequenceNumber // less than that of any record in it
	Last     SequenceNumber `json:",omitempty"` // greater than that of any record in it; 0 while it is open
}

// restream gives t, which has the place of old, the stream that it asks for, and ends that of old where it does
// not. Either may be an empty table. Any error is a storageError.
func (db *DB) restream(tx *bbolt.Tx, old, t *table, now time.Time) error {
	switch was, is := old.Stream.View != "", t.Stream.View != ""; {
	case is && !was:
		return db.createStream(tx, t, now)
	case was && !is:
		return db.disableStream(tx, streamID{old.Name, old.Stream.Label}, now)
	}
	return nil
}

// createStream makes the stream that a table has enabled. Where one of an earlier table has the label still, it
// gets another. Any error is a storageError.
func (db *DB) createStream(tx *bbolt.Tx, t *table, now time.Time) error {
	id := streamID{t.Name, t.Stream.Label}
	for tx.Bucket(id.definitionName()) != nil {
		var err error
		if id.label, err = nextLabel(id.label); err != nil {
			return storageError{err}
		}
	}
	t.Stream.Label = id.label
	if tx.Bucket(streamsKey) == nil {
		if err := makeStreams(tx, 0); err != nil {
			return err
		}
	}
	for _, name := range [][]byte{id.definitionName(), id.recordsName()} {
		if _, err := tx.CreateBucket(name); err != nil {
			return storageError{err}
		}
	}
	s := &keptStream{streamID: id, View: t.Stream.View, Key: t.Key, CreatedAt: now.UTC().Truncate(time.Millisecond)}
	if err := db.openShard(tx, s, now); err != nil {
		return err
	}
	s.Begin = s.Shards[0].First
	return s.save(tx)
}

// adoptStream makes the stream that the table has enabled under an older ownql, which kept the setting alone. Any
// error is a storageError.
func (db *DB) adoptStream(tx *bbolt.Tx, t *table) error {
	if !t.lacksStream(tx) {
		return nil
	}
	adopted := *t
	return db.createStream(tx, &adopted, time.Now())
}

// makeStreams makes what all streams share; last is the last sequence number that was given. Any error is a
// storageError.
func makeStreams(tx *bbolt.Tx, last uint64) error {
	all, err := tx.CreateBucket(streamsKey)
	if err == nil {
		err = all.SetSequence(last)
	}
	if err == nil {
		secret := make([]byte, 32)
		rand.Read(secret)
		err = all.Put(iteratorSecret, secret)
	}
	if err != nil {
		return storageError{err}
	}
	return nil
}

// nextLabel is the label a millisecond later.
func nextLabel(label string) (string, error) {
	at, err := time.Parse(labelFormat, label)
	return streamLabel(at.Add(time.Millisecond)), err
}

// disableStream closes the stream, which stays readable for a day. Any error is a storageError.
func (db *DB) disableStream(tx *bbolt.Tx, id streamID, now time.Time) error {
	s, err := openStream(tx, id)
	if err != nil {
		return storageError{err}
	}
	if s == nil { // an older ownql made none
		return nil
	}
	if err := db.closeShard(tx, s, now); err != nil {
		return err
	}
	s.DisabledAt = now.UTC().Truncate(time.Millisecond)
	return s.save(tx)
}

// openShard begins a shard after those that there are. Any error is a storageError.
func (db *DB) openShard(tx *bbolt.Tx, s *keptStream, now time.Time) error {
	first, err := db.feed.take(tx, s.table)
	if err != nil {
		return err
	}
	sum := fnv.New32a()
	sum.Write(s.definitionName())
	at := now.UnixMilli()
	parent := ""
	if n := len(s.Shards); n > 0 {
		parent = s.Shards[n-1].ID
		at = max(at, shardTime(parent)+1) // the clock may have gone back
	}
	s.Shards = append(s.Shards, shard{
		ID: fmt.Sprintf("shardId-%020d-%08x", at, sum.Sum32()), Parent: parent,
		OpenedAt: now.UTC().Truncate(time.Millisecond), First: first,
	})
	return nil
}

// shardTime is the time in a shard's ID, in milliseconds since 1970.
func shardTime(id string) int64 {
	_, rest, _ := strings.Cut(id, "-")
	at, _, _ := strings.Cut(rest, "-")
	ms, _ := strconv.ParseInt(at, 10, 64)
	return ms
}

// closeShard ends the open shard. Any error is a storageError.
func (db *DB) closeShard(tx *bbolt.Tx, s *keptStream, now time.Time) error {
	last, err := db.feed.take(tx, s.table)
	if err != nil {
		return err
	}
	open := &s.Shards[len(s.Shards)-1]
	open.Last, open.ClosedAt = last, now.UTC().Truncate(time.Millisecond)
	return nil
}

// openStream is the stream of this name, nil if there is none.
func openStream(tx *bbolt.Tx, id streamID) (*keptStream, error) {
	bucket := tx.Bucket(id.definitionName())
	if bucket == nil {
		return nil, nil
	}
	s, err := decodeStream(id, bucket.Get(definitionKey))
	if err != nil {
		return nil, fmt.Errorf("stream %s of table %s: %w: %v", id.label, id.table, errCorrupt, err)
	}
	return s, nil
}

func decodeStream(id streamID, definition []byte) (*keptStream, error) {
	s := &keptStream{}
	if err := json.Unmarshal(bytes.Clone(definition), s); err != nil {
		return nil, err
	}
	s.streamID = id
	if len(s.Shards) == 0 || len(s.Key.Hash) == 0 {
		return nil, errors.New("it has no shards or no key")
	}
	return s, nil
}

// save writes the definition. Any error is a storageError.
func (s *keptStream) save(tx *bbolt.Tx) error {
	definition, err := json.Marshal(s)
	if err == nil {
		err = tx.Bucket(s.definitionName()).Put(definitionKey, definition)
	}
	if err != nil {
		return storageError{err}
	}
	return nil
}

// shard is the shard with this ID, nil if there is none.
func (s *keptStream) shard(id string) *shard {
	for i := range s.Shards {
		if s.Shards[i].ID == id {
			return &s.Shards[i]
		}
	}
	return nil
}

// streams are the names of the table's streams, or of all if that is empty.
func streams(tx *bbolt.Tx, table string) (ids []streamID) {
	prefix := []byte(streamPrefix)
	if table != "" {
		prefix = []byte(streamPrefix + table + "/")
	}
	c := tx.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		ids = append(ids, streamOf(k))
	}
	return ids
}

// startStreams has readers see what is on the disk, and makes the streams that tables have enabled under an older
// ownql. A table that cannot be read is left to whoever reads it, and a disk that is full to the first write
// that it has room for.
func (db *DB) startStreams(ctx context.Context) {
	var names []string
	db.view(ctx, func(tx *bbolt.Tx) error {
		if all := tx.Bucket(streamsKey); all != nil {
			db.feed.durable.Store(all.Sequence())
		}
		for _, name := range tableNames(tx, "", maxTables) {
			if t, err := db.open(tx, name); err == nil && t.lacksStream(tx) {
				names = append(names, name)
			}
		}
		return nil
	})
	for _, name := range names {
		db.update(ctx, func(tx *bbolt.Tx) error {
			t, err := db.open(tx, name)
			if err != nil {
				return err
			}
			return db.adoptStream(tx, t.table)
		})
	}
}

// lacksStream is whether the table's stream is enabled, and not there.
func (t *table) lacksStream(tx *bbolt.Tx) bool {
	return t.Stream.View != "" && tx.Bucket(streamID{t.Name, t.Stream.Label}.definitionName()) == nil
}

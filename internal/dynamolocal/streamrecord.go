package dynamolocal

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// A StreamRecord is what a stream tells of one change of one item.
type StreamRecord struct {
	SequenceNumber SequenceNumber
	EventName      streamtypes.OperationType
	Time           time.Time // when it was written, in milliseconds; the clock may have gone back since the record before
	IsExpiry       bool      // the item's time to live was over
	Keys           item
	NewImage       item // nil where there is none, or the stream's view has not got it
	OldImage       item
}

// The events of records, as they are kept; an expiry has expiryFlag beside.
const (
	insertEvent = 1
	modifyEvent = 2
	removeEvent = 3
	expiryFlag  = 0x10
)

var eventNames = map[byte]streamtypes.OperationType{
	insertEvent: streamtypes.OperationTypeInsert,
	modifyEvent: streamtypes.OperationTypeModify,
	removeEvent: streamtypes.OperationTypeRemove,
}

// recordsFill is how full the pages of records are: they come in order, and none comes between.
const recordsFill = 0.9

// record writes the change into the table's stream, if it has one and the change changes anything. Any error
// is a storageError.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
func (t *openTable) record(old, new item) error {
	if t.Stream.View == "" || equalItems(old, new) {
		return nil
	}
	tx := t.items.Tx()
	records := tx.Bucket(streamID{t.Name, t.Stream.Label}.recordsName())
	if records == nil {
		return storageError{fmt.Errorf("table %s: %w: its stream has no records", t.Name, errCorrupt)}
	}
	n, err := t.feed.take(tx, t.Name)
	if err != nil {
		return err
	}
	event := byte(modifyEvent)
	switch {
	case old == nil:
		event = insertEvent
	case new == nil:
		event = removeEvent
	}
	if t.isExpiring {
		event |= expiryFlag
	}
	it := new
	if it == nil {
		it = old
	}
	switch t.Stream.View {
	case types.StreamViewTypeKeysOnly:
		old, new = nil, nil
	case types.StreamViewTypeNewImage:
		old = nil
	case types.StreamViewTypeOldImage:
		new = nil
	}
	records.FillPercent = recordsFill
	if err := records.Put(n.key(), appendRecord(nil, event, time.Now(), t.Key.of(it), new, old)); err != nil {
		return storageError{err}
	}
	return nil
}

// key is the key of a record.
func (n SequenceNumber) key() []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// recordNumber is the inverse of key; 0 for what is no key.
func recordNumber(key []byte) SequenceNumber {
	if len(key) != 8 {
		return 0
	}
	return SequenceNumber(binary.BigEndian.Uint64(key))
}

// appendRecord appends a record: a byte for its event, its time in milliseconds since 1970 in 8 bytes, and the
// keys and the images, each behind its length, which is 0 where there is none.
func appendRecord(b []byte, event byte, at time.Time, keys, new, old item) []byte {
	b = binary.BigEndian.AppendUint64(append(b, event), uint64(at.UnixMilli()))
	for _, it := range []item{keys, new, old} {
		if it == nil {
			b = append(b, 0)
			continue
		}
		encoded := appendItem(nil, it)
		b = append(binary.AppendUvarint(b, uint64(len(encoded))), encoded...)
	}
	return b
}

const recordHeaderSize = 9

// recordTime is the time of a record, in milliseconds since 1970.
func recordTime(b []byte) int64 {
	if len(b) < recordHeaderSize {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b[1:]))
}

// decodeRecord reads what appendRecord wrote.
func (s *keptStream) decodeRecord(key, b []byte) (*StreamRecord, error) {
	corrupt := fmt.Errorf("stream %s of table %s: %w", s.label, s.table, errCorrupt)
	if len(key) != 8 || len(b) < recordHeaderSize {
		return nil, corrupt
	}
	r := &StreamRecord{
		SequenceNumber: recordNumber(key),
		EventName:      eventNames[b[0]&^expiryFlag],
		Time:           time.UnixMilli(recordTime(b)),
		IsExpiry:       b[0]&expiryFlag != 0,
	}
	rest := b[recordHeaderSize:]
	for _, it := range []*item{&r.Keys, &r.NewImage, &r.OldImage} {
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, corrupt
		}
		if size > 0 {
			var err error
			if *it, err = decodeItem(rest[n : n+int(size)]); err != nil {
				return nil, corrupt
			}
		}
		rest = rest[n+int(size):]
	}
	if r.EventName == "" || len(rest) > 0 || len(r.Keys) != len(s.Key.Hash)+len(s.Key.Range) {
		return nil, corrupt
	}
	for _, name := range s.Key.each() {
		if r.Keys[name] == nil {
			return nil, corrupt
		}
	}
	return r, nil
}

// size is the record's in bytes: that of its keys and images.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
func (r *StreamRecord) size() int {
	return itemSize(r.Keys) + itemSize(r.NewImage) + itemSize(r.OldImage)
}

// records visits the records of the stream after one and up to and including another, in order,
// until visit returns false or an error.
func (s *keptStream) records(tx *bbolt.Tx, after, to SequenceNumber, visit func(*StreamRecord) (more bool, err error)) error {
	bucket := tx.Bucket(s.recordsName())
	if bucket == nil {
		return fmt.Errorf("stream %s of table %s: %w: its records are not there", s.label, s.table, errCorrupt)
	}
	if after >= to {
		return nil
	}
	c := bucket.Cursor()
	for k, v := c.Seek((after + 1).key()); k != nil && recordNumber(k) <= to; k, v = c.Next() {
		r, err := s.decodeRecord(k, v)
		if err != nil {
			return err
		}
		if more, err := visit(r); err != nil || !more {
			return err
		}
	}
	return nil
}

// trimmed is the sequence number of the last record of the stream that is gone.
func (s *keptStream) trimmed(tx *bbolt.Tx) SequenceNumber {
	if bucket := tx.Bucket(s.recordsName()); bucket != nil {
		return SequenceNumber(bucket.Sequence())
	}
	return 0
}

package dynamolocal

import (
	"bytes"
	"errors"
	"fmt"
)

// checkStream holds a stream's records against its definition.
func (r *Report) checkStream(p *pages, buckets map[string]rawBucket, id streamID) {
	problem := func(format string, args ...any) {
		r.problem("stream %s of table %s: %s", id.label, id.table, fmt.Sprintf(format, args...))
	}
	var s *keptStream
	err := errors.New("it is not there")
	p.each(buckets[string(id.definitionName())], true, func(e element) {
		if bytes.Equal(e.key, definitionKey) {
			s, err = decodeStream(id, e.value)
		}
	})
	if err != nil {
		problem("its definition: %v", err)
		return
	}
	records, ok := buckets[string(id.recordsName())]
	if !ok {
		problem("its records are not there")
		return
	}
	given := SequenceNumber(buckets[string(streamsKey)].sequence)
	p.each(records, true, func(e element) {
		record, err := s.decodeRecord(e.key, e.value)
		switch {
		case err != nil || e.isBucket:
			problem("the record %x cannot be read", e.key)
		case record.SequenceNumber <= SequenceNumber(records.sequence):
			problem("the record %d was trimmed, up to %d", record.SequenceNumber, records.sequence)
		case record.SequenceNumber > given:
			problem("the record %d comes after the last one, %d", record.SequenceNumber, given)
		case !s.covers(record.SequenceNumber):
			problem("the record %d is in no shard", record.SequenceNumber)
		}
	})
}

// covers is whether one of the shards has records of this sequence number.
func (s *keptStream) covers(n SequenceNumber) bool {
	for _, shard := range s.Shards {
		if shard.First < n && (shard.Last == 0 || n < shard.Last) {
			return true
		}
	}
	return false
}

package dynamolocal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

type getShardIteratorInput struct {
	SequenceNumber    *string
	ShardId           *string
	ShardIteratorType streamtypes.ShardIteratorType
	StreamArn         *string
}

type getShardIteratorOutput struct {
	ShardIterator *string
}

// getShardIterator is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html
func (db *DB) getShardIterator(ctx context.Context, in *getShardIteratorInput) (*getShardIteratorOutput, error) {
	if in.ShardId == nil {
		return nil, validation("No ShardId specified.")
	}
	id, err := streamOfARN(in.StreamArn, "streamArn")
	if err != nil {
		return nil, err
	}
	if err := checkShardID(in.ShardId, "shardId"); err != nil {
		return nil, err
	}
	at, err := in.sequenceNumber()
	if err != nil {
		return nil, err
	}
	out := &getShardIteratorOutput{}
	durable := db.feed.latest()
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		s, err := openStream(tx, id)
		if err != nil {
			return err
		}
		if s == nil {
			return streamNotFound(*in.StreamArn)
		}
		shard := s.shard(*in.ShardId)
		if shard == nil {
			return shardNotFound()
		}
		it := shardIterator{stream: id, shard: shard.First, issued: time.Now()}
		switch in.ShardIteratorType {
		case streamtypes.ShardIteratorTypeLatest:
			it.after = durable
		case streamtypes.ShardIteratorTypeAtSequenceNumber, streamtypes.ShardIteratorTypeAfterSequenceNumber:
			if at < shard.First || at > durable || shard.Last != 0 && at > shard.Last {
				return errInvalidSequenceNumber
			}
			it.after = at
			if in.ShardIteratorType == streamtypes.ShardIteratorTypeAtSequenceNumber {
				it.after--
			}
			if it.after < s.trimmed(tx) {
				return trimmedData()
			}
		}
		out.ShardIterator = aws.String(it.sign(tx))
		return nil
	})
	return out, err
}

// sequenceNumber is the one that the request names, 0 if its type wants none.
func (in *getShardIteratorInput) sequenceNumber() (SequenceNumber, error) {
	if !slices.Contains(in.ShardIteratorType.Values(), in.ShardIteratorType) {
		return 0, errIteratorType
	}
	if in.SequenceNumber != nil {
		switch n := len(*in.SequenceNumber); {
		case n < 21:
			return 0, constraint(*in.SequenceNumber, "sequenceNumber", "Member must have length greater than or equal to 21")
		case n > 40:
			return 0, constraint(*in.SequenceNumber, "sequenceNumber", "Member must have length less than or equal to 40")
		}
	}
	switch in.ShardIteratorType {
	case streamtypes.ShardIteratorTypeTrimHorizon, streamtypes.ShardIteratorTypeLatest:
		if in.SequenceNumber != nil {
			return 0, errNeedlessSequenceNumber
		}
		return 0, nil
	}
	if in.SequenceNumber == nil {
		return 0, errInvalidSequenceNumber
	}
	n, ok := parseSequenceNumber(*in.SequenceNumber)
	if !ok {
		return 0, errInvalidSequenceNumber
	}
	return n, nil
}

// iteratorLife is how long an iterator can be used.
const iteratorLife = 15 * time.Minute

// A shardIterator is a place in a shard.
type shardIterator struct {
	stream streamID
	shard  SequenceNumber // its First
	after  SequenceNumber // the record before the next; 0: the next is the oldest that there is
	issued time.Time
}

const (
	iteratorVersion = "|1|"
	iteratorNumbers = 3 * 8
	iteratorMACSize = 16
)

// sign is the iterator as a text: the stream's ARN, a version, and in base64 the numbers, with a sum that nobody
// makes who has not got the data's key. A copy of the data has it, and so takes its iterators.
func (it shardIterator) sign(tx *bbolt.Tx) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(it.shard))
	b = binary.BigEndian.AppendUint64(b, uint64(it.after))
	b = binary.BigEndian.AppendUint64(b, uint64(it.issued.UnixMilli()))
	b = append(b, iteratorMAC(tx, it.stream, b)...)
	return it.stream.arn() + iteratorVersion + base64.RawStdEncoding.EncodeToString(b)
}

func iteratorMAC(tx *bbolt.Tx, stream streamID, numbers []byte) []byte {
	var secret []byte
	if all := tx.Bucket(streamsKey); all != nil {
		secret = all.Get(iteratorSecret)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stream.arn()))
	mac.Write(numbers)
	return mac.Sum(nil)[:iteratorMACSize]
}

// parseIterator reads what sign made, of which verify judges the sum.
func parseIterator(text string) (it shardIterator, numbers, mac []byte, ok bool) {
	arn, rest, ok := strings.Cut(text, iteratorVersion)
	if !ok {
		return it, nil, nil, false
	}
	b, err := base64.RawStdEncoding.DecodeString(rest)
	if err != nil || len(b) != iteratorNumbers+iteratorMACSize || base64.RawStdEncoding.EncodeToString(b) != rest {
		return it, nil, nil, false
	}
	if it.stream, err = streamOfARN(&arn, "shardIterator"); err != nil {
		return it, nil, nil, false
	}
	it.shard = SequenceNumber(binary.BigEndian.Uint64(b))
	it.after = SequenceNumber(binary.BigEndian.Uint64(b[8:]))
	it.issued = time.UnixMilli(int64(binary.BigEndian.Uint64(b[16:])))
	return it, b[:iteratorNumbers], b[iteratorNumbers:], true
}

// checkShardID refuses what no shard can be called.
func checkShardID(id *string, parameter string) error {
	switch {
	case id == nil:
		return constraintOfNull(parameter)
	case len(*id) < 28:
		return constraint(*id, parameter, "Member must have length greater than or equal to 28")
	case len(*id) > 65:
		return constraint(*id, parameter, "Member must have length less than or equal to 65")
	}
	return nil
}

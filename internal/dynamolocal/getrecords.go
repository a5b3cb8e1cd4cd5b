package dynamolocal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// How many records an answer has, and how many bytes of them.
const (
	maxRecords     = 1000
	maxRecordsSize = 1 << 20
)

type getRecordsInput struct {
	Limit         *int32
	ShardIterator *string
}

type getRecordsOutput struct {
	NextShardIterator *string
	Records           []recordOutput
}

// A recordOutput is streamtypes.Record.
type recordOutput struct {
	AwsRegion    string                    `json:"awsRegion"`
	Dynamodb     recordBody                `json:"dynamodb"`
	EventID      string                    `json:"eventID"`
	EventName    streamtypes.OperationType `json:"eventName"`
	EventSource  string                    `json:"eventSource"`
	EventVersion string                    `json:"eventVersion"`
	UserIdentity *streamtypes.Identity     `json:"userIdentity"`
}

// A recordBody is streamtypes.StreamRecord.
type recordBody struct {
	ApproximateCreationDateTime time.Time
	Keys, NewImage, OldImage    item
	SequenceNumber              string
	SizeBytes                   int64
	StreamViewType              types.StreamViewType
}

// getRecords is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
func (db *DB) getRecords(ctx context.Context, in *getRecordsInput) (*getRecordsOutput, error) {
	return db.getRecordsAt(ctx, in, time.Now())
}

func (db *DB) getRecordsAt(ctx context.Context, in *getRecordsInput, now time.Time) (*getRecordsOutput, error) {
	if in.ShardIterator == nil {
		return nil, errInvalidIterator
	}
	limit, err := checkStreamLimit(in.Limit, maxRecords, invalidParameter("Limit should be less than or equal to %d", maxRecords))
	if err != nil {
		return nil, err
	}
	it, numbers, mac, ok := parseIterator(*in.ShardIterator)
	if !ok {
		return nil, errInvalidIterator
	}
	out := &getRecordsOutput{Records: []recordOutput{}}
	durable := db.feed.latest()
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		if !hmac.Equal(mac, iteratorMAC(tx, it.stream, numbers)) {
			return errInvalidIterator
		}
		if now.Sub(it.issued) > iteratorLife {
			return expiredIterator()
		}
		s, err := openStream(tx, it.stream)
		if err != nil {
			return err
		}
		if s == nil {
			return streamNotFound(it.stream.arn())
		}
		shard := s.shardFrom(it.shard)
		trimmed := s.trimmed(tx)
		if shard == nil || it.after != 0 && it.after < trimmed {
			return trimmedData()
		}
		end := durable
		if shard.Last != 0 {
			end = min(end, shard.Last)
		}
		size, isFull := 0, false
		next := it
		next.after = max(it.after, shard.First, trimmed)
		err = s.records(tx, next.after, end, func(r *StreamRecord) (bool, error) {
			if size += r.size(); len(out.Records) == limit || len(out.Records) > 0 && size > maxRecordsSize {
				isFull = true
				return false, nil
			}
			out.Records = append(out.Records, s.output(r))
			next.after = r.SequenceNumber
			return true, nil
		})
		if err != nil {
			return err
		}
		if !isFull {
			next.after = max(next.after, end)
		}
		if isFull || shard.Last == 0 || shard.Last > durable {
			next.issued = now
			out.NextShardIterator = aws.String(next.sign(tx))
		}
		return nil
	})
	return out, err
}

// shardFrom is the shard that begins with the sequence number, nil if it is gone.
func (s *keptStream) shardFrom(first SequenceNumber) *shard {
	for i := range s.Shards {
		if s.Shards[i].First == first {
			return &s.Shards[i]
		}
	}
	return nil
}

// output is the record as GetRecords has it.
func (s *keptStream) output(r *StreamRecord) recordOutput {
	sum := sha256.Sum256([]byte(s.arn() + r.SequenceNumber.String()))
	out := recordOutput{
		AwsRegion: region,
		Dynamodb: recordBody{
			ApproximateCreationDateTime: r.Time.Truncate(time.Second),
			Keys:                        r.Keys, NewImage: r.NewImage, OldImage: r.OldImage,
			SequenceNumber: r.SequenceNumber.String(),
			SizeBytes:      int64(r.size()),
			StreamViewType: s.View,
		},
		EventID:      hex.EncodeToString(sum[:16]),
		EventName:    r.EventName,
		EventSource:  "aws:dynamodb",
		EventVersion: "1.1",
	}
	if r.IsExpiry {
		out.UserIdentity = &streamtypes.Identity{PrincipalId: aws.String("dynamodb.amazonaws.com"), Type: aws.String("Service")}
	}
	return out
}

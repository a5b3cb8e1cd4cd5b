package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

type describeStreamInput struct {
	ExclusiveStartShardId *string
	Limit                 *int32
	ShardFilter           *streamtypes.ShardFilter
	StreamArn             *string
}

type describeStreamOutput struct {
	StreamDescription *streamtypes.StreamDescription
}

// describeStream is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
func (db *DB) describeStream(ctx context.Context, in *describeStreamInput) (*describeStreamOutput, error) {
	id, err := streamOfARN(in.StreamArn, "streamArn")
	if err != nil {
		return nil, err
	}
	limit, err := checkStreamLimit(in.Limit, maxStreams, invalidParameter("Limit cannot be greater than the maximum: %d", maxStreams))
	if err != nil {
		return nil, err
	}
	if in.ExclusiveStartShardId != nil {
		if err := checkShardID(in.ExclusiveStartShardId, "exclusiveStartShardId"); err != nil {
			return nil, err
		}
	}
	parent, err := childrenOf(in.ShardFilter)
	if err != nil {
		return nil, err
	}
	out := &describeStreamOutput{}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		s, err := openStream(tx, id)
		if err != nil {
			return err
		}
		if s == nil {
			return streamNotFound(*in.StreamArn)
		}
		d := s.describe()
		for _, shard := range s.Shards {
			if shard.ID <= aws.ToString(in.ExclusiveStartShardId) || parent != "" && shard.Parent != parent {
				continue
			}
			if len(d.Shards) == limit {
				d.LastEvaluatedShardId = d.Shards[limit-1].ShardId
				break
			}
			d.Shards = append(d.Shards, shard.describe())
		}
		out.StreamDescription = d
		return nil
	})
	return out, err
}

// childrenOf is the shard whose children the filter wants; empty: it wants all shards.
func childrenOf(filter *streamtypes.ShardFilter) (parent string, err error) {
	if filter == nil {
		return "", nil
	}
	if err := oneOf("shardFilter.type", filter.Type, filter.Type.Values()...); err != nil {
		return "", err
	}
	if filter.Type == "" {
		return "", constraintOfNull("shardFilter.type")
	}
	if err := checkShardID(filter.ShardId, "shardFilter.shardId"); err != nil {
		return "", err
	}
	return *filter.ShardId, nil
}

// describe is the stream without its shards.
func (s *keptStream) describe() *streamtypes.StreamDescription {
	d := &streamtypes.StreamDescription{
		CreationRequestDateTime: &s.CreatedAt,
		Shards:                  []streamtypes.Shard{},
		StreamArn:               aws.String(s.arn()),
		StreamLabel:             &s.label,
		StreamStatus:            streamtypes.StreamStatusEnabled,
		StreamViewType:          streamtypes.StreamViewType(s.View),
		TableName:               &s.table,
	}
	if !s.DisabledAt.IsZero() {
		d.StreamStatus = streamtypes.StreamStatusDisabled
	}
	for _, e := range s.Key.elements() {
		d.KeySchema = append(d.KeySchema, streamtypes.KeySchemaElement{AttributeName: e.AttributeName, KeyType: streamtypes.KeyType(e.KeyType)})
	}
	return d
}

func (s shard) describe() streamtypes.Shard {
	d := streamtypes.Shard{
		ShardId:             aws.String(s.ID),
		SequenceNumberRange: &streamtypes.SequenceNumberRange{StartingSequenceNumber: aws.String(s.First.String())},
	}
	if s.Parent != "" {
		d.ParentShardId = aws.String(s.Parent)
	}
	if s.Last != 0 {
		d.SequenceNumberRange.EndingSequenceNumber = aws.String(s.Last.String())
	}
	return d
}

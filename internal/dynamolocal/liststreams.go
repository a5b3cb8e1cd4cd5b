package dynamolocal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// The inputs and outputs of the API of streams are those of the SDK's client
// (github.com/aws/aws-sdk-go-v2/service/dynamodbstreams), without the client, which takes long to compile, and whose
// attribute values are other types than those of package dynamodb.

type listStreamsInput struct {
	ExclusiveStartStreamArn *string
	Limit                   *int32
	TableName               *string
}

type listStreamsOutput struct {
	LastEvaluatedStreamArn *string
	Streams                []streamtypes.Stream
}

// maxStreams is how many streams, or shards of one, an answer has.
const maxStreams = 100

// listStreams is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_ListStreams.html
// The streams come by the names of their tables; those that are disabled are among them.
func (db *DB) listStreams(ctx context.Context, in *listStreamsInput) (*listStreamsOutput, error) {
	limit, err := checkStreamLimit(in.Limit, maxStreams)
	if err != nil {
		return nil, err
	}
	prefix := streamPrefix
	if in.TableName != nil {
		name, err := tableName(in.TableName)
		if err != nil {
			return nil, err
		}
		prefix += name + "/"
	}
	var after []byte
	if in.ExclusiveStartStreamArn != nil {
		start, err := streamOfARN(in.ExclusiveStartStreamArn, "exclusiveStartStreamArn")
		if err != nil {
			return nil, err
		}
		after = start.definitionName()
	}
	out := &listStreamsOutput{Streams: []streamtypes.Stream{}}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		return streamsAfter(tx, []byte(prefix), after, func(id streamID) (bool, error) {
			if len(out.Streams) == limit {
				out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
				return false, nil
			}
			out.Streams = append(out.Streams, streamtypes.Stream{
				StreamArn: aws.String(id.arn()), StreamLabel: aws.String(id.label), TableName: aws.String(id.table),
			})
			return true, nil
		})
	})
	return out, err
}

// checkStreamLimit is how many the answer may have.
func checkStreamLimit(limit *int32, most int) (int, error) {
	switch {
	case limit == nil:
		return most, nil
	case *limit < 1:
		return 0, constraint(fmt.Sprint(*limit), "limit", "Member must have value greater than or equal to 1")
	case int(*limit) > most:
		return 0, constraint(fmt.Sprint(*limit), "limit", "Member must have value less than or equal to %d", most)
	}
	return int(*limit), nil
}

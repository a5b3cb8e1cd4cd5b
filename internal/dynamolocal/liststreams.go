package dynamolocal

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// The inputs and outputs of the API of streams are those of the SDK's client
// (github.com/aws/aws-sdk-go-v2/service/dynamodbstreams), without the client, which takes long to compile, and whose
// attribute values are other types than those of package dynamodb.

// streamsPrefix is what the X-Amz-Target of the API of streams begins with.
const streamsPrefix = "DynamoDBStreams_20120810."

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
// Those that are disabled are among them; a table's come together, the oldest first.
func (db *DB) listStreams(ctx context.Context, in *listStreamsInput) (*listStreamsOutput, error) {
	var c constraints
	if in.TableName != nil {
		c.tableName("tableName", in.TableName)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	limit, err := checkStreamLimit(in.Limit, maxStreams, invalidParameter("Limit cannot be greater than the maximum allowed size: %d", maxStreams))
	if err != nil {
		return nil, err
	}
	var table string
	if in.TableName != nil {
		if table, err = tableName(in.TableName); err != nil {
			return nil, err
		}
	}
	var after []byte
	if in.ExclusiveStartStreamArn != nil {
		start, err := streamOfARN(in.ExclusiveStartStreamArn, "exclusiveStartStreamArn")
		if err != nil {
			return nil, err
		}
		after = start.definitionName()
	}
	var ids []streamID
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		ids = streams(tx, table)
		return nil
	})
	out := &listStreamsOutput{Streams: []streamtypes.Stream{}}
	for _, id := range ids {
		if bytes.Compare(id.definitionName(), after) <= 0 {
			continue
		}
		if len(out.Streams) == limit {
			out.LastEvaluatedStreamArn = out.Streams[limit-1].StreamArn
			break
		}
		out.Streams = append(out.Streams, streamtypes.Stream{
			StreamArn: aws.String(id.arn()), StreamLabel: aws.String(id.label), TableName: aws.String(id.table),
		})
	}
	return out, err
}

// checkStreamLimit is how many the answer may have; tooMany is the answer to more than the most.
func checkStreamLimit(limit *int32, most int, tooMany error) (int, error) {
	switch {
	case limit == nil:
		return most, nil
	case *limit < 1:
		return 0, constraint(fmt.Sprint(*limit), "limit", "Member must have value greater than or equal to 1")
	case int(*limit) > most:
		return 0, tooMany
	}
	return int(*limit), nil
}

package dynamolocal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// No table's items go anywhere else: neither into Kinesis nor into another region. Tools ask all the same.

// describeKinesisStreamingDestination is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html
func (db *DB) describeKinesisStreamingDestination(ctx context.Context, in *dynamodb.DescribeKinesisStreamingDestinationInput) (*dynamodb.DescribeKinesisStreamingDestinationOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		if !hasTable(tx, name) {
			return tableNotFound(name)
		}
		return nil
	})
	return &dynamodb.DescribeKinesisStreamingDestinationOutput{
		TableName: &name, KinesisDataStreamDestinations: []types.KinesisDataStreamDestination{},
	}, err
}

// describeTableReplicaAutoScaling is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTableReplicaAutoScaling.html
// DynamoDB refuses it of every table that is no global table, whether it is there or not.
func (db *DB) describeTableReplicaAutoScaling(_ context.Context, in *dynamodb.DescribeTableReplicaAutoScalingInput) (*dynamodb.DescribeTableReplicaAutoScalingOutput, error) {
	name, err := requiredTable(in.TableName)
	if err == nil {
		err = &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf("Global table with name: '%s' does not exist.", name))}
	}
	return nil, err
}

package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

// The typed API: the methods of the SDK's client, on this process's data. The options for the
// client's requests mean nothing here. An error is wrapped as the SDK wraps it.

type options = func(*dynamodb.Options)

// invoke gives the operation its input, and its error its name.
func invoke[In, Out any](ctx context.Context, name string, in *In, operation func(context.Context, *In) (*Out, error)) (*Out, error) {
	if in == nil {
		in = new(In)
	}
	out, err := operation(ctx, in)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: dynamodb.ServiceID, OperationName: name, Err: err}
	}
	return out, nil
}

func (db *DB) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, _ ...options) (*dynamodb.CreateTableOutput, error) {
	return invoke(ctx, "CreateTable", in, db.createTable)
}

func (db *DB) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...options) (*dynamodb.DescribeTableOutput, error) {
	return invoke(ctx, "DescribeTable", in, db.describeTable)
}

func (db *DB) ListTables(ctx context.Context, in *dynamodb.ListTablesInput, _ ...options) (*dynamodb.ListTablesOutput, error) {
	return invoke(ctx, "ListTables", in, db.listTables)
}

func (db *DB) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput, _ ...options) (*dynamodb.UpdateTableOutput, error) {
	return invoke(ctx, "UpdateTable", in, db.updateTable)
}

func (db *DB) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, _ ...options) (*dynamodb.DeleteTableOutput, error) {
	return invoke(ctx, "DeleteTable", in, db.deleteTable)
}

func (db *DB) UpdateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...options) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return invoke(ctx, "UpdateTimeToLive", in, db.updateTimeToLive)
}

func (db *DB) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...options) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return invoke(ctx, "DescribeTimeToLive", in, db.describeTimeToLive)
}

func (db *DB) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...options) (*dynamodb.GetItemOutput, error) {
	return invoke(ctx, "GetItem", in, db.getItem)
}

func (db *DB) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...options) (*dynamodb.PutItemOutput, error) {
	return invoke(ctx, "PutItem", in, db.putItem)
}

func (db *DB) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...options) (*dynamodb.UpdateItemOutput, error) {
	return invoke(ctx, "UpdateItem", in, db.updateItem)
}

func (db *DB) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...options) (*dynamodb.DeleteItemOutput, error) {
	return invoke(ctx, "DeleteItem", in, db.deleteItem)
}

func (db *DB) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...options) (*dynamodb.QueryOutput, error) {
	return invoke(ctx, "Query", in, db.query)
}

func (db *DB) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...options) (*dynamodb.ScanOutput, error) {
	return invoke(ctx, "Scan", in, db.scan)
}

func (db *DB) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...options) (*dynamodb.BatchGetItemOutput, error) {
	return invoke(ctx, "BatchGetItem", in, db.batchGetItem)
}

func (db *DB) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...options) (*dynamodb.BatchWriteItemOutput, error) {
	return invoke(ctx, "BatchWriteItem", in, db.batchWriteItem)
}

func (db *DB) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, _ ...options) (*dynamodb.TransactGetItemsOutput, error) {
	return invoke(ctx, "TransactGetItems", in, db.transactGetItems)
}

func (db *DB) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...options) (*dynamodb.TransactWriteItemsOutput, error) {
	return invoke(ctx, "TransactWriteItems", in, db.transactWriteItems)
}

func (db *DB) TagResource(ctx context.Context, in *dynamodb.TagResourceInput, _ ...options) (*dynamodb.TagResourceOutput, error) {
	return invoke(ctx, "TagResource", in, db.tagResource)
}

func (db *DB) UntagResource(ctx context.Context, in *dynamodb.UntagResourceInput, _ ...options) (*dynamodb.UntagResourceOutput, error) {
	return invoke(ctx, "UntagResource", in, db.untagResource)
}

func (db *DB) ListTagsOfResource(ctx context.Context, in *dynamodb.ListTagsOfResourceInput, _ ...options) (*dynamodb.ListTagsOfResourceOutput, error) {
	return invoke(ctx, "ListTagsOfResource", in, db.listTagsOfResource)
}

func (db *DB) DescribeContinuousBackups(ctx context.Context, in *dynamodb.DescribeContinuousBackupsInput, _ ...options) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	return invoke(ctx, "DescribeContinuousBackups", in, db.describeContinuousBackups)
}

func (db *DB) UpdateContinuousBackups(ctx context.Context, in *dynamodb.UpdateContinuousBackupsInput, _ ...options) (*dynamodb.UpdateContinuousBackupsOutput, error) {
	return invoke(ctx, "UpdateContinuousBackups", in, db.updateContinuousBackups)
}

func (db *DB) DescribeLimits(ctx context.Context, in *dynamodb.DescribeLimitsInput, _ ...options) (*dynamodb.DescribeLimitsOutput, error) {
	return invoke(ctx, "DescribeLimits", in, db.describeLimits)
}

func (db *DB) DescribeEndpoints(ctx context.Context, in *dynamodb.DescribeEndpointsInput, _ ...options) (*dynamodb.DescribeEndpointsOutput, error) {
	return invoke(ctx, "DescribeEndpoints", in, db.describeEndpoints)
}

func (db *DB) GetResourcePolicy(ctx context.Context, in *dynamodb.GetResourcePolicyInput, _ ...options) (*dynamodb.GetResourcePolicyOutput, error) {
	return invoke(ctx, "GetResourcePolicy", in, db.getResourcePolicy)
}

func (db *DB) PutResourcePolicy(ctx context.Context, in *dynamodb.PutResourcePolicyInput, _ ...options) (*dynamodb.PutResourcePolicyOutput, error) {
	return invoke(ctx, "PutResourcePolicy", in, db.putResourcePolicy)
}

func (db *DB) DeleteResourcePolicy(ctx context.Context, in *dynamodb.DeleteResourcePolicyInput, _ ...options) (*dynamodb.DeleteResourcePolicyOutput, error) {
	return invoke(ctx, "DeleteResourcePolicy", in, db.deleteResourcePolicy)
}

func (db *DB) DescribeContributorInsights(ctx context.Context, in *dynamodb.DescribeContributorInsightsInput, _ ...options) (*dynamodb.DescribeContributorInsightsOutput, error) {
	return invoke(ctx, "DescribeContributorInsights", in, db.describeContributorInsights)
}

func (db *DB) UpdateContributorInsights(ctx context.Context, in *dynamodb.UpdateContributorInsightsInput, _ ...options) (*dynamodb.UpdateContributorInsightsOutput, error) {
	return invoke(ctx, "UpdateContributorInsights", in, db.updateContributorInsights)
}

func (db *DB) ListContributorInsights(ctx context.Context, in *dynamodb.ListContributorInsightsInput, _ ...options) (*dynamodb.ListContributorInsightsOutput, error) {
	return invoke(ctx, "ListContributorInsights", in, db.listContributorInsights)
}

func (db *DB) DescribeKinesisStreamingDestination(ctx context.Context, in *dynamodb.DescribeKinesisStreamingDestinationInput, _ ...options) (*dynamodb.DescribeKinesisStreamingDestinationOutput, error) {
	return invoke(ctx, "DescribeKinesisStreamingDestination", in, db.describeKinesisStreamingDestination)
}

func (db *DB) DescribeTableReplicaAutoScaling(ctx context.Context, in *dynamodb.DescribeTableReplicaAutoScalingInput, _ ...options) (*dynamodb.DescribeTableReplicaAutoScalingOutput, error) {
	return invoke(ctx, "DescribeTableReplicaAutoScaling", in, db.describeTableReplicaAutoScaling)
}

// ListGlobalTables is refused: there are none.
func (db *DB) ListGlobalTables(ctx context.Context, in *dynamodb.ListGlobalTablesInput, _ ...options) (*dynamodb.ListGlobalTablesOutput, error) {
	return invoke(ctx, "ListGlobalTables", in, func(context.Context, *dynamodb.ListGlobalTablesInput) (*dynamodb.ListGlobalTablesOutput, error) {
		return nil, unknownOperation("ListGlobalTables")
	})
}

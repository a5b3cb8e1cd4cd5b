package dynamolocal

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// putItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (db *DB) putItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	if !slices.Contains([]types.ReturnValue{"", types.ReturnValueNone, types.ReturnValueAllOld}, in.ReturnValues) {
		return nil, errReturnValues
	}
	w, err := newWrite(putAction, writeParameters{
		table: in.TableName, item: in.Item,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator,
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.PutItemOutput{}
	return out, db.write(ctx, w, askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}, func(c *change, told metrics) {
		out.ConsumedCapacity, out.ItemCollectionMetrics = told.capacity, told.collection
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

var errReturnValues = validation("Return values set to invalid value")

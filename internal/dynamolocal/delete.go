package dynamolocal

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// deleteItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (db *DB) deleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	if !slices.Contains([]types.ReturnValue{"", types.ReturnValueNone, types.ReturnValueAllOld}, in.ReturnValues) {
		return nil, errReturnValues
	}
	w, err := newWrite(deleteAction, writeParameters{
		table: in.TableName, item: in.Key,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator,
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DeleteItemOutput{}
	return out, db.write(ctx, w, askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}, func(c *change, told metrics) {
		out.ConsumedCapacity, out.ItemCollectionMetrics = told.capacity, told.collection
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

package dynamolocal

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// updateItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (db *DB) updateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	if in.ReturnValues != "" && !slices.Contains(in.ReturnValues.Values(), in.ReturnValues) {
		return nil, errReturnValues
	}
	w, err := newWrite(updateAction, writeParameters{
		table: in.TableName, item: in.Key, update: in.UpdateExpression,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator, updates: in.AttributeUpdates,
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.UpdateItemOutput{}
	return out, db.write(ctx, w, askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}, func(c *change, told metrics) {
		out.ConsumedCapacity, out.ItemCollectionMetrics = told.capacity, told.collection
		switch in.ReturnValues {
		case types.ReturnValueAllOld:
			out.Attributes = c.old
		case types.ReturnValueAllNew:
			out.Attributes = c.new
		case types.ReturnValueUpdatedOld:
			out.Attributes = w.update.changed(c.old)
		case types.ReturnValueUpdatedNew:
			out.Attributes = w.update.changed(c.new)
		}
		if len(out.Attributes) == 0 {
			out.Attributes = nil
		}
	})
}

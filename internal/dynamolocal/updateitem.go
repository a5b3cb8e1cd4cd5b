package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// updateItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (db *DB) updateItem(ctx context.Context, in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
	p := writeParameters{
		table: in.TableName, item: in.Key, update: in.UpdateExpression,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator, updates: in.AttributeUpdates,
		returns: in.ReturnValues,
	}
	asked := askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}
	var c constraints
	if err := c.write(&p, "key", asked); err != nil {
		return nil, err
	}
	w, err := newWrite(updateAction, &p)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.UpdateItemOutput{}
	return out, db.write(ctx, w, asked, func(c *change, told metrics) {
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

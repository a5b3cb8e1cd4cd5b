package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// deleteItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
func (db *DB) deleteItem(ctx context.Context, in *dynamodb.DeleteItemInput) (*dynamodb.DeleteItemOutput, error) {
	p := writeParameters{
		table: in.TableName, item: in.Key,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator,
		returns: in.ReturnValues,
	}
	asked := askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}
	var c constraints
	if err := c.write(&p, "key", asked); err != nil {
		return nil, err
	}
	w, err := newWrite(deleteAction, &p)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DeleteItemOutput{}
	return out, db.write(ctx, w, asked, func(c *change, told metrics) {
		out.ConsumedCapacity, out.ItemCollectionMetrics = told.capacity, told.collection
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

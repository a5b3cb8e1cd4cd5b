package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// putItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
func (db *DB) putItem(ctx context.Context, in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
	p := writeParameters{
		table: in.TableName, item: in.Item,
		condition: in.ConditionExpression, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		onFailure: in.ReturnValuesOnConditionCheckFailure,
		expected:  in.Expected, operator: in.ConditionalOperator,
		returns: in.ReturnValues,
	}
	asked := askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}
	var c constraints
	if err := c.write(&p, "item", asked); err != nil {
		return nil, err
	}
	w, err := newWrite(putAction, &p)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.PutItemOutput{}
	return out, db.write(ctx, w, asked, func(c *change, told metrics) {
		out.ConsumedCapacity, out.ItemCollectionMetrics = told.capacity, told.collection
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

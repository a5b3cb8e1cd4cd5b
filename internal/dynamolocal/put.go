package dynamolocal

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
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
	return out, db.write(ctx, w, in.ReturnConsumedCapacity, func(c *change, used *types.ConsumedCapacity) {
		out.ConsumedCapacity = used
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

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
	return out, db.write(ctx, w, in.ReturnConsumedCapacity, func(c *change, used *types.ConsumedCapacity) {
		out.ConsumedCapacity = used
		if in.ReturnValues == types.ReturnValueAllOld {
			out.Attributes = c.old
		}
	})
}

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
	return out, db.write(ctx, w, in.ReturnConsumedCapacity, func(c *change, used *types.ConsumedCapacity) {
		out.ConsumedCapacity = used
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

var errReturnValues = validation("Return values set to invalid value")

// writeParameters are what the requests for a write have in common.
type writeParameters struct {
	table     *string
	item      item
	update    *string
	condition *string
	names     map[string]string
	values    item
	onFailure types.ReturnValuesOnConditionCheckFailure

	// the legacy parameters
	expected map[string]types.ExpectedAttributeValue
	operator types.ConditionalOperator
	updates  map[string]types.AttributeValueUpdate
}

// newWrite checks all of a write that can be checked without the data.
func newWrite(action writeAction, p writeParameters) (*write, error) {
	name, err := tableName(p.table)
	if err != nil {
		return nil, err
	}
	if err := oneOf("returnValuesOnConditionCheckFailure", p.onFailure, p.onFailure.Values()...); err != nil {
		return nil, err
	}
	if err := p.refuseMixed(); err != nil {
		return nil, err
	}
	missing := ""
	if p.condition == nil && p.update == nil {
		missing = "ConditionExpression is null"
		if action == updateAction {
			missing = "UpdateExpression and ConditionExpression are null"
		}
	}
	ph, err := newPlaceholders(p.names, p.values, missing == "", missing)
	if err != nil {
		return nil, err
	}
	w := &write{action: action, table: name, returnOld: p.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld}
	if w.update, err = ph.update(p.update); err != nil {
		return nil, err
	}
	if w.condition, err = ph.condition("ConditionExpression", p.condition); err != nil {
		return nil, err
	}
	if err := ph.allUsed(); err != nil {
		return nil, err
	}
	if err := p.legacy(w); err != nil {
		return nil, err
	}
	switch {
	case p.item == nil && action == putAction:
		return nil, validation("Item to put in PutItem cannot be null")
	case p.item == nil:
		return nil, errNullKey
	}
	w.item, err = normalizeItem(p.item)
	return w, err
}

// write makes one write and, if nothing refuses it, gives the change and what it consumed to
// the caller before returning.
func (db *DB) write(ctx context.Context, w *write, capacity types.ReturnConsumedCapacity, done func(*change, *types.ConsumedCapacity)) error {
	if err := checkCapacity(capacity); err != nil {
		return err
	}
	return db.update(ctx, func(tx *bbolt.Tx) error {
		c, err := db.prepare(tx, w)
		if err != nil {
			return err
		}
		if err := c.apply(); err != nil {
			return err
		}
		var used *types.ConsumedCapacity
		if list := consumedByAll([]*change{c}, noTransaction, capacity); list != nil {
			used = &list[0]
		}
		done(c, used)
		return nil
	})
}

package dynamolocal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"go.etcd.io/bbolt"
)

// How many items a transaction may have, and how many bytes of them.
const (
	maxTransactItems = 100
	maxTransactSize  = 4 << 20
)

var errTwoOperations = validation("Transaction request cannot include multiple operations on one item")

// transactWriteItems is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
// There is never a TransactionConflict: writes are made one after the other.
func (db *DB) transactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
	writes, err := transactWrites(in)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	var hash [sha256.Size]byte
	if token != "" {
		if hash, err = requestHash(in); err != nil {
			return nil, err
		}
	}
	out := &dynamodb.TransactWriteItemsOutput{}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		now := time.Now()
		if token != "" {
			repeated, err := isRepeated(tx, token, hash, now)
			if err != nil {
				return err
			}
			if repeated {
				out.ConsumedCapacity, err = db.repeatedCapacity(tx, writes, in.ReturnConsumedCapacity)
				return err
			}
		}
		changes, failed, err := db.prepareAll(tx, writes, errTwoOperations)
		if err == nil {
			err = canceled(failed)
		}
		if err != nil {
			return err
		}
		if token != "" {
			if err := remember(tx, token, hash, now); err != nil {
				return err
			}
		}
		out.ConsumedCapacity = consumedByAll(changes, transactWrite, in.ReturnConsumedCapacity)
		out.ItemCollectionMetrics, err = applyAll(writes, changes, in.ReturnItemCollectionMetrics)
		return err
	})
	return out, err
}

// A transactPart is the action of an item of a transaction.
type transactPart struct {
	of              int    // the item's place
	name            string // of the action, as AWS's messages have it
	action          writeAction
	parameters      writeParameters
	lacksExpression bool // whether the expression is missing that the action must have
}

// transactParts are the parts of a transaction's items, each of which should have one.
func transactParts(items []types.TransactWriteItem) []transactPart {
	parts := make([]transactPart, 0, len(items))
	for i, it := range items {
		if r := it.ConditionCheck; r != nil {
			parts = append(parts, transactPart{i, "conditionCheck", checkAction, writeParameters{
				table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
				names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
			}, r.ConditionExpression == nil})
		}
		if r := it.Put; r != nil {
			parts = append(parts, transactPart{i, "put", putAction, writeParameters{
				table: r.TableName, item: r.Item, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
				names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
			}, false})
		}
		if r := it.Delete; r != nil {
			parts = append(parts, transactPart{i, "delete", deleteAction, writeParameters{
				table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
				names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
			}, false})
		}
		if r := it.Update; r != nil {
			parts = append(parts, transactPart{i, "update", updateAction, writeParameters{
				table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
				names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues, update: r.UpdateExpression,
			}, r.UpdateExpression == nil})
		}
	}
	return parts
}

// transactWrites are the writes of a transaction's parts, of which there must be one for each item.
func transactWrites(in *dynamodb.TransactWriteItemsInput) ([]*write, error) {
	parts := transactParts(in.TransactItems)
	var c constraints
	if err := c.transactWrite(in, parts); err != nil {
		return nil, err
	}
	for i := range in.TransactItems {
		switch {
		case i >= len(parts) || parts[i].of > i:
			return nil, validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
		case i+1 < len(parts) && parts[i+1].of == i:
			return nil, validation("TransactItems can only contain one of Check, Put, Update or Delete")
		}
	}
	writes := make([]*write, len(parts))
	size := 0
	for i := range parts {
		w, err := newWrite(parts[i].action, &parts[i].parameters)
		if err != nil {
			return nil, err
		}
		size += itemSize(w.item)
		writes[i] = w
	}
	if size > maxTransactSize {
		return nil, validation("Transaction payload size cannot exceed 4MB. Payload Size: %d", size)
	}
	return writes, nil
}

// canceled is the TransactionCanceledException of a transaction some of whose parts were
// refused by their tables or items, with a reason for each part; nil if none was.
func canceled(failed []error) error {
	if errors.Join(failed...) == nil {
		return nil
	}
	reasons := make([]types.CancellationReason, len(failed))
	codes := make([]string, len(failed))
	for i, err := range failed {
		codes[i] = "None"
		if api, ok := errors.AsType[smithy.APIError](err); ok {
			codes[i], reasons[i].Message = "ValidationError", aws.String(api.ErrorMessage())
		}
		if condition, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
			codes[i], reasons[i].Item = "ConditionalCheckFailed", condition.Item
		}
		reasons[i].Code = &codes[i]
	}
	return &types.TransactionCanceledException{
		Message: aws.String(fmt.Sprintf("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]",
			strings.Join(codes, ", "))),
		CancellationReasons: reasons,
	}
}

// repeatedCapacity is what a repeated request consumes: a read of its items.
func (db *DB) repeatedCapacity(tx *bbolt.Tx, writes []*write, asked types.ReturnConsumedCapacity) ([]types.ConsumedCapacity, error) {
	used := map[string]*consumption{}
	for _, w := range writes {
		t, err := db.open(tx, w.table)
		if err != nil {
			return nil, err
		}
		it, err := t.get(t.Key.encode(nil, w.item))
		if err != nil {
			return nil, err
		}
		if used[w.table] == nil {
			used[w.table] = &consumption{named: w.named, transact: transactRead}
		}
		used[w.table].read(nil, itemSize(it), true)
	}
	return consumed(used, asked), nil
}

// transactGetItems is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
func (db *DB) transactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput) (*dynamodb.TransactGetItemsOutput, error) {
	var c constraints
	if err := c.transactGet(in); err != nil {
		return nil, err
	}
	var gets []*get
	for _, it := range in.TransactItems {
		g, err := newGet(getParameters{
			table: it.Get.TableName, key: it.Get.Key,
			projection: it.Get.ProjectionExpression, names: it.Get.ExpressionAttributeNames,
		})
		if err != nil {
			return nil, err
		}
		gets = append(gets, g)
	}
	out := &dynamodb.TransactGetItemsOutput{Responses: make([]types.ItemResponse, len(gets))}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		used, seen, size := map[string]*consumption{}, map[string]bool{}, 0
		failed := make([]error, len(gets))
		for i, g := range gets {
			t, key, err := db.openKey(tx, g)
			if t == nil {
				return err
			}
			if failed[i] = err; err != nil {
				continue
			}
			if id := g.table + "\x00" + string(key); seen[id] {
				return errTwoOperations
			} else {
				seen[id] = true
			}
			it, err := t.get(key)
			if err != nil {
				return err
			}
			if size += itemSize(it); size > maxTransactSize {
				return validation("Aggregate size of all items in the transaction cannot exceed %d bytes", maxTransactSize)
			}
			if used[g.table] == nil {
				used[g.table] = &consumption{named: g.named, transact: transactRead}
			}
			used[g.table].read(nil, itemSize(it), true)
			if it != nil {
				out.Responses[i].Item = g.projection.of(it)
			}
		}
		out.ConsumedCapacity = consumed(used, in.ReturnConsumedCapacity)
		return canceled(failed)
	})
	return out, err
}

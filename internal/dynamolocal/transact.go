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
	if err := (askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics}).check(); err != nil {
		return nil, err
	}
	writes, err := transactWrites(in.TransactItems)
	if err != nil {
		return nil, err
	}
	token := aws.ToString(in.ClientRequestToken)
	if len(token) > maxTokenLength {
		return nil, validation("Value %s at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to %d", token, maxTokenLength)
	}
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

// transactWrites are the writes of the items of a transaction.
func transactWrites(items []types.TransactWriteItem) ([]*write, error) {
	if err := checkTransactItems(len(items)); err != nil {
		return nil, err
	}
	var writes []*write
	size := 0
	for i, it := range items {
		action, p, err := transactAction(i, it)
		if err != nil {
			return nil, err
		}
		w, err := newWrite(action, p)
		if err != nil {
			return nil, err
		}
		size += itemSize(w.item)
		writes = append(writes, w)
	}
	if size > maxTransactSize {
		return nil, validation("Aggregate size of all items in the transaction cannot exceed %d bytes", maxTransactSize)
	}
	return writes, nil
}

func checkTransactItems(n int) error {
	switch {
	case n == 0:
		return validation("Value [] at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case n > maxTransactItems:
		return validation("Member must have length less than or equal to %d", maxTransactItems)
	}
	return nil
}

// transactAction is the one action of the i-th item.
func transactAction(i int, it types.TransactWriteItem) (writeAction, writeParameters, error) {
	var action writeAction
	var p writeParameters
	n := 0
	if r := it.ConditionCheck; r != nil {
		n++
		if r.ConditionExpression == nil {
			return 0, p, validation("Value null at 'transactItems.%d.member.conditionCheck.conditionExpression' failed to satisfy constraint: Member must not be null", i+1)
		}
		action, p = checkAction, writeParameters{
			table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
			names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
		}
	}
	if r := it.Put; r != nil {
		n++
		action, p = putAction, writeParameters{
			table: r.TableName, item: r.Item, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
			names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
		}
	}
	if r := it.Delete; r != nil {
		n++
		action, p = deleteAction, writeParameters{
			table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
			names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues,
		}
	}
	if r := it.Update; r != nil {
		n++
		if r.UpdateExpression == nil {
			return 0, p, validation("Value null at 'transactItems.%d.member.update.updateExpression' failed to satisfy constraint: Member must not be null", i+1)
		}
		action, p = updateAction, writeParameters{
			table: r.TableName, item: r.Key, condition: r.ConditionExpression, onFailure: r.ReturnValuesOnConditionCheckFailure,
			names: r.ExpressionAttributeNames, values: r.ExpressionAttributeValues, update: r.UpdateExpression,
		}
	}
	switch {
	case n == 0:
		return 0, p, validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
	case n > 1:
		return 0, p, validation("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	return action, p, nil
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
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	if err := checkTransactItems(len(in.TransactItems)); err != nil {
		return nil, err
	}
	var gets []*get
	for _, it := range in.TransactItems {
		if it.Get == nil {
			return nil, validation("Invalid Request: TransactGetRequest should contain Get request")
		}
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

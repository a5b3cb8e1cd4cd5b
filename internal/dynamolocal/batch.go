package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// How many items a batch may ask for, and how many bytes of them it may give or take.
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
	maxBatchSize  = 16 << 20
)

// maxBatchMemory is about how many bytes of this process's memory the items of a batch may take.
// 16 MB of lists of empty strings and small maps would take 400.
const maxBatchMemory = 24 << 20

var errDuplicateKeys = validation("Provided list of item keys contains duplicates")

// batchGetItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
// The items are of one moment. Those beyond 16 MB, or beyond maxBatchMemory but for the first, are
// UnprocessedKeys.
func (db *DB) batchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	if len(in.RequestItems) == 0 {
		return nil, validation("BatchGetItem must have some requests set")
	}
	gets := map[string][]*get{}
	count := 0
	for _, name := range sortedNames(in.RequestItems) {
		request := in.RequestItems[name]
		if len(request.Keys) == 0 {
			return nil, validation("The list of keys in RequestItems for BatchGetItem is required: %s has empty list", name)
		}
		if count += len(request.Keys); count > maxBatchGet {
			return nil, validation("Too many items requested for the BatchGetItem call")
		}
		projection, err := newProjection(request.ProjectionExpression, request.ExpressionAttributeNames, request.AttributesToGet)
		if err != nil {
			return nil, err
		}
		for _, key := range request.Keys {
			g, err := newGet(getParameters{table: &name, key: key})
			if err != nil {
				return nil, err
			}
			g.projection = projection
			gets[name] = append(gets[name], g)
		}
	}
	out := &dynamodb.BatchGetItemOutput{
		Responses:       map[string][]item{},
		UnprocessedKeys: map[string]types.KeysAndAttributes{},
	}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		size, memory := 0, 0
		for _, name := range sortedNames(gets) {
			used, seen := consumption{}, map[string]bool{}
			request := in.RequestItems[name]
			out.Responses[name] = []item{}
			for i, g := range gets[name] {
				t, key, err := db.openKey(tx, g)
				if err != nil {
					return err
				}
				if seen[string(key)] {
					return errDuplicateKeys
				}
				seen[string(key)] = true
				it, err := t.get(key)
				if err != nil {
					return err
				}
				size, memory = size+itemSize(it), memory+itemMemory(it)
				if size > maxBatchSize || memory > maxBatchMemory {
					rest := request
					rest.Keys = request.Keys[i:]
					out.UnprocessedKeys[name] = rest
					break
				}
				used.read(nil, itemSize(it), aws.ToBool(request.ConsistentRead))
				if it != nil {
					out.Responses[name] = append(out.Responses[name], g.projection.of(it))
				}
			}
			if c := used.of(name, in.ReturnConsumedCapacity); c != nil {
				out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
			}
		}
		return nil
	})
	return out, err
}

// batchWriteItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
// The writes are made all or, where one is refused, none.
func (db *DB) batchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error) {
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	writes, err := batchWrites(in.RequestItems)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		changes, failed, err := db.prepareAll(tx, writes, errDuplicateKeys)
		if err != nil {
			return err
		}
		for _, err := range failed {
			if err != nil {
				return err
			}
		}
		out.ConsumedCapacity = consumedByAll(changes, noTransaction, in.ReturnConsumedCapacity)
		return applyAll(changes)
	})
	return out, err
}

func batchWrites(requests map[string][]types.WriteRequest) ([]*write, error) {
	if len(requests) == 0 {
		return nil, validation("BatchWriteItem cannot have a null or no requests set")
	}
	var writes []*write
	size := 0
	for _, name := range sortedNames(requests) {
		if len(requests[name]) == 0 {
			return nil, validation("The batch write request list for a table cannot be null or empty: %s", name)
		}
		for _, r := range requests[name] {
			if (r.PutRequest == nil) == (r.DeleteRequest == nil) {
				return nil, validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
			}
			action, p := putAction, writeParameters{table: &name}
			if r.PutRequest != nil {
				p.item = r.PutRequest.Item
			} else {
				action, p.item = deleteAction, r.DeleteRequest.Key
			}
			w, err := newWrite(action, p)
			if err != nil {
				return nil, err
			}
			size += itemSize(w.item)
			writes = append(writes, w)
		}
	}
	if len(writes) > maxBatchWrite {
		return nil, validation("Too many items requested for the BatchWriteItem call")
	}
	if size > maxBatchSize {
		return nil, validation("Item sizes of the BatchWriteItem call have exceeded the maximum of %d bytes", maxBatchSize)
	}
	return writes, nil
}

// prepareAll prepares writes of different items; where two are of one item, the error is
// twice. What a table or an item refuses of its write is in failed in the write's place.
func (db *DB) prepareAll(tx *bbolt.Tx, writes []*write, twice error) (changes []*change, failed []error, err error) {
	seen := make(map[string]bool, len(writes))
	failed = make([]error, len(writes))
	for i, w := range writes {
		c, err := db.prepare(tx, w)
		if c == nil {
			return nil, nil, err
		}
		changes = append(changes, c)
		failed[i] = err
		if c.key == nil {
			continue
		}
		id := w.table + "\x00" + string(c.key)
		if seen[id] {
			return nil, nil, twice
		}
		seen[id] = true
	}
	return changes, failed, nil
}

func applyAll(changes []*change) error {
	for _, c := range changes {
		if err := c.apply(); err != nil {
			return err
		}
	}
	return nil
}

// consumedByAll is what changes have consumed, table by table in the order of their names.
func consumedByAll(changes []*change, kind transactKind, asked types.ReturnConsumedCapacity) []types.ConsumedCapacity {
	if asked == "" || asked == types.ReturnConsumedCapacityNone {
		return nil
	}
	used := map[string]*consumption{}
	for _, c := range changes {
		if used[c.table.Name] == nil {
			used[c.table.Name] = &consumption{transact: kind}
		}
		used[c.table.Name].write(c)
	}
	return consumed(used, asked)
}

func consumed(used map[string]*consumption, asked types.ReturnConsumedCapacity) []types.ConsumedCapacity {
	var list []types.ConsumedCapacity
	for _, name := range sortedNames(used) {
		if c := used[name].of(name, asked); c != nil {
			list = append(list, *c)
		}
	}
	return list
}

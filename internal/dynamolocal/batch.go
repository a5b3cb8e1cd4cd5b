package dynamolocal

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"github.com/ownql/ownql/internal/itembytes"
)

// How many items a batch may ask for or write, and how many bytes of them it may give. What it may
// take, 16 MB, is more than its items can have.
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
	var c constraints
	if err := c.batchGet(in); err != nil {
		return nil, err
	}
	gets, err := batchGets(in.RequestItems)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.BatchGetItemOutput{
		Responses:       make(map[string][]item, len(gets)),
		UnprocessedKeys: map[string]types.KeysAndAttributes{},
	}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		memory, size := 0, 0
		for i := range gets {
			g := &gets[i]
			used, err := db.getAll(tx, g, &size, &memory, out)
			if err != nil {
				return err
			}
			if c := used.of(g.named, in.ReturnConsumedCapacity); c != nil {
				out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
			}
		}
		return nil
	})
	return out, err
}

// A tableGet is the reading of several items of one table, ready to meet the data.
type tableGet struct {
	table      string
	named      string // the table as the request names it
	request    types.KeysAndAttributes
	keys       []item // normalized
	projection projection
}

// batchGets are the gets of a BatchGetItem, by the order of the tables' names.
func batchGets(requests map[string]types.KeysAndAttributes) ([]tableGet, error) {
	gets := make([]tableGet, 0, len(requests))
	count := 0
	for _, name := range sortedNames(requests) {
		g := tableGet{named: name, request: requests[name]}
		var err error
		if g.table, err = tableName(&name); err != nil {
			return nil, err
		}
		p := getParameters{projection: g.request.ProjectionExpression, names: g.request.ExpressionAttributeNames, attributes: g.request.AttributesToGet}
		if err := p.checkProjection(); err != nil {
			return nil, err
		}
		if g.projection, err = p.newProjection(); err != nil {
			return nil, err
		}
		g.keys = make([]item, len(g.request.Keys))
		var seen map[string]bool
		if len(g.keys) > 1 {
			seen = make(map[string]bool, len(g.keys))
		}
		for i, key := range g.request.Keys {
			if g.keys[i], err = normalizeKey(key); err != nil {
				return nil, err
			}
			if seen != nil {
				id := keyID(g.keys[i])
				if seen[id] {
					return nil, errDuplicateKeys
				}
				seen[id] = true
			}
		}
		if count += len(g.keys); count > maxBatchGet {
			return nil, validation("Too many items requested for the BatchGetItem call")
		}
		gets = append(gets, g)
	}
	return gets, nil
}

// keyID tells keys apart, whatever the table's key is.
func keyID(key item) string {
	names := make([]string, 0, 2)
	for name := range key {
		names = append(names, name)
	}
	slices.Sort(names)
	b := make([]byte, 0, 80)
	for _, name := range names {
		v := key[name]
		b = append(append(appendKeyText(b, name), typeName(v)...), 0)
		switch v.(type) {
		case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
			b = appendKeyValue(b, v)
		default: // no key has it
			b = append(b, printed(v)...)
		}
	}
	return string(b)
}

// getAll reads items of one table, and puts them into the output. size and memory are what the items of the
// whole batch have.
func (db *DB) getAll(tx *bbolt.Tx, g *tableGet, size, memory *int, out *dynamodb.BatchGetItemOutput) (used consumption, err error) {
	t, err := db.open(tx, g.table)
	if err != nil {
		return used, err
	}
	out.Responses[g.named] = []item{}
	isConsistent := aws.ToBool(g.request.ConsistentRead)
	if err := t.checkScalars(g.projection); err != nil {
		return used, err
	}
	for i, key := range g.keys {
		k, err := t.encodedKey(key)
		if err != nil {
			return used, err
		}
		b, m, err := t.getBytes(k)
		if err != nil {
			return used, err
		}
		if *size, *memory = *size+m.Size, *memory+m.Memory; *size > maxBatchSize || *memory > maxBatchMemory {
			rest := g.request
			rest.Keys = g.request.Keys[i:]
			out.UnprocessedKeys[g.named] = rest
			break
		}
		used.read(nil, m.Size, isConsistent)
		if b == "" {
			continue
		}
		it, err := itembytes.Decode(b)
		if err != nil {
			return used, fmt.Errorf("table %s: %w", t.Name, err)
		}
		out.Responses[g.named] = append(out.Responses[g.named], g.projection.of(it))
	}
	return used, nil
}

// batchWriteItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
// The writes are made all or, where one is refused, none.
func (db *DB) batchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error) {
	var c constraints
	if err := c.batchWrite(in); err != nil {
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
		out.ItemCollectionMetrics, err = applyAll(writes, changes, in.ReturnItemCollectionMetrics)
		return err
	})
	return out, err
}

func batchWrites(requests map[string][]types.WriteRequest) ([]*write, error) {
	var writes []*write
	for _, name := range sortedNames(requests) {
		for _, r := range requests[name] {
			if (r.PutRequest == nil) == (r.DeleteRequest == nil) {
				return nil, errTwoTypes
			}
			action, p := putAction, writeParameters{table: &name}
			if r.PutRequest != nil {
				p.item = r.PutRequest.Item
			} else {
				action, p.item = deleteAction, r.DeleteRequest.Key
			}
			w, err := newWrite(action, &p)
			if err != nil {
				return nil, err
			}
			w.isOfBatch = true
			writes = append(writes, w)
		}
	}
	if len(writes) > maxBatchWrite {
		return nil, validation("Too many items requested for the BatchWriteItem call")
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

// applyAll makes the changes that writes have come to, and returns the changedCollections. Any error is a storageError.
func applyAll(writes []*write, changes []*change, asked types.ReturnItemCollectionMetrics) (map[string][]types.ItemCollectionMetrics, error) {
	for _, c := range changes {
		if err := c.apply(); err != nil {
			return nil, err
		}
	}
	collections, err := changedCollections(writes, changes, asked)
	if err != nil {
		return nil, storageError{err}
	}
	return collections, nil
}

// consumedByAll is what changes have consumed, table by table in the order of their names.
func consumedByAll(changes []*change, kind transactKind, asked types.ReturnConsumedCapacity) []types.ConsumedCapacity {
	if asked == "" || asked == types.ReturnConsumedCapacityNone {
		return nil
	}
	used := map[string]*consumption{}
	for _, c := range changes {
		if used[c.table.Name] == nil {
			used[c.table.Name] = &consumption{named: c.named, transact: kind}
		}
		used[c.table.Name].write(c)
	}
	return consumed(used, asked)
}

func consumed(used map[string]*consumption, asked types.ReturnConsumedCapacity) []types.ConsumedCapacity {
	var list []types.ConsumedCapacity
	for _, name := range sortedNames(used) {
		if c := used[name].of(used[name].named, asked); c != nil {
			list = append(list, *c)
		}
	}
	return list
}

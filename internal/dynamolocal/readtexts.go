package dynamolocal

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"github.com/ownql/ownql/internal/itembytes"
)

// ReadTexts is a BatchGetItem whose items nothing but their keys chooses, without what that builds around each. What
// was read so before, is usual, and is not changed since, it has at hand.
func (db *DB) ReadTexts(ctx context.Context, in *itembytes.TextRead) (*itembytes.TextAnswer, error) {
	return invoke(ctx, "BatchGetItem", in, db.readTexts)
}

func (db *DB) readTexts(ctx context.Context, in *itembytes.TextRead) (*itembytes.TextAnswer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(in.Keys) > maxBatchGet {
		return nil, validation("Too many items requested for the BatchGetItem call")
	}
	isUsual := in.IsUsual && db.moment == nil
	items, isKnown := make([]latestItem, 0, len(in.Keys)), false
	if isUsual {
		items, isKnown = db.latest.get(items, in.Keys)
	}
	if !isKnown {
		err := db.view(ctx, func(tx *bbolt.Tx) (err error) {
			items, err = db.textItems(tx, items[:0], in.Keys)
			if err == nil && isUsual {
				db.latest.put(tx.ID(), in.Keys[:len(items)], items)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	answer := &itembytes.TextAnswer{ReadUnits: make([]float64, len(items)), Unread: in.Keys[len(items):]}
	for i, one := range items {
		answer.ReadUnits[i] = readUnits(one.measure.Size, true)
		if one.bytes == "" {
			continue
		}
		answer.Memory += one.measure.Memory
		if err := in.Take(in.Keys[i].Table, one.bytes); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// textItems appends what a transaction has of these keys, until there is no room for more.
func (db *DB) textItems(tx *bbolt.Tx, items []latestItem, keys []itembytes.TextKey) ([]latestItem, error) {
	var t *openTable
	size, memory := 0, 0
	encoded := make([]byte, 0, latestKeySize)
	for _, key := range keys {
		var err error
		if t == nil || t.Name != key.Table {
			if t, err = db.open(tx, key.Table); err != nil {
				return nil, err
			}
		}
		if encoded, err = t.appendTextKey(encoded[:0], key); err != nil {
			return nil, err
		}
		var one latestItem
		if one.bytes, one.measure, err = t.getBytes(encoded); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
		size, memory = size+one.measure.Size, memory+one.measure.Memory
		if len(items) > 0 && (size > maxBatchSize || memory > maxBatchMemory) {
			break
		}
		items = append(items, one)
	}
	return items, nil
}

// appendTextKey appends the encoding of a key. The error is what the key does not fit.
func (t *openTable) appendTextKey(b []byte, key itembytes.TextKey) ([]byte, error) {
	attributes := [2]itembytes.TextAttribute{key.Hash, key.Range}
	given := attributes[:1]
	if key.Range.Name != "" {
		given = attributes[:2]
	}
	fits := len(given) == len(t.Key.Hash)+len(t.Key.Range)
	for i, name := range t.Key.each() {
		fits = fits && given[i].Name == name && t.AttributeTypes[name] == types.ScalarAttributeTypeS &&
			given[i].Value != "" && len(given[i].Value) <= maxRangeSize
		if fits {
			b = appendKeyText(b, given[i].Value)
		}
	}
	if fits {
		return b, nil
	}
	it := item{}
	for _, attribute := range given {
		it[attribute.Name] = &types.AttributeValueMemberS{Value: attribute.Value}
	}
	return t.encodedKey(it)
}

package model

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// tableKeys are the keys of items of one table.
type tableKeys struct {
	table string
	keys  []map[string]types.AttributeValue
}

// ReadTexts reads items of one moment by their keys, none twice and at most 100, in one strongly consistent
// BatchGetItem, and tells found of each that there is, in no order. isUsual: the same are read again and again. It is for
// package account.
func (db *DB) ReadTexts(ctx context.Context, isUsual bool, found func(table string, item itembytes.Found) error, keys ...itembytes.TextKey) error {
	if db.texts == nil {
		var byTable []tableKeys
		for _, key := range keys {
			byTable = withKey(byTable, key)
		}
		return db.readItems(ctx, found, byTable...)
	}
	take := func(table, item string) error { return found(table, itembytes.FoundBytes(item)) }
	for len(keys) > 0 {
		answer, err := db.texts.ReadTexts(ctx, &itembytes.TextRead{Keys: keys, IsUsual: isUsual, Take: take})
		if err != nil {
			return err
		}
		keys = answer.Unread
	}
	return nil
}

// withKey adds the key of an item.
func withKey(keys []tableKeys, key itembytes.TextKey) []tableKeys {
	i := slices.IndexFunc(keys, func(of tableKeys) bool { return of.table == key.Table })
	if i < 0 {
		i = len(keys)
		keys = append(keys, tableKeys{table: key.Table})
	}
	item := map[string]types.AttributeValue{key.Hash.Name: &types.AttributeValueMemberS{Value: key.Hash.Value}}
	if key.Range.Name != "" {
		item[key.Range.Name] = &types.AttributeValueMemberS{Value: key.Range.Value}
	}
	keys[i].keys = append(keys[i].keys, item)
	return keys
}

// readItems is ReadTexts of any client.
func (db *DB) readItems(ctx context.Context, found func(table string, item itembytes.Found) error, keys ...tableKeys) error {
	in := dynamodb.BatchGetItemInput{RequestItems: make(map[string]types.KeysAndAttributes, len(keys))}
	for _, of := range keys {
		in.RequestItems[of.table] = types.KeysAndAttributes{Keys: of.keys, ConsistentRead: aws.Bool(true)}
	}
	out, err := db.client.BatchGetItem(ctx, &in)
	if err != nil {
		return err
	}
	for table, items := range out.Responses {
		for _, item := range items {
			if err := found(table, itembytes.FoundItem(item)); err != nil {
				return err
			}
		}
	}
	return nil
}

package model

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// Keys are the keys of items of one table.
type Keys struct {
	Table string
	Keys  []map[string]types.AttributeValue // at most 100 in all, none twice
}

// ReadTexts reads items of one moment by their keys, none twice and at most 100, in one strongly consistent
// BatchGetItem, and tells found of each that there is, in no order. It is for package account.
func (db *DB) ReadTexts(ctx context.Context, found func(table string, item itembytes.Found) error, keys ...itembytes.TextKey) error {
	if db.texts != nil {
		_, err := db.texts.ReadTexts(ctx, &itembytes.TextRead{Keys: keys, Take: func(table, item string) error {
			return found(table, itembytes.FoundBytes(item))
		}})
		return err
	}
	var byTable []Keys
	for _, key := range keys {
		item := map[string]types.AttributeValue{key.Hash.Name: &types.AttributeValueMemberS{Value: key.Hash.Value}}
		if key.Range.Name != "" {
			item[key.Range.Name] = &types.AttributeValueMemberS{Value: key.Range.Value}
		}
		byTable = withKey(byTable, key.Table, item)
	}
	return db.ReadItems(ctx, found, byTable...)
}

// withKey adds the key of an item.
func withKey(keys []Keys, table string, key map[string]types.AttributeValue) []Keys {
	i := slices.IndexFunc(keys, func(of Keys) bool { return of.Table == table })
	if i < 0 {
		i = len(keys)
		keys = append(keys, Keys{Table: table})
	}
	keys[i].Keys = append(keys[i].Keys, key)
	return keys
}

// ReadItems reads items by their keys, of each table together, in one strongly consistent BatchGetItem, and tells found of each
// that there is, in no order. It is for package account.
func (db *DB) ReadItems(ctx context.Context, found func(table string, item itembytes.Found) error, keys ...Keys) error {
	in := dynamodb.BatchGetItemInput{RequestItems: make(map[string]types.KeysAndAttributes, len(keys))}
	for _, of := range keys {
		in.RequestItems[of.Table] = types.KeysAndAttributes{Keys: of.Keys, ConsistentRead: aws.Bool(true)}
	}
	out, err := db.client.BatchGetItem(itembytes.With(ctx, &itembytes.Answer{
		Take: func(table, item string) error { return found(table, itembytes.FoundBytes(item)) },
	}), &in)
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

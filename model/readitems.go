package model

import (
	"context"

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

// ReadItems reads items by their keys, in one strongly consistent BatchGetItem, and tells found of each
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

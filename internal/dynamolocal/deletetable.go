package dynamolocal

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// deleteTable is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
// The table is gone when it returns; its streams go within a day.
func (db *DB) deleteTable(ctx context.Context, in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	var description *types.TableDescription
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		t, err := db.openNamed(tx, name)
		if err != nil {
			return err
		}
		if t.DeletionProtection {
			return validation("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		description = t.describe()
		description.TableStatus = types.TableStatusDeleting
		if err := (&table{}).rebuild(tx, t.table); err != nil {
			return err
		}
		if err := db.restream(tx, t.table, &table{}, time.Now()); err != nil {
			return err
		}
		db.latest.forgetAll(tx.ID())
		for _, prefix := range []string{tablePrefix, itemsPrefix} {
			if err := tx.DeleteBucket([]byte(prefix + name)); err != nil {
				return storageError{err}
			}
		}
		return deleteTagsAndPolicy(tx, name)
	})
	return &dynamodb.DeleteTableOutput{TableDescription: description}, err
}

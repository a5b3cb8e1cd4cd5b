package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.etcd.io/bbolt"
)

// listTables is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (db *DB) listTables(ctx context.Context, in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
	limit := 100
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	switch {
	case limit < 1:
		return nil, validation("Limit must be greater than or equal to 1")
	case limit > 100:
		return nil, validation("Limit in ListTables must be <= 100")
	}
	if in.ExclusiveStartTableName != nil {
		if err := checkName(*in.ExclusiveStartTableName); err != nil {
			return nil, err
		}
	}
	out := &dynamodb.ListTablesOutput{}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		out.TableNames = tableNames(tx, aws.ToString(in.ExclusiveStartTableName), limit+1)
		return nil
	})
	if len(out.TableNames) > limit {
		out.TableNames = out.TableNames[:limit]
		out.LastEvaluatedTableName = &out.TableNames[limit-1]
	}
	return out, err
}

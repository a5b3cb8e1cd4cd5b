package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.etcd.io/bbolt"
)

// maxListed is how many tables a page lists.
const maxListed = 100

// listTables is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
func (db *DB) listTables(ctx context.Context, in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
	var c constraints
	if err := c.listTables(in); err != nil {
		return nil, err
	}
	limit := maxListed
	if in.Limit != nil {
		limit = int(*in.Limit)
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

package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// describeTable is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
func (db *DB) describeTable(ctx context.Context, in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DescribeTableOutput{}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		t, err := db.openNamed(tx, name)
		if err == nil {
			out.Table = t.describe()
		}
		return err
	})
	return out, err
}

// describe is the table as DescribeTable tells of it.
func (t *openTable) describe() *types.TableDescription {
	d := &types.TableDescription{
		TableName:                 &t.Name,
		TableId:                   &t.ID,
		TableArn:                  aws.String(arnPrefix + t.Name),
		TableStatus:               types.TableStatusActive,
		CreationDateTime:          &t.CreatedAt,
		KeySchema:                 t.Key.elements(),
		ItemCount:                 aws.Int64(int64(t.items.Sequence())),
		TableSizeBytes:            aws.Int64(int64(t.bucket.Sequence())),
		ProvisionedThroughput:     t.Throughput.describe(),
		DeletionProtectionEnabled: &t.DeletionProtection,
	}
	for _, name := range sortedNames(t.AttributeTypes) {
		d.AttributeDefinitions = append(d.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: t.AttributeTypes[name],
		})
	}
	if !t.OnDemandSince.IsZero() {
		d.BillingModeSummary = &types.BillingModeSummary{
			BillingMode:                       t.BillingMode,
			LastUpdateToPayPerRequestDateTime: &t.OnDemandSince,
		}
	}
	t.describeSettings(d)
	for i := range t.Indexes {
		x := &t.Indexes[i]
		if x.Local {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, t.describeLocal(x))
			continue
		}
		status := types.IndexStatusActive
		if x.Backfilling {
			status = types.IndexStatusCreating
			d.TableStatus = types.TableStatusUpdating
		}
		description := types.GlobalSecondaryIndexDescription{
			IndexName:             &x.Name,
			IndexArn:              aws.String(arnPrefix + t.Name + "/index/" + x.Name),
			IndexStatus:           status,
			KeySchema:             x.Key.elements(),
			Projection:            &types.Projection{ProjectionType: x.Projection, NonKeyAttributes: x.Include},
			ProvisionedThroughput: x.Throughput.describe(),
		}
		x.describeThroughput(&description, t.BillingMode)
		if x.Backfilling {
			description.Backfilling = aws.Bool(true)
		} else {
			description.ItemCount = aws.Int64(int64(t.indexBucket(x).Sequence()))
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, description)
	}
	return d
}

func (p throughput) describe() *types.ProvisionedThroughputDescription {
	return &types.ProvisionedThroughputDescription{
		NumberOfDecreasesToday: aws.Int64(0),
		ReadCapacityUnits:      &p.Read,
		WriteCapacityUnits:     &p.Write,
	}
}

func (k keySchema) elements() []types.KeySchemaElement {
	var elements []types.KeySchemaElement
	for _, name := range k.Hash {
		elements = append(elements, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeHash})
	}
	for _, name := range k.Range {
		elements = append(elements, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange})
	}
	return elements
}

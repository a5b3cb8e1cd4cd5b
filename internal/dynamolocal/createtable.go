package dynamolocal

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// createTable is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
// The table is ACTIVE when it returns.
func (db *DB) createTable(ctx context.Context, in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
	err := refuseParameters(in, "TableName", "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled",
		"GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes", "OnDemandThroughput", "ProvisionedThroughput",
		"ResourcePolicy", "SSESpecification", "StreamSpecification", "TableClass", "Tags", "WarmThroughput")
	if err != nil {
		return nil, err
	}
	t, err := newTable(in, time.Now())
	if err != nil {
		return nil, err
	}
	tags, err := checkTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if in.ResourcePolicy != nil {
		if err := checkPolicy(*in.ResourcePolicy); err != nil {
			return nil, err
		}
	}
	var description *types.TableDescription
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(tablePrefix+t.Name)) != nil {
			return &types.ResourceInUseException{Message: aws.String("Cannot create preexisting table")}
		}
		if len(tableNames(tx, "", maxTables)) == maxTables {
			return &types.LimitExceededException{Message: aws.String(fmt.Sprintf("Too many tables: the limit is %d", maxTables))}
		}
		if err := deleteTagsAndPolicy(tx, t.Name); err != nil { // which an older ownql leaves behind
			return err
		}
		bucket, err := tx.CreateBucket([]byte(tablePrefix + t.Name))
		if err != nil {
			return storageError{err}
		}
		items, err := tx.CreateBucket([]byte(itemsPrefix + t.Name))
		if err != nil {
			return storageError{err}
		}
		if err := t.rebuild(tx, &table{}); err != nil {
			return err
		}
		if err := tag(tx, t.Name, tags); err != nil {
			return err
		}
		if in.ResourcePolicy != nil {
			if err := newPolicy(*in.ResourcePolicy, nil, t.CreatedAt).save(tx, resource{table: t.Name}); err != nil {
				return err
			}
		}
		if err := db.restream(tx, &table{}, t, t.CreatedAt); err != nil {
			return err
		}
		description = (&openTable{table: t, bucket: bucket, items: items}).describe()
		return t.save(bucket)
	})
	return &dynamodb.CreateTableOutput{TableDescription: description}, err
}

// newTable checks a definition.
func newTable(in *dynamodb.CreateTableInput, now time.Time) (*table, error) {
	name, err := tableName(in.TableName)
	if err != nil {
		return nil, err
	}
	if in.KeySchema == nil {
		return nil, validation("No defined key schema.  A key schema containing at least a hash key must be defined for all tables")
	}
	id := make([]byte, 16)
	rand.Read(id)
	t := &table{
		Name:               name,
		ID:                 hex.EncodeToString(id),
		CreatedAt:          now.UTC().Truncate(time.Millisecond),
		DeletionProtection: aws.ToBool(in.DeletionProtectionEnabled),
	}
	if t.AttributeTypes, err = attributeTypes(in.AttributeDefinitions); err != nil {
		return nil, err
	}
	if t.Key, err = newKeySchema(in.KeySchema, 1); err != nil {
		return nil, err
	}
	for _, name := range t.Key.attributes() {
		if t.AttributeTypes[name] == "" {
			kind := "Hash"
			if name != t.Key.Hash[0] {
				kind = "Range"
			}
			return nil, validation("%s Key not specified in Attribute Definitions.  Type unknown.", kind)
		}
	}
	if err := t.addLocalIndexes(in.LocalSecondaryIndexes); err != nil {
		return nil, err
	}
	if err := t.setBilling(in.BillingMode, in.ProvisionedThroughput, now); err != nil {
		return nil, err
	}
	if err := t.newSettings(in, now); err != nil {
		return nil, err
	}
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return nil, validation("GSI list is empty/invalid")
	}
	for _, gsi := range in.GlobalSecondaryIndexes {
		if x := t.index(aws.ToString(gsi.IndexName)); x != nil && x.Local {
			return nil, validation("Local Secondary Indices AND Global Secondary Indices must have different names")
		}
		x, err := t.newIndex(gsi)
		if err != nil {
			return nil, err
		}
		if t.index(x.Name) != nil {
			return nil, validation("Two global secondary indices have the same name")
		}
		t.Indexes = append(t.Indexes, *x)
	}
	if len(t.Indexes)-t.localIndexes() > maxIndexes {
		return nil, invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
	}
	if err := t.checkIncluded(); err != nil {
		return nil, err
	}
	if len(t.keyAttributes()) != len(t.AttributeTypes) {
		return nil, validation("The number of attributes in key schema must match the number of attributes defined in attribute definitions.")
	}
	return t, nil
}

// maxIndexes is how many global secondary indexes a table can have.
const maxIndexes = 20

func attributeTypes(definitions []types.AttributeDefinition) (map[string]types.ScalarAttributeType, error) {
	if definitions == nil {
		return nil, validation("No Attribute Schema Defined")
	}
	kinds := make(map[string]types.ScalarAttributeType, len(definitions))
	for _, d := range definitions {
		name := aws.ToString(d.AttributeName)
		switch d.AttributeType {
		case types.ScalarAttributeTypeS, types.ScalarAttributeTypeN, types.ScalarAttributeTypeB:
		default:
			return nil, validation("Member must satisfy enum value set: [B, N, S]")
		}
		if len(name) < 1 || len(name) > 255 {
			return nil, constraint(name, "attributeDefinitions.member.attributeName", "Member must have length between 1 and 255")
		}
		if kinds[name] != "" {
			return nil, validation("Cannot have two attributes with the same name")
		}
		kinds[name] = d.AttributeType
	}
	return kinds, nil
}

// newKeySchema reads a key schema with at most limit attributes of each kind.
func newKeySchema(elements []types.KeySchemaElement, limit int) (keySchema, error) {
	var k keySchema
	inOrder := true
	for _, e := range elements {
		name := aws.ToString(e.AttributeName)
		if k.contains(name) {
			return k, validation("Two keys can not have the same name")
		}
		switch e.KeyType {
		case types.KeyTypeHash:
			inOrder = inOrder && len(k.Range) == 0
			k.Hash = append(k.Hash, name)
		case types.KeyTypeRange:
			k.Range = append(k.Range, name)
		default:
			return k, validation("Member must satisfy enum value set: [HASH, RANGE]")
		}
	}
	switch {
	case len(k.Hash) == 0:
		return k, validation("No Hash Key specified in schema.  All Dynamo DB tables must have exactly one hash key")
	case len(k.Hash) > limit && limit == 1:
		return k, validation("Too many hash keys specified.  All Dynamo DB tables must have exactly one hash key")
	case len(k.Range) > limit && limit == 1:
		return k, validation("Key Schema too big.  Key Schema must at most consist of the hash and range key of a table")
	case len(k.Hash) > limit || len(k.Range) > limit:
		return k, validation("Key Schema too big.  Key Schema must have at most %d hash and %d range keys", limit, limit)
	case !inOrder:
		return k, validation("Invalid key order. Hash Key must be specified first in key schema, Range Key must be specifed second")
	}
	return k, nil
}

// maxIndexKeys is how many hash attributes, and how many range attributes, an index's key has.
const maxIndexKeys = 4

// newIndex checks the definition of a global index of the table.
func (t *table) newIndex(in types.GlobalSecondaryIndex) (*index, error) {
	x := &index{Name: aws.ToString(in.IndexName)}
	if err := checkName(x.Name); err != nil {
		return nil, err
	}
	err := x.project(in.Projection)
	if err != nil {
		return nil, err
	}
	if x.Key, err = newKeySchema(in.KeySchema, maxIndexKeys); err != nil {
		return nil, err
	}
	for i, name := range x.Key.attributes() {
		if t.AttributeTypes[name] == "" {
			kind := "hash"
			if i >= len(x.Key.Hash) {
				kind = "range"
			}
			return nil, validation("Global Secondary Index %s key not specified in Attribute Definitions.Type unknown.", kind)
		}
	}
	if p := in.ProvisionedThroughput; p != nil {
		x.Throughput = throughput{aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)}
	}
	if err := x.OnDemand.limit(in.OnDemandThroughput, t.BillingMode, "index : "+x.Name, true); err != nil {
		return nil, err
	}
	return x, x.Warm.warm(in.WarmThroughput, t.BillingMode, x.Throughput, "index "+x.Name)
}

// setBilling sets the billing mode, PROVISIONED if none is given, and what goes with it.
func (t *table) setBilling(mode types.BillingMode, p *types.ProvisionedThroughput, now time.Time) error {
	if err := oneOf("billingMode", mode, mode.Values()...); err != nil {
		return err
	}
	if mode == types.BillingModePayPerRequest {
		if p != nil && aws.ToInt64(p.ReadCapacityUnits)+aws.ToInt64(p.WriteCapacityUnits) > 0 {
			return invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		t.BillingMode, t.Throughput, t.OnDemandSince = mode, throughput{}, now.UTC().Truncate(time.Millisecond)
		return nil
	}
	if p == nil {
		return validation("No provisioned throughput specified for the table")
	}
	t.BillingMode = types.BillingModeProvisioned
	t.Throughput = throughput{aws.ToInt64(p.ReadCapacityUnits), aws.ToInt64(p.WriteCapacityUnits)}
	if t.Throughput.Read < 1 || t.Throughput.Write < 1 {
		return validation("Table read and write throughput must be at least 1, and cannot be null")
	}
	return nil
}

// keyAttributes are the attributes that are in any key.
func (t *table) keyAttributes() map[string]bool {
	all := map[string]bool{}
	for _, name := range t.Key.attributes() {
		all[name] = true
	}
	for _, x := range t.Indexes {
		for _, name := range x.Key.attributes() {
			all[name] = true
		}
	}
	return all
}

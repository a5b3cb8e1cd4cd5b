package dynamolocal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
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
			return &types.ResourceInUseException{Message: aws.String("Table already exists: " + t.Name)}
		}
		if len(tableNames(tx, "", maxTables)) == maxTables {
			return &types.LimitExceededException{Message: aws.String(fmt.Sprintf("Subscriber limit exceeded: There is a limit of %d tables per subscriber", maxTables))}
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

// newTable checks a definition, in AWS's order: the throughput, the table's key, its local indexes, its
// global ones, and what of the attributes is used.
func newTable(in *dynamodb.CreateTableInput, now time.Time) (*table, error) {
	var c constraints
	c.createTable(in)
	name, err := c.requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	t := &table{
		Name:               name,
		ID:                 uuid.NewString(),
		CreatedAt:          now.UTC().Truncate(time.Millisecond),
		DeletionProtection: aws.ToBool(in.DeletionProtectionEnabled),
	}
	if err := t.setBilling(in.BillingMode, in.ProvisionedThroughput, now); err != nil {
		return nil, err
	}
	if t.AttributeTypes, err = attributeTypes(in.AttributeDefinitions); err != nil {
		return nil, err
	}
	if len(in.KeySchema) > len(t.AttributeTypes) {
		return nil, validation("Invalid KeySchema: Some index key attribute have no definition")
	}
	if t.Key, err = t.newKeySchema(in.KeySchema, 1); err != nil {
		return nil, err
	}
	if in.LocalSecondaryIndexes == nil && in.GlobalSecondaryIndexes == nil && len(in.KeySchema) != len(t.AttributeTypes) {
		return nil, invalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	if err := t.addLocalIndexes(in.LocalSecondaryIndexes); err != nil {
		return nil, err
	}
	if err := t.newSettings(in, now); err != nil {
		return nil, err
	}
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return nil, invalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	for _, gsi := range in.GlobalSecondaryIndexes {
		x, err := t.newIndex(gsi)
		if err != nil {
			return nil, err
		}
		if t.index(x.Name) != nil {
			return nil, duplicateIndex(x.Name)
		}
		t.Indexes = append(t.Indexes, *x)
	}
	if len(t.Indexes)-t.localIndexes() > maxIndexes {
		return nil, tooManyIndexes()
	}
	if err := t.checkIncluded(); err != nil {
		return nil, err
	}
	if used := t.keyAttributes(); len(used) != len(t.AttributeTypes) {
		return nil, invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]",
			join(sortedNames(t.AttributeTypes)), join(sortedNames(used)))
	}
	return t, nil
}

func duplicateIndex(name string) error { return invalidParameter("Duplicate index name: %s", name) }

func tooManyIndexes() error {
	return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
}

// maxIndexes is how many global secondary indexes a table can have.
const maxIndexes = 20

func attributeTypes(definitions []types.AttributeDefinition) (map[string]types.ScalarAttributeType, error) {
	kinds := make(map[string]types.ScalarAttributeType, len(definitions))
	for _, d := range definitions {
		name := *d.AttributeName
		if kinds[name] != "" {
			return nil, invalidParameter("Duplicate AttributeName in AttributeDefinitions: %s", name)
		}
		kinds[name] = d.AttributeType
	}
	return kinds, nil
}

// newKeySchema reads a key schema of the table or of an index of it, with at most limit attributes of
// each kind.
func (t *table) newKeySchema(elements []types.KeySchemaElement, limit int) (keySchema, error) {
	var k keySchema
	names := make([]string, len(elements))
	isDefined := true
	for i, e := range elements {
		names[i] = *e.AttributeName
		isDefined = isDefined && t.AttributeTypes[names[i]] != ""
	}
	if !isDefined {
		return k, invalidParameter("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
			join(names), join(sortedNames(t.AttributeTypes)))
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return k, validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
		}
	}
	for i, e := range elements {
		isHash := e.KeyType == types.KeyTypeHash
		switch {
		case i == 0 && !isHash:
			return k, validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
		case i == 1 && isHash && limit == 1:
			return k, validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
		case isHash && len(k.Range) > 0:
			return k, validation("Invalid KeySchema: HASH keys must precede RANGE keys")
		case isHash:
			k.Hash = append(k.Hash, names[i])
		default:
			k.Range = append(k.Range, names[i])
		}
	}
	if len(k.Hash) > limit || len(k.Range) > limit {
		return k, validation("Invalid KeySchema: There must be at most %[1]d HASH keys and %[1]d RANGE keys", limit)
	}
	return k, nil
}

// maxIndexKeys is how many hash attributes, and how many range attributes, an index's key has.
const maxIndexKeys = 4

// newIndex checks the definition of a global index of the table.
func (t *table) newIndex(in types.GlobalSecondaryIndex) (*index, error) {
	x := &index{Name: *in.IndexName}
	var err error
	if x.Key, err = t.newKeySchema(in.KeySchema, maxIndexKeys); err != nil {
		return nil, err
	}
	if err := x.project(in.Projection); err != nil {
		return nil, err
	}
	switch onDemand := t.BillingMode == types.BillingModePayPerRequest; {
	case onDemand && in.ProvisionedThroughput != nil:
		return nil, invalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", x.Name)
	case !onDemand && in.ProvisionedThroughput == nil:
		return nil, invalidParameter("ProvisionedThroughput must be specified for index: %s", x.Name)
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
	if mode == types.BillingModePayPerRequest {
		if p != nil {
			return invalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		t.BillingMode, t.Throughput, t.OnDemandSince = mode, throughput{}, now.UTC().Truncate(time.Millisecond)
		return nil
	}
	if p == nil {
		return invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	if err := checkUnits(p); err != nil {
		return err
	}
	t.BillingMode = types.BillingModeProvisioned
	t.Throughput = throughput{*p.ReadCapacityUnits, *p.WriteCapacityUnits}
	return nil
}

// maxUnits is the greatest throughput that can be asked for.
const maxUnits = 1_000_000_000_000

func checkUnits(p *types.ProvisionedThroughput) error {
	switch {
	case *p.ReadCapacityUnits > maxUnits:
		return validation("Given value %d for ReadCapacityUnits is out of bounds", *p.ReadCapacityUnits)
	case *p.WriteCapacityUnits > maxUnits:
		return validation("Given value %d for WriteCapacityUnits is out of bounds", *p.WriteCapacityUnits)
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

package dynamolocal

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// updateTable is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
// A new index is CREATING when it returns, and is filled in the background.
func (db *DB) updateTable(ctx context.Context, in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
	err := refuseParameters(in, "TableName", "AttributeDefinitions", "BillingMode", "DeletionProtectionEnabled",
		"GlobalSecondaryIndexUpdates", "OnDemandThroughput", "ProvisionedThroughput", "SSESpecification", "StreamSpecification",
		"TableClass", "WarmThroughput")
	if err != nil {
		return nil, err
	}
	var c constraints
	c.updateTable(in)
	name, err := c.requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	if err := checkUpdates(in); err != nil {
		return nil, err
	}
	var description *types.TableDescription
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		old, err := db.openNamed(tx, name)
		if err != nil {
			return err
		}
		now := time.Now()
		t, err := old.altered(in, now)
		if err != nil {
			return err
		}
		if err := t.rebuild(tx, old.table); err != nil {
			return err
		}
		if err := db.restream(tx, old.table, t, now); err != nil {
			return err
		}
		description = (&openTable{table: t, bucket: old.bucket, items: old.items}).describe()
		return t.save(old.bucket)
	})
	if err == nil {
		db.wakeUp()
	}
	return &dynamodb.UpdateTableOutput{TableDescription: description}, err
}

// checkUpdates refuses what of a request is wrong whatever the table is.
func checkUpdates(in *dynamodb.UpdateTableInput) error {
	if err := checkAlone(in); err != nil {
		return err
	}
	if in.BillingMode == types.BillingModeProvisioned && in.ProvisionedThroughput == nil {
		return invalidParameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	if p := in.ProvisionedThroughput; p != nil {
		if err := checkUnits(p); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		var name string
		switch {
		case u.Update != nil:
			name = *u.Update.IndexName
		case u.Create != nil:
			name = *u.Create.IndexName
		case u.Delete != nil:
			name = *u.Delete.IndexName
		default:
			return invalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
				"GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		if seen[name] {
			return invalidParameter("Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
		}
		seen[name] = true
	}
	return nil
}

// altered is the definition as the request leaves it.
func (old *table) altered(in *dynamodb.UpdateTableInput, now time.Time) (*table, error) {
	t := *old
	t.AttributeTypes, t.Indexes = maps.Clone(old.AttributeTypes), slices.Clone(old.Indexes)
	if in.BillingMode != "" || in.ProvisionedThroughput != nil {
		mode := in.BillingMode
		if mode == "" {
			mode = old.BillingMode
		}
		if err := t.alterBilling(mode, in.ProvisionedThroughput, now); err != nil {
			return nil, err
		}
	}
	if in.DeletionProtectionEnabled != nil {
		t.DeletionProtection = *in.DeletionProtectionEnabled
	}
	if err := t.alterSettings(in, now); err != nil {
		return nil, err
	}
	changes := 0
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if u.Update == nil {
			changes++
		}
	}
	if changes > 1 {
		return nil, indexLimit()
	}
	for _, u := range in.GlobalSecondaryIndexUpdates {
		if err := t.alterIndex(u, in.AttributeDefinitions); err != nil {
			return nil, err
		}
	}
	used := t.keyAttributes()
	maps.DeleteFunc(t.AttributeTypes, func(name string, _ types.ScalarAttributeType) bool { return !used[name] })
	return &t, nil
}

// alterBilling sets the billing mode and what goes with it, unless it leaves both as they are:
// a throughput that is the current one is refused.
func (t *table) alterBilling(mode types.BillingMode, p *types.ProvisionedThroughput, now time.Time) error {
	old := t.Throughput
	if mode == t.BillingMode && p == nil {
		return nil
	}
	if err := t.setBilling(mode, p, now); err != nil {
		return err
	}
	if mode == types.BillingModeProvisioned && t.Throughput == old {
		return sameThroughput("table", "table", old)
	}
	if mode == types.BillingModeProvisioned {
		t.OnDemand = throughput{}
	}
	for i := range t.Indexes {
		if mode == types.BillingModePayPerRequest {
			t.Indexes[i].Throughput = throughput{}
		} else {
			t.Indexes[i].OnDemand = throughput{}
		}
	}
	return nil
}

// sameThroughput is the answer to a throughput that changes nothing of a table's or an index's.
func sameThroughput(kind, name string, current throughput) error {
	return validation("The provisioned throughput for the %[2]s will not change. The requested value equals the current value. "+
		"Current ReadCapacityUnits provisioned for the %[1]s: %[3]d. Requested ReadCapacityUnits: %[3]d. "+
		"Current WriteCapacityUnits provisioned for the %[1]s: %[4]d. Requested WriteCapacityUnits: %[4]d. "+
		"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.", kind, name, current.Read, current.Write)
}

func indexLimit() error {
	return &types.LimitExceededException{Message: aws.String("Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")}
}

// alterIndex applies one of the updates of indexes.
func (t *table) alterIndex(u types.GlobalSecondaryIndexUpdate, definitions []types.AttributeDefinition) error {
	switch {
	case u.Create != nil:
		if slices.ContainsFunc(t.Indexes, func(x index) bool { return x.Backfilling }) {
			return indexLimit()
		}
		kinds, err := attributeTypes(definitions)
		if err != nil {
			return err
		}
		for name, kind := range t.AttributeTypes {
			if kinds[name] != "" && kinds[name] != kind {
				return validation("invalid attribute, SchemaElement redefined should be of same type as previously defined")
			}
		}
		all := maps.Clone(kinds)
		maps.Copy(all, t.AttributeTypes)
		t.AttributeTypes = kinds // the index's key must be among them, known or not
		x, err := t.newIndex(types.GlobalSecondaryIndex{
			IndexName: u.Create.IndexName, KeySchema: u.Create.KeySchema, Projection: u.Create.Projection,
			ProvisionedThroughput: u.Create.ProvisionedThroughput,
			OnDemandThroughput:    u.Create.OnDemandThroughput, WarmThroughput: u.Create.WarmThroughput,
		})
		if err != nil {
			return err
		}
		t.AttributeTypes = all
		if t.index(x.Name) != nil {
			return validation("Attempting to create an index which already exists")
		}
		if len(t.Indexes)-t.localIndexes() >= maxIndexes {
			return tooManyIndexes()
		}
		x.Backfilling = true
		t.Indexes = append(t.Indexes, *x)
		return t.checkIncluded()
	case u.Delete != nil:
		x, err := t.existingIndex(*u.Delete.IndexName)
		if err != nil {
			return err
		}
		if x.Local {
			return validation("Cannot delete an index that is not a GlobalSecondaryIndex")
		}
		t.Indexes = slices.DeleteFunc(t.Indexes, func(y index) bool { return y.Name == x.Name })
	case u.Update != nil:
		x, err := t.existingIndex(*u.Update.IndexName)
		if err != nil {
			return err
		}
		if x.Local {
			return validation("Invalid global secondary index name")
		}
		if err := x.OnDemand.limit(u.Update.OnDemandThroughput, t.BillingMode, "index : "+x.Name, false); err != nil {
			return err
		}
		if err := x.Warm.warmer(u.Update.WarmThroughput, t.BillingMode, x.Throughput, "index "+x.Name); err != nil {
			return err
		}
		if p := u.Update.ProvisionedThroughput; p != nil {
			requested := throughput{*p.ReadCapacityUnits, *p.WriteCapacityUnits}
			if requested == x.Throughput {
				return sameThroughput("index", "index "+x.Name, requested)
			}
			x.Throughput = requested
		}
	}
	return nil
}

func (t *table) existingIndex(name string) (*index, error) {
	x := t.index(name)
	if x == nil {
		return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}
	}
	return x, nil
}

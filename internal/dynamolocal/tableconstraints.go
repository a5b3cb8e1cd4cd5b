package dynamolocal

import (
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The constraints of the operations on tables.

// requiredTable is the name of the table of an operation on tables. What else is out of bounds in the
// request, c has already, unless there is no name, or one of another length: then that is told alone.
func (c *constraints) requiredTable(name *string) (string, error) {
	switch {
	case name == nil:
		return "", validation("The parameter 'TableName' is required but was not present in the request")
	case (len(*name) < minName || len(*name) > maxName) && !isARN(*name):
		return "", validation("TableName must be at least %d characters long and at most %d characters long", minName, maxName)
	}
	c.tableName("tableName", name)
	if err := c.err(); err != nil {
		return "", err
	}
	return tableName(name)
}

// requiredTable is that of an operation that has no other parameters with constraints.
func requiredTable(name *string) (string, error) {
	var c constraints
	return c.requiredTable(name)
}

func (c *constraints) createTable(in *dynamodb.CreateTableInput) {
	c.notNull("attributeDefinitions", in.AttributeDefinitions == nil)
	c.attributeDefinitions(in.AttributeDefinitions)
	c.enum("billingMode", string(in.BillingMode), "PROVISIONED", "PAY_PER_REQUEST")
	c.throughput("provisionedThroughput", in.ProvisionedThroughput)
	c.keySchema("keySchema", in.KeySchema, 2)
	for i, x := range in.LocalSecondaryIndexes {
		at := fmt.Sprintf("localSecondaryIndexes.%d.member.", i+1)
		c.name(at+"indexName", x.IndexName)
		c.keySchema(at+"keySchema", x.KeySchema, 2)
		c.projection(at+"projection", x.Projection)
	}
	for i, x := range in.GlobalSecondaryIndexes {
		at := fmt.Sprintf("globalSecondaryIndexes.%d.member.", i+1)
		c.name(at+"indexName", x.IndexName)
		c.keySchema(at+"keySchema", x.KeySchema, 2*maxIndexKeys)
		c.projection(at+"projection", x.Projection)
		c.throughput(at+"provisionedThroughput", x.ProvisionedThroughput)
	}
}

func (c *constraints) updateTable(in *dynamodb.UpdateTableInput) {
	c.attributeDefinitions(in.AttributeDefinitions)
	c.enum("billingMode", string(in.BillingMode), "PROVISIONED", "PAY_PER_REQUEST")
	c.throughput("provisionedThroughput", in.ProvisionedThroughput)
	for i, u := range in.GlobalSecondaryIndexUpdates {
		at := fmt.Sprintf("globalSecondaryIndexUpdates.%d.member.", i+1)
		if u.Update != nil {
			c.name(at+"update.indexName", u.Update.IndexName)
			// Which of the throughputs it is that changes is the table's billing mode's.
			c.notNull(at+"update.provisionedThroughput", u.Update.ProvisionedThroughput == nil && u.Update.OnDemandThroughput == nil && u.Update.WarmThroughput == nil)
			c.throughput(at+"update.provisionedThroughput", u.Update.ProvisionedThroughput)
		}
		if u.Create != nil {
			c.projection(at+"create.projection", u.Create.Projection)
			c.name(at+"create.indexName", u.Create.IndexName)
			c.throughput(at+"create.provisionedThroughput", u.Create.ProvisionedThroughput)
			c.keySchema(at+"create.keySchema", u.Create.KeySchema, 2*maxIndexKeys)
		}
		if u.Delete != nil {
			c.name(at+"delete.indexName", u.Delete.IndexName)
		}
	}
}

func (c *constraints) attributeDefinitions(definitions []types.AttributeDefinition) {
	for i, d := range definitions {
		at := fmt.Sprintf("attributeDefinitions.%d.member.", i+1)
		c.attributeName(at+"attributeName", d.AttributeName)
		c.requiredEnum(at+"attributeType", string(d.AttributeType), "B", "N", "S")
	}
}

// attributeName is that of an attribute of a key.
func (c *constraints) attributeName(parameter string, name *string) {
	if name == nil {
		c.notNull(parameter, true)
		return
	}
	c.length(parameter, *name, 1, maxKeyName)
}

// maxKeyName is the greatest length of the name of a key's attribute, or of one that an index
// projects, in characters.
const maxKeyName = 255

func (c *constraints) keySchema(parameter string, elements []types.KeySchemaElement, most int) {
	if elements == nil {
		c.notNull(parameter, true)
		return
	}
	c.count(parameter, len(elements), 1, most, func() string { return printed(elements) })
	for i, e := range elements {
		at := fmt.Sprintf("%s.%d.member.", parameter, i+1)
		c.attributeName(at+"attributeName", e.AttributeName)
		c.requiredEnum(at+"keyType", string(e.KeyType), "HASH", "RANGE")
	}
}

func (c *constraints) projection(parameter string, p *types.Projection) {
	if p == nil {
		c.notNull(parameter, true)
		return
	}
	c.enum(parameter+".projectionType", string(p.ProjectionType), "ALL", "INCLUDE", "KEYS_ONLY")
	if p.NonKeyAttributes != nil {
		c.count(parameter+".nonKeyAttributes", len(p.NonKeyAttributes), 1, maxIncluded, func() string { return printed(p.NonKeyAttributes) })
	}
	for i, name := range p.NonKeyAttributes {
		c.length(fmt.Sprintf("%s.nonKeyAttributes.%d.member", parameter, i+1), name, 1, maxKeyName)
	}
}

func (c *constraints) throughput(parameter string, p *types.ProvisionedThroughput) {
	if p == nil {
		return
	}
	for _, units := range []struct {
		name string
		n    *int64
	}{{".writeCapacityUnits", p.WriteCapacityUnits}, {".readCapacityUnits", p.ReadCapacityUnits}} {
		if units.n == nil {
			c.notNull(parameter+units.name, true)
		} else {
			c.value(parameter+units.name, *units.n, 1, math.MaxInt64)
		}
	}
}

func (c *constraints) listTables(in *dynamodb.ListTablesInput) error {
	c.optionalName("exclusiveStartTableName", in.ExclusiveStartTableName)
	if in.Limit != nil {
		c.value("limit", int64(*in.Limit), 1, maxListed)
	}
	return c.err()
}

func (c *constraints) timeToLive(s *types.TimeToLiveSpecification) {
	if s == nil {
		c.notNull("timeToLiveSpecification", true)
		return
	}
	c.attributeName("timeToLiveSpecification.attributeName", s.AttributeName)
	c.notNull("timeToLiveSpecification.enabled", s.Enabled == nil)
}

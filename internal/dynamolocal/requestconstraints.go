package dynamolocal

import (
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The constraints of the operations on items, parameter by parameter.

// capacity holds ReturnConsumedCapacity to its values.
func (c *constraints) capacity(asked types.ReturnConsumedCapacity) {
	c.enum("returnConsumedCapacity", string(asked), "INDEXES", "TOTAL", "NONE")
}

func (c *constraints) metrics(asked askedMetrics) {
	c.capacity(asked.capacity)
	c.enum("returnItemCollectionMetrics", string(asked.collection), "SIZE", "NONE")
}

func (c *constraints) onFailure(parameter string, asked types.ReturnValuesOnConditionCheckFailure) {
	c.enum(parameter, string(asked), "ALL_OLD", "NONE")
}

func (c *constraints) conditionalOperator(operator types.ConditionalOperator) {
	c.enum("conditionalOperator", string(operator), "OR", "AND")
}

func (c *constraints) comparisonOperator(parameter string, operator types.ComparisonOperator) {
	c.enum(parameter, string(operator), "IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS")
}

func (c *constraints) attributesToGet(parameter string, names []string) {
	if names != nil {
		c.count(parameter, len(names), 1, math.MaxInt, func() string { return "[]" })
	}
}

// conditions are those of KeyConditions, QueryFilter and ScanFilter.
func (c *constraints) conditions(parameter string, conditions map[string]types.Condition) {
	for _, name := range sortedNames(conditions) {
		at := parameter + "." + name + ".member.comparisonOperator"
		c.notNull(at, conditions[name].ComparisonOperator == "")
		c.comparisonOperator(at, conditions[name].ComparisonOperator)
	}
}

func (c *constraints) getItem(in *dynamodb.GetItemInput) error {
	c.attributesToGet("attributesToGet", in.AttributesToGet)
	c.capacity(in.ReturnConsumedCapacity)
	c.notNull("key", in.Key == nil)
	c.tableName("tableName", in.TableName)
	return c.err()
}

// write is of PutItem, UpdateItem and DeleteItem; item is the parameter that has the item or its key.
func (c *constraints) write(p *writeParameters, item string, asked askedMetrics) error {
	c.metrics(asked)
	c.tableName("tableName", p.table)
	c.enum("returnValues", string(p.returns), "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
	c.notNull(item, p.item == nil)
	c.onFailure("returnValuesOnConditionCheckFailure", p.onFailure)
	c.conditionalOperator(p.operator)
	for _, name := range sortedNames(p.expected) {
		c.comparisonOperator("expected."+name+".member.comparisonOperator", p.expected[name].ComparisonOperator)
	}
	for _, name := range sortedNames(p.updates) {
		c.enum("attributeUpdates."+name+".member.action", string(p.updates[name].Action), "ADD", "PUT", "DELETE")
	}
	return c.err()
}

// read is of Query, and of Scan as the Query that it is, whose filter is called filter.
func (c *constraints) read(in *dynamodb.QueryInput, filter string) {
	c.enum("select", string(in.Select), "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.optionalName("indexName", in.IndexName)
	c.capacity(in.ReturnConsumedCapacity)
	c.conditions(filter, in.QueryFilter)
	c.tableName("tableName", in.TableName)
	c.conditionalOperator(in.ConditionalOperator)
	if in.Limit != nil {
		c.value("limit", int64(*in.Limit), 1, math.MaxInt32)
	}
	c.attributesToGet("attributesToGet", in.AttributesToGet)
	c.conditions("keyConditions", in.KeyConditions)
}

// segments are the constraints that Scan has beside those of a read.
func (c *constraints) segments(segment, total *int32) {
	if total != nil {
		c.value("totalSegments", int64(*total), 1, maxSegments)
	}
	if segment != nil {
		c.value("segment", int64(*segment), 0, maxSegments-1)
	}
}

func (c *constraints) batchGet(in *dynamodb.BatchGetItemInput) error {
	c.capacity(in.ReturnConsumedCapacity)
	tables(c, in.RequestItems)
	for _, name := range sortedNames(in.RequestItems) {
		r := in.RequestItems[name]
		if len(r.Keys) > 0 && len(r.Keys) <= maxBatchGet && (r.AttributesToGet == nil || len(r.AttributesToGet) > 0) {
			continue
		}
		at := "requestItems." + name + ".member."
		if r.Keys == nil {
			c.notNull(at+"keys", true)
		} else {
			c.count(at+"keys", len(r.Keys), 1, maxBatchGet, func() string { return printed(r.Keys) })
		}
		c.attributesToGet(at+"attributesToGet", r.AttributesToGet)
	}
	return c.err()
}

// tables holds the tables of a batch to what names are.
func tables[R any](c *constraints, requests map[string]R) {
	if requests == nil {
		c.notNull("requestItems", true)
		return
	}
	print := func() string { return printed(requests) }
	c.count("requestItems", len(requests), 1, math.MaxInt, print)
	for name := range requests {
		var each constraints
		if each.tableName("requestItems", &name); each.violations != nil {
			c.violated(quoted(print()), "requestItems", "Map keys must satisfy constraint: [Member must have length less than or equal to %d, "+
				"Member must have length greater than or equal to %d, Member must satisfy regular expression pattern: %s]", maxName, minName, namePattern)
			return
		}
	}
}

func (c *constraints) batchWrite(in *dynamodb.BatchWriteItemInput) error {
	c.metrics(askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics})
	tables(c, in.RequestItems)
	isTold := false
	for _, name := range sortedNames(in.RequestItems) {
		requests := in.RequestItems[name]
		if n := len(requests); (n == 0 || n > maxBatchWrite) && !isTold {
			isTold = true // once for all tables
			c.violated(quoted(printed(in.RequestItems)), "requestItems", "Map value must satisfy constraint: "+
				"[Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", maxBatchWrite)
		}
		for i, r := range requests {
			at := func(request string) string {
				return fmt.Sprintf("requestItems.%s.member.%d.member.%s", name, i+1, request)
			}
			if r.DeleteRequest != nil && r.DeleteRequest.Key == nil {
				c.notNull(at("deleteRequest.key"), true)
			}
			if r.PutRequest != nil && r.PutRequest.Item == nil {
				c.notNull(at("putRequest.item"), true)
			}
		}
	}
	return c.err()
}

// transactItems is of the lists of both kinds of transactions.
func transactItems[I any](c *constraints, items []I) {
	if items == nil {
		c.notNull("transactItems", true)
		return
	}
	c.count("transactItems", len(items), 1, maxTransactItems, func() string { return printed(items) })
}

func (c *constraints) transactGet(in *dynamodb.TransactGetItemsInput) error {
	c.capacity(in.ReturnConsumedCapacity)
	transactItems(c, in.TransactItems)
	for i, it := range in.TransactItems {
		switch g := it.Get; {
		case g == nil:
			c.notNull(transactMember(i, "get"), true)
		case g.Key == nil || g.TableName == nil || !isName(*g.TableName):
			c.notNull(transactMember(i, "get.key"), g.Key == nil)
			c.tableName(transactMember(i, "get.tableName"), g.TableName)
		}
	}
	return c.err()
}

func transactMember(i int, member string) string {
	return "transactItems." + strconv.Itoa(i+1) + ".member." + member
}

func (c *constraints) transactWrite(in *dynamodb.TransactWriteItemsInput, parts []transactPart) error {
	c.metrics(askedMetrics{in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics})
	if token := in.ClientRequestToken; token != nil {
		c.length("clientRequestToken", *token, 1, maxTokenLength)
	}
	transactItems(c, in.TransactItems)
	for i := range parts {
		part := &parts[i]
		p := &part.parameters
		if p.item != nil && isName(aws.ToString(p.table)) && p.onFailure == "" && !part.lacksExpression {
			continue
		}
		at := func(member string) string { return transactMember(part.of, part.name+"."+member) }
		item := "key"
		if part.action == putAction {
			item = "item"
		}
		c.notNull(at(item), p.item == nil)
		c.tableName(at("tableName"), p.table)
		c.onFailure(at("returnValuesOnConditionCheckFailure"), p.onFailure)
		if part.lacksExpression {
			expression := "conditionExpression"
			if part.action == updateAction {
				expression = "updateExpression"
			}
			c.notNull(at(expression), true)
		}
	}
	return c.err()
}

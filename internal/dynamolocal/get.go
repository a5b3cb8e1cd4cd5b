package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// getItem is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (db *DB) getItem(ctx context.Context, in *dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
	var c constraints
	if err := c.getItem(in); err != nil {
		return nil, err
	}
	g, err := newGet(getParameters{
		table: in.TableName, key: in.Key,
		projection: in.ProjectionExpression, names: in.ExpressionAttributeNames, attributes: in.AttributesToGet,
	})
	if err != nil {
		return nil, err
	}
	out := &dynamodb.GetItemOutput{}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		t, key, err := db.openKey(tx, g)
		if err != nil {
			return err
		}
		it, err := t.get(key)
		if err != nil {
			return err
		}
		used := consumption{}
		used.read(nil, itemSize(it), aws.ToBool(in.ConsistentRead))
		out.ConsumedCapacity = used.of(g.named, in.ReturnConsumedCapacity)
		if it != nil {
			out.Item = g.projection.of(it)
		}
		return nil
	})
	return out, err
}

// A get is the reading of one item, ready to meet the data.
type get struct {
	table      string
	named      string // the table as the request names it
	key        item
	projection projection
}

// getParameters are what the requests for a get have in common.
type getParameters struct {
	table      *string
	key        item
	projection *string
	names      map[string]string
	attributes []string // the legacy AttributesToGet
}

// newGet checks all of a get that can be checked without the data, and is within the constraints.
func newGet(p getParameters) (*get, error) {
	name, err := tableName(p.table)
	if err != nil {
		return nil, err
	}
	if err := p.checkProjection(); err != nil {
		return nil, err
	}
	g := &get{table: name, named: *p.table}
	if g.key, err = normalizeKey(p.key); err != nil {
		return nil, err
	}
	g.projection, err = p.newProjection()
	return g, err
}

// normalizeKey is normalizeItem, without a copy of what is mostly normal already.
func normalizeKey(key item) (item, error) {
	for name, v := range key {
		if s, isText := v.(*types.AttributeValueMemberS); !isText || s == nil || name == "" {
			return normalizeItem(key)
		}
	}
	return key, nil
}

// checkProjection refuses parameters of a projection that exclude each other.
func (p getParameters) checkProjection() error {
	if p.projection != nil && p.attributes != nil {
		return mixed([]string{"AttributesToGet"}, []string{"ProjectionExpression"})
	}
	return checkUse(p.names, nil, p.projection != nil, "")
}

// newProjection is the projection of a request that has no other expression.
func (p getParameters) newProjection() (projection, error) {
	if p.attributes != nil {
		return attributesToGet(p.attributes)
	}
	if p.projection == nil {
		return nil, nil
	}
	ph, err := newPlaceholders(p.names, nil)
	if err != nil {
		return nil, err
	}
	pr, err := ph.projection(p.projection)
	if err != nil {
		return nil, err
	}
	return pr, ph.allUsed()
}

// openKey is the table of a get and the encoded key. Where the key does not fit the table,
// there is the table all the same beside the error.
func (db *DB) openKey(tx *bbolt.Tx, g *get) (*openTable, []byte, error) {
	t, err := db.open(tx, g.table)
	if err != nil {
		return nil, nil, err
	}
	if err := t.matchKey(g.key); err != nil {
		return t, nil, err
	}
	if err := t.checkKeyValues(g.key); err != nil {
		return nil, nil, err
	}
	if err := t.checkScalars(g.projection); err != nil {
		return nil, nil, err
	}
	return t, t.Key.encode(nil, g.key), nil
}

// encodedKey is a key of the table, encoded. The error is what the key does not fit.
func (t *openTable) encodedKey(key item) ([]byte, error) {
	if err := t.matchKey(key); err != nil {
		return nil, err
	}
	if err := t.checkKeyValues(key); err != nil {
		return nil, err
	}
	return t.Key.encode(make([]byte, 0, 80), key), nil
}

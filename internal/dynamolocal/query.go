package dynamolocal

import (
	"bytes"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// maxPageSize is how many bytes of items a page of Query or Scan reads, before the filter.
const maxPageSize = 1 << 20

// query is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (db *DB) query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	r, err := newRead(readParameters{
		table: in.TableName, index: in.IndexName, limit: in.Limit, choice: in.Select,
		start: in.ExclusiveStartKey, consistent: in.ConsistentRead, capacity: in.ReturnConsumedCapacity,
		keyCondition: in.KeyConditionExpression, filter: in.FilterExpression, projection: in.ProjectionExpression,
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		valueExpressions: "FilterExpression and KeyConditionExpression are null",
		keyConditions:    in.KeyConditions, legacyFilter: in.QueryFilter, legacyFilterName: "QueryFilter",
		operator: in.ConditionalOperator, attributes: in.AttributesToGet,
	})
	if err != nil {
		return nil, err
	}
	if r.keys == nil {
		return nil, validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	r.backward = in.ScanIndexForward != nil && !*in.ScanIndexForward
	p, err := db.read(ctx, r)
	if err != nil {
		return nil, err
	}
	return &dynamodb.QueryOutput{
		Items: p.items, Count: p.count, ScannedCount: p.scanned,
		LastEvaluatedKey: p.last, ConsumedCapacity: p.used.of(r.table, in.ReturnConsumedCapacity),
	}, nil
}

// A read is a Query or a Scan, ready to meet the data.
type read struct {
	table      string
	index      string // none if empty
	keys       []keyCondition
	start      item
	backward   bool
	limit      int // none if 0
	consistent bool
	choice     types.Select
	filter     condition
	filterName string // the filter's parameter, as messages name it
	projection projection

	segment, segments uint32 // of a parallel Scan; segments is 0 or 1 where it is not one
}

// readParameters are what Query and Scan have in common.
type readParameters struct {
	table, index *string
	limit        *int32
	choice       types.Select
	start        item
	consistent   *bool
	capacity     types.ReturnConsumedCapacity

	keyCondition, filter, projection *string

	names  map[string]string
	values item
	// what to say where the values have no expression to be used in
	valueExpressions string

	// the legacy parameters
	keyConditions    map[string]types.Condition
	legacyFilter     map[string]types.Condition
	legacyFilterName string
	operator         types.ConditionalOperator
	attributes       []string
}

// newRead checks all of a read that can be checked without the data.
func newRead(p readParameters) (*read, error) {
	name, err := tableName(p.table)
	if err != nil {
		return nil, err
	}
	r := &read{table: name, consistent: aws.ToBool(p.consistent), choice: p.choice}
	if err := checkCapacity(p.capacity); err != nil {
		return nil, err
	}
	r.index = aws.ToString(p.index)
	if p.limit != nil {
		if *p.limit < 1 {
			return nil, validation("Limit must be greater than or equal to 1")
		}
		r.limit = int(*p.limit)
	}
	err = mixed(
		present(map[string]bool{
			"AttributesToGet":     p.attributes != nil,
			"ConditionalOperator": p.operator != "",
			"KeyConditions":       p.keyConditions != nil && p.keyCondition != nil, // they go with other expressions
			p.legacyFilterName:    p.legacyFilter != nil,
		}),
		present(map[string]bool{
			"FilterExpression":       p.filter != nil,
			"KeyConditionExpression": p.keyCondition != nil,
			"ProjectionExpression":   p.projection != nil,
		}),
	)
	if err != nil {
		return nil, err
	}
	if err := p.checkSelect(); err != nil {
		return nil, err
	}
	if err := r.parse(p); err != nil {
		return nil, err
	}
	if p.start != nil {
		r.start, err = normalizeItem(p.start)
	}
	return r, err
}

// parse reads the expressions, or what stands for them.
func (r *read) parse(p readParameters) error {
	missing := ""
	if p.keyCondition == nil && p.filter == nil {
		missing = p.valueExpressions
	}
	ph, err := newPlaceholders(p.names, p.values, p.projection != nil || missing == "", missing)
	if err != nil {
		return err
	}
	keys, err := ph.condition("KeyConditionExpression", p.keyCondition)
	if err != nil {
		return err
	}
	if r.filter, err = ph.condition("FilterExpression", p.filter); err != nil {
		return err
	}
	if r.projection, err = ph.projection(p.projection); err != nil {
		return err
	}
	if err := ph.allUsed(); err != nil {
		return err
	}
	if p.keyCondition != nil {
		if r.keys, err = keyConditions(keys); err != nil {
			return err
		}
	} else if r.keys, err = legacyKeyConditions(p.keyConditions); err != nil {
		return err
	}
	if p.keyConditions != nil && len(r.keys) == 0 {
		return errConditionCount
	}
	r.filterName = "Filter Expression"
	if p.legacyFilter != nil || p.operator != "" {
		r.filterName = p.legacyFilterName
		if r.filter, err = legacyCondition(p.legacyFilter, p.operator); err != nil {
			return err
		}
	}
	if p.attributes != nil {
		r.projection, err = attributesToGet(p.attributes)
	}
	return err
}

// checkSelect refuses a Select that contradicts the other parameters.
func (p readParameters) checkSelect() error {
	if err := oneOf("select", p.choice, p.choice.Values()...); err != nil {
		return err
	}
	given := "ProjectionExpression"
	if p.attributes != nil {
		given = "AttributesToGet"
	}
	projected := p.projection != nil || p.attributes != nil
	switch p.choice {
	case types.SelectSpecificAttributes:
		if !projected {
			return validation("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
		}
	case types.SelectCount:
		if projected {
			return validation("Cannot specify the %s when choosing to get only the Count", given)
		}
	case types.SelectAllProjectedAttributes:
		if p.index == nil {
			return validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
		}
		fallthrough
	case types.SelectAllAttributes:
		if projected {
			return validation("Cannot specify the %s when choosing to get %s", given, p.choice)
		}
	}
	return nil
}

// A page is what one Query or Scan answers.
type page struct {
	items          []item // nil for Select COUNT
	count, scanned int32
	last           item // the LastEvaluatedKey, nil if this is the last page
	used           consumption
}

// A source is the bucket that a read goes through, and what it finds there.
type source struct {
	*openTable
	index     *index // nil for the table itself
	schema    keySchema
	bucket    *bbolt.Bucket
	projected projection // what the index holds of an item
}

func (db *DB) source(tx *bbolt.Tx, r *read) (*source, error) {
	t, err := db.open(tx, r.table)
	if err != nil {
		return nil, err
	}
	if r.index == "" {
		return &source{openTable: t, schema: t.Key, bucket: t.items}, nil
	}
	x := t.table.index(r.index)
	switch {
	case x == nil:
		return nil, validation("The table does not have the specified index: %s", r.index)
	case x.Backfilling:
		return nil, validation("Cannot read from backfilling global secondary index: %s", r.index)
	case r.consistent && r.keys != nil:
		return nil, validation("Consistent read cannot be true when querying a GSI")
	case r.consistent:
		return nil, validation("Consistent read cannot be true when scanning a GSI")
	case r.choice == types.SelectAllAttributes && x.Projection != types.ProjectionTypeAll:
		return nil, invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", r.index)
	}
	return &source{t, x, x.Key, t.bucket.Bucket(x.bucketKey()), t.projection(x)}, nil
}

// get is the item behind an entry of the source, as far as the source has it.
func (s *source) get(k, v []byte) (item, error) {
	if s.index == nil {
		it, err := decodeItem(v)
		if err != nil {
			return nil, internalError(err)
		}
		return it, nil
	}
	it, err := s.openTable.get(v)
	return s.projected.of(it), err
}

// keyOf is an item's key in the source: for an index that of the table too.
func (s *source) keyOf(it item) item {
	key := s.Key.of(it)
	if s.index != nil {
		for name, v := range s.index.Key.of(it) {
			key[name] = v
		}
	}
	return key
}

// encode is the inverse of keyOf, in the source's bytes.
func (s *source) encode(key item) []byte {
	b := s.schema.encode(nil, key)
	if s.index != nil {
		b = s.Key.encode(b, key)
	}
	return b
}

// read is a page of items, in the order of the source's keys.
func (db *DB) read(ctx context.Context, r *read) (*page, error) {
	p := &page{}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		s, err := db.source(tx, r)
		if err != nil {
			return err
		}
		var within keyRange
		if r.keys != nil {
			if within, err = s.keyRange(s.schema, r.keys); err != nil {
				return err
			}
			if err := s.checkFilter(r); err != nil {
				return err
			}
		}
		if err := s.checkProjected(r); err != nil {
			return err
		}
		if r.start != nil {
			if err := s.startAfter(&within, r); err != nil {
				return err
			}
		}
		return s.fill(p, r, within)
	})
	return p, err
}

// startAfter cuts off what lies before the ExclusiveStartKey, and that key itself.
func (s *source) startAfter(within *keyRange, r *read) error {
	names := s.schema.attributes()
	if s.index != nil {
		names = append(names, s.Key.attributes()...)
	}
	distinct := map[string]bool{}
	for _, name := range names {
		distinct[name] = true
	}
	if len(r.start) != len(distinct) {
		return validation("Exclusive Start Key must have same size as table's key schema")
	}
	for name := range distinct {
		v := r.start[name]
		if v == nil || typeName(v) != string(s.AttributeTypes[name]) || emptyKey(v) != "" {
			return validation("The provided starting key is invalid")
		}
	}
	key := s.encode(r.start)
	if r.keys != nil && (bytes.Compare(key, within.from) < 0 || within.to != nil && bytes.Compare(key, within.to) >= 0) {
		return validation("The provided starting key does not match the range key predicate")
	}
	if !r.has(key) {
		return validation("The provided starting key is outside query boundaries based on provided conditions")
	}
	if r.backward {
		within.to = key
	} else {
		within.from = append(key, 0)
	}
	return nil
}

// fill reads the source within the range until the page is full.
func (s *source) fill(p *page, r *read, within keyRange) error {
	if r.choice != types.SelectCount {
		p.items = []item{}
	}
	size := 0
	err := within.each(s.bucket, r.backward, func(k, v []byte) (bool, error) {
		if !r.has(k) {
			return true, nil
		}
		it, err := s.get(k, v)
		if err != nil {
			return false, err
		}
		size += itemSize(it)
		p.scanned++
		if r.filter == nil || r.filter.holds(it) {
			p.count++
			if r.choice != types.SelectCount {
				p.items = append(p.items, r.projection.of(it))
			}
		}
		if int(p.scanned) != r.limit && size <= maxPageSize {
			return true, nil
		}
		if !within.endsAt(k, r.backward) {
			p.last = s.keyOf(it)
		}
		return false, nil
	})
	p.used.read(s.index, size, r.consistent)
	return err
}

// checkFilter refuses a filter of the attributes of the key that is queried.
func (s *source) checkFilter(r *read) error {
	for _, p := range conditionPaths(r.filter) {
		if name := p[0].name; s.schema.contains(name) {
			return validation("%s can only contain non-primary key attributes: Primary key attribute: %s", r.filterName, name)
		}
	}
	return nil
}

// checkProjected refuses to ask an index for what it does not hold.
func (s *source) checkProjected(r *read) error {
	if s.projected == nil {
		return nil
	}
	missing := func(paths []path) []string {
		var names []string
		for _, p := range paths {
			held := slices.ContainsFunc(s.projected, func(q path) bool { return q[0] == p[0] })
			if !held && !slices.Contains(names, p[0].name) {
				names = append(names, p[0].name)
			}
		}
		return names
	}
	if names := missing(r.projection); names != nil {
		return invalidParameter("Global secondary index %s does not project [%s]", s.index.Name, join(names))
	}
	if names := missing(conditionPaths(r.filter)); names != nil {
		return invalidParameter("Secondary index %s does not project one or more filter attributes: [%s]", s.index.Name, join(names))
	}
	return nil
}

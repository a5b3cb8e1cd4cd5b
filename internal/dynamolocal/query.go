package dynamolocal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"go.etcd.io/bbolt"

	"github.com/ownql/ownql/internal/itembytes"
)

// maxPageSize is how many bytes of items a page of Query or Scan reads, before the filter.
const maxPageSize = 1 << 20

// maxPageRead is how many bytes of whole items a page of an index reads, of which it may answer little, and keeps all in memory.
const maxPageRead = 16 << 20

// query is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (db *DB) query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	r, err := newRead(in, queryWords, constraints{})
	if err == nil {
		err = r.parse(in)
	}
	if err != nil {
		return nil, err
	}
	p, err := db.read(ctx, r)
	if err != nil {
		return nil, err
	}
	return &dynamodb.QueryOutput{
		Items: p.items, Count: p.count, ScannedCount: p.scanned,
		LastEvaluatedKey: p.last, ConsumedCapacity: p.used.of(r.named, in.ReturnConsumedCapacity),
	}, nil
}

// readWords are what is so of a Query, or of a Scan: what messages say, and what is looked at first.
type readWords struct {
	legacyFilter string // the parameter
	noValues     string // where the values have no expression to be used in
	isQuery      bool
}

var queryWords = readWords{"QueryFilter", "FilterExpression and KeyConditionExpression are null", true}

// A read is a Query or a Scan, ready to meet the data.
type read struct {
	table      string
	named      string // the table as the request names it
	index      string // none if empty
	keys       []keyCondition
	start      item
	backward   bool
	limit      int // none if 0
	consistent bool
	choice     types.Select
	filter     condition
	projection projection
	words      readWords
	filterName string // what messages call the filter

	segment, segments uint32 // of a parallel Scan; segments is 0 or 1 where it is not one
}

// newRead checks all of a Query, or of a Scan as the Query without key conditions that it is,
// that can be checked without the data. c has what else of the request has constraints.
func newRead(in *dynamodb.QueryInput, words readWords, c constraints) (*read, error) {
	c.read(in, lowerFirst(words.legacyFilter))
	if err := c.err(); err != nil {
		return nil, err
	}
	name, err := tableName(in.TableName)
	if err != nil {
		return nil, err
	}
	r := &read{
		table: name, named: *in.TableName, index: aws.ToString(in.IndexName), words: words,
		consistent: aws.ToBool(in.ConsistentRead), choice: in.Select, limit: int(aws.ToInt32(in.Limit)),
		backward: in.ScanIndexForward != nil && !*in.ScanIndexForward,
	}
	missing := ""
	if in.KeyConditionExpression == nil && in.FilterExpression == nil {
		missing = words.noValues
	}
	err = mixed(
		present(
			parameter{"AttributesToGet", in.AttributesToGet != nil},
			parameter{words.legacyFilter, in.QueryFilter != nil},
			parameter{"ConditionalOperator", in.ConditionalOperator != ""},
			parameter{"KeyConditions", in.KeyConditions != nil && in.KeyConditionExpression != nil}, // they go with other expressions
		),
		present(
			parameter{"ProjectionExpression", in.ProjectionExpression != nil},
			parameter{"FilterExpression", in.FilterExpression != nil},
			parameter{"KeyConditionExpression", in.KeyConditionExpression != nil},
		),
	)
	if err == nil {
		err = checkUse(in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.ProjectionExpression != nil || missing == "", missing)
	}
	if err == nil {
		err = checkSelect(in)
	}
	if err == nil {
		err = r.parseLegacy(in)
	}
	if err == nil && in.ExclusiveStartKey != nil {
		r.start, err = startKey(in.ExclusiveStartKey)
	}
	if err == nil && words.isQuery && in.KeyConditions == nil && in.KeyConditionExpression == nil {
		err = validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	return r, err
}

// startKey is an ExclusiveStartKey, normalized.
func startKey(key item) (item, error) {
	start, err := normalizeItem(key)
	if api, ok := errors.AsType[smithy.APIError](err); ok && !slices.ContainsFunc(untoldAsKey, func(part string) bool { return strings.Contains(api.ErrorMessage(), part) }) {
		err = validation("The provided starting key is invalid: %s", api.ErrorMessage())
	}
	return start, err
}

// untoldAsKey is what messages have in which AWS does not say that it is the starting key.
var untoldAsKey = []string{"contains duplicates", "number set", "numeric value", "significant digits", "number with magnitude"}

// parse reads the expressions.
func (r *read) parse(in *dynamodb.QueryInput) error {
	if in.KeyConditionExpression != nil || in.FilterExpression != nil || in.ProjectionExpression != nil {
		if err := r.parseExpressions(in); err != nil {
			return err
		}
	}
	if in.KeyConditions != nil {
		var err error
		if r.keys, err = legacyKeyConditions(in.KeyConditions); err != nil {
			return err
		}
	}
	most := 2
	if r.index != "" {
		most = 2 * maxIndexKeys
	}
	if r.words.isQuery && (len(r.keys) == 0 || len(r.keys) > most) {
		return errConditionCount
	}
	return nil
}

func (r *read) parseExpressions(in *dynamodb.QueryInput) error {
	ph, err := newPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return err
	}
	keys, err := ph.condition("KeyConditionExpression", in.KeyConditionExpression)
	if err != nil {
		return err
	}
	if r.filter == nil {
		if r.filter, err = ph.condition("FilterExpression", in.FilterExpression); err != nil {
			return err
		}
	}
	if r.projection == nil {
		if r.projection, err = ph.projection(in.ProjectionExpression); err != nil {
			return err
		}
	}
	if err := ph.allUsed(); err != nil {
		return err
	}
	if keys != nil {
		r.keys, err = keyConditions(keys)
	}
	return err
}

// parseLegacy reads what stands for expressions, but for the KeyConditions.
func (r *read) parseLegacy(in *dynamodb.QueryInput) error {
	r.filterName = "Filter Expression"
	attributes := func() (err error) {
		if in.AttributesToGet != nil {
			r.projection, err = attributesToGet(in.AttributesToGet)
		}
		return err
	}
	filter := func() (err error) {
		if in.QueryFilter != nil {
			r.filterName = r.words.legacyFilter
		}
		if in.QueryFilter != nil || in.ConditionalOperator != "" {
			r.filter, err = legacyCondition(in.QueryFilter, in.ConditionalOperator)
		}
		return err
	}
	if r.words.isQuery {
		return cmp.Or(filter(), attributes())
	}
	return cmp.Or(attributes(), filter())
}

// checkSelect refuses a Select that contradicts the other parameters.
func checkSelect(in *dynamodb.QueryInput) error {
	given := "ProjectionExpression"
	if in.AttributesToGet != nil {
		given = "AttributesToGet"
	}
	projected := in.ProjectionExpression != nil || in.AttributesToGet != nil
	switch {
	case in.Select == types.SelectSpecificAttributes && !projected:
		return validation("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == types.SelectAllProjectedAttributes && in.IndexName == nil:
		return validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case in.Select == types.SelectCount && projected:
		return validation("Cannot specify the %s when choosing to get only the Count", given)
	case in.Select != "" && in.Select != types.SelectSpecificAttributes && projected:
		return validation("Cannot specify the %s when choosing to get %s", given, in.Select)
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
	fetches   bool       // whether the read asks a local index for more than that, which the table has
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
	case r.consistent && !x.Local:
		return nil, validation("Consistent reads are not supported on global secondary indexes")
	}
	return &source{openTable: t, index: x, schema: x.Key, bucket: t.indexBucket(x), projected: t.projection(x)}, nil
}

// getBytes is the item behind an entry of the source, whole, as it is kept, and its measure.
func (s *source) getBytes(v []byte) (string, itembytes.Measure, error) {
	if s.index == nil {
		return s.measured(v)
	}
	b, m, err := s.openTable.getBytes(v)
	if b == "" && err == nil {
		err = fmt.Errorf("table %s: %w: index %s leads to it, and it is not there", s.Name, errCorrupt, s.index.Name)
	}
	return b, m, err
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
		if r.words.isQuery {
			within, err = s.queried(r)
		} else {
			within, err = s.scanned(r)
		}
		if err == nil {
			err = s.checkScalars(conditionPaths(r.filter))
		}
		if err == nil {
			err = s.checkProjected(r)
		}
		if err != nil {
			return err
		}
		taker := itembytes.From(ctx)
		if r.filter != nil || r.projection != nil || r.choice == types.SelectCount || s.projected != nil {
			taker = nil // it takes whole items, and all that are found
		}
		return s.fill(p, r, within, taker)
	})
	return p, err
}

// fill reads the source within the range until the page is full. taker, which may be nil, takes the items
// in the place of the page.
func (s *source) fill(p *page, r *read, within keyRange, taker *itembytes.Answer) error {
	if r.choice != types.SelectCount {
		p.items = []item{}
	}
	answered := r.projection
	if answered == nil && r.choice != types.SelectAllAttributes {
		answered = s.projected
	}
	size, fetched, read := 0, 0, 0
	err := within.each(s.bucket, r.backward, func(k, v []byte) (bool, error) {
		if !r.has(k) {
			return true, nil
		}
		b, m, err := s.getBytes(v)
		if err != nil {
			return false, err
		}
		p.scanned++
		read += m.Size
		if taker != nil {
			p.count++
			size += m.Size
			taker.Memory += m.Memory
			if err := taker.Take(s.Name, b); err != nil {
				return false, err
			}
		} else {
			it, err := itembytes.Decode(b)
			if err != nil {
				return false, err
			}
			if s.projected == nil {
				size += m.Size
			} else {
				size += s.projected.size(it)
			}
			if s.fetches {
				fetched += m.Size
				p.used.read(nil, m.Size, r.consistent)
			}
			if r.filter == nil || r.filter.holds(it) {
				p.count++
				if r.choice != types.SelectCount {
					p.items = append(p.items, answered.of(it))
				}
			}
		}
		if int(p.scanned) != r.limit && max(size, fetched) <= maxPageSize && read <= maxPageRead {
			return true, nil
		}
		if !within.endsAt(k, r.backward) {
			it, err := itembytes.Decode(b)
			if err != nil {
				return false, err
			}
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

// checkProjected refuses to ask an index for what it does not hold. What a local one does not hold
// is fetched from the table, for the answer and for the filter of a Scan, not for that of a Query.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html (Select)
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
	asked, filtered := missing(r.projection), missing(conditionPaths(r.filter))
	switch isLocal := s.index.Local; {
	case asked != nil && !isLocal:
		return invalidParameter("Global secondary index %s does not project [%s]", s.index.Name, join(asked))
	case filtered != nil && (!isLocal || r.keys != nil):
		return invalidParameter("Secondary index %s does not project one or more filter attributes: [%s]", s.index.Name, join(filtered))
	}
	s.fetches = asked != nil || filtered != nil || r.choice == types.SelectAllAttributes
	return nil
}

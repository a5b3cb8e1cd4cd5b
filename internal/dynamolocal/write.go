package dynamolocal

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// A write is the change of one item that PutItem, UpdateItem, DeleteItem and the parts of
// BatchWriteItem and TransactWriteItems ask for, ready to meet the data.
type write struct {
	action    writeAction
	table     string
	named     string // the table as the request names it
	item      item   // what is put; the key for any other action
	update    update
	condition condition
	// whether a failed condition's error carries the item
	returnOld bool
	isOfBatch bool // of a BatchWriteItem
}

type writeAction int

const (
	putAction writeAction = iota
	updateAction
	deleteAction
	checkAction // TransactWriteItems' ConditionCheck
)

// A change is a write that has met the data: nothing but the file can refuse it any more.
type change struct {
	table    *openTable
	named    string // the table as the request names it
	key      []byte
	old, new item // nil where there is none
	isCheck  bool // it leaves the item as it is
}

// writeParameters are what the requests for a write have in common.
type writeParameters struct {
	table     *string
	item      item
	update    *string
	condition *string
	names     map[string]string
	values    item
	onFailure types.ReturnValuesOnConditionCheckFailure
	returns   types.ReturnValue

	// the legacy parameters
	expected map[string]types.ExpectedAttributeValue
	operator types.ConditionalOperator
	updates  map[string]types.AttributeValueUpdate
}

// newWrite checks all of a write that can be checked without the data, and is within the constraints.
func newWrite(action writeAction, p *writeParameters) (*write, error) {
	name, err := tableName(p.table)
	if err != nil {
		return nil, err
	}
	if err := p.refuseMixed(); err != nil {
		return nil, err
	}
	missing := ""
	if p.condition == nil && p.update == nil {
		missing = "ConditionExpression is null"
		if action == updateAction {
			missing = "UpdateExpression and ConditionExpression are null"
		}
	}
	if err := checkUse(p.names, p.values, missing == "", missing); err != nil {
		return nil, err
	}
	w := &write{action: action, table: name, named: *p.table, returnOld: p.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld}
	if w.item, err = normalizeItem(p.item); err != nil {
		return nil, err
	}
	if action != updateAction && p.returns != "" && p.returns != types.ReturnValueNone && p.returns != types.ReturnValueAllOld {
		return nil, validation("ReturnValues can only be ALL_OLD or NONE")
	}
	if action == putAction && itemSize(w.item) > maxItemSize {
		return nil, errItemSize
	}
	if err := p.legacy(w); err != nil {
		return nil, err
	}
	if p.names == nil && p.values == nil && missing != "" {
		return w, nil
	}
	ph, err := newPlaceholders(p.names, p.values)
	if err != nil {
		return nil, err
	}
	if p.update != nil {
		if w.update, err = ph.update(p.update); err != nil {
			return nil, err
		}
	}
	if p.condition != nil {
		if w.condition, err = ph.condition("ConditionExpression", p.condition); err != nil {
			return nil, err
		}
	}
	return w, ph.allUsed()
}

var errItemSize = validation("Item size has exceeded the maximum allowed size")

// write makes one write and, if nothing refuses it, gives the change and its metrics to the caller
// before returning.
func (db *DB) write(ctx context.Context, w *write, asked askedMetrics, done func(*change, metrics)) error {
	return db.update(ctx, func(tx *bbolt.Tx) error {
		c, err := db.prepare(tx, w)
		if err != nil {
			return err
		}
		collections, err := applyAll([]*write{w}, []*change{c}, asked.collection)
		if err != nil {
			return err
		}
		var told metrics
		if list := consumedByAll([]*change{c}, noTransaction, asked.capacity); list != nil {
			told.capacity = &list[0]
		}
		if list := collections[w.table]; list != nil {
			told.collection = &list[0]
		}
		done(c, told)
		return nil
	})
}

// prepare checks all that the write's success depends on. It changes nothing. Where it is the
// table or the item that the write does not fit, and not the request that is wrong, there is a
// change all the same beside the error: one without a key, if that is what does not fit.
func (db *DB) prepare(tx *bbolt.Tx, w *write) (*change, error) {
	t, err := db.open(tx, w.table)
	if err != nil {
		return nil, err
	}
	if err := db.adoptStream(tx, t.table); err != nil {
		return nil, err
	}
	match := t.matchKey
	if w.action == putAction {
		match = t.matchItem
	}
	c := &change{table: t, named: w.named}
	if err := match(w.item); err != nil {
		if w.isOfBatch {
			err = errKeyMismatch // of an item to put, too
		}
		return c, err
	}
	if err := t.checkKeyValues(w.item); err != nil {
		return nil, err
	}
	switch w.action {
	case putAction:
		err = t.checkItem(w.item)
	case updateAction:
		err = t.checkUpdate(w.update)
	}
	if err != nil {
		return c, err
	}
	c.key = t.Key.encode(nil, w.item)
	if c.old, err = t.get(c.key); err != nil {
		return nil, err
	}
	if w.condition != nil && !w.condition.holds(c.old) {
		if w.returnOld {
			return c, conditionFailed(c.old)
		}
		return c, conditionFailed(nil)
	}
	switch w.action {
	case putAction:
		c.new = w.item
	case updateAction:
		if c.new, err = t.updated(w, c.old); c.old == nil && w.update.onlyTakesAway() {
			c.new = nil
		}
	case checkAction:
		c.new, c.isCheck = c.old, true
	}
	return c, err
}

// apply makes the change. Any error is a storageError.
func (c *change) apply() error {
	if c.isCheck {
		return nil
	}
	return c.table.replace(c.key, c.old, c.new)
}

// updated is old, or a new item with the write's key, as the update leaves it.
func (t *openTable) updated(w *write, old item) (item, error) {
	if old == nil {
		old = w.item
	}
	it, err := w.update.apply(old)
	if err != nil {
		return nil, err
	}
	if t.sizeInAll(it) > maxItemSize {
		return nil, validation("Item size to update has exceeded the maximum allowed size")
	}
	for _, v := range it {
		if depth(v) >= maxDepth {
			return nil, validation("Nesting Levels have exceeded supported limits")
		}
	}
	isOther := func(*index, string, types.AttributeValue) error {
		return validation("The update expression attempted to update the secondary index key to unsupported type")
	}
	err = t.checkIndexKeys(it, isOther, func(empty string, _ *index, _ string) error {
		return validation("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty %s value.", empty)
	})
	return it, err
}

// checkUpdate refuses what the update cannot do to any item of the table.
func (t *table) checkUpdate(u update) error {
	for _, name := range t.Key.each() {
		for _, a := range u {
			if a.path[0].name == name {
				return invalidParameter("Cannot update attribute %s. This attribute is part of the key", name)
			}
		}
	}
	for i := range t.Indexes {
		x := &t.Indexes[i]
		for _, name := range x.Key.each() {
			for _, a := range u {
				kind := a.value.kind()
				if len(a.path) == 1 && a.path[0].name == name && kind != "" && a.section != "DELETE" && kind != string(t.AttributeTypes[name]) {
					return t.indexKeyMismatch(x, name, kind)
				}
			}
		}
	}
	return t.checkScalars(u.allPaths())
}

// checkScalars refuses paths that lead into an attribute of a key, which is none of a list or a map.
func (t *table) checkScalars(paths []path) error {
	if len(paths) == 0 {
		return nil
	}
	into := func(name string) bool {
		return slices.ContainsFunc(paths, func(p path) bool { return len(p) > 1 && p[0].name == name })
	}
	for _, name := range t.Key.each() {
		if into(name) {
			return validation(notScalar+"Key: %s", name)
		}
	}
	for i := range t.Indexes {
		for _, name := range t.Indexes[i].Key.each() {
			if into(name) {
				return validation(notScalar+"IndexKey: %s", name)
			}
		}
	}
	return nil
}

const notScalar = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "

var errKeyMismatch = validation("The provided key element does not match the schema")

// matchKey refuses what is not a key of the table, exactly.
func (t *table) matchKey(key item) error {
	if len(key) != len(t.Key.Hash)+len(t.Key.Range) {
		return errKeyMismatch
	}
	for _, name := range t.Key.each() {
		if v := key[name]; v == nil || typeName(v) != string(t.AttributeTypes[name]) {
			return errKeyMismatch
		}
	}
	return nil
}

// matchItem refuses an item without a value of the right type for each of the key's attributes.
func (t *table) matchItem(it item) error {
	for _, name := range t.Key.each() {
		v, kind := it[name], string(t.AttributeTypes[name])
		if v == nil {
			return invalidParameter("Missing the key %s in the item", name)
		}
		if typeName(v) != kind {
			return invalidParameter("Type mismatch for key %s expected: %s actual: %s", name, kind, typeName(v))
		}
	}
	return nil
}

// checkKeyValues refuses values of the key's attributes that no table can have in its key.
func (t *table) checkKeyValues(it item) error {
	for i, name := range t.Key.each() {
		v := it[name]
		if empty := emptyKey(v); empty != "" {
			return emptyKeyValue(empty, name)
		}
		switch size := valueSize(v); {
		case i == 0 && size > maxHashSize:
			return invalidParameter("Size of hashkey has exceeded the maximum size limit of%d bytes", maxHashSize)
		case i > 0 && size > maxRangeSize:
			return invalidParameter("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxRangeSize)
		}
	}
	return nil
}

// The greatest size of a key's attributes, in bytes.
const (
	maxHashSize  = 2048
	maxRangeSize = 1024
)

const emptyKeyFormat = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s"

// emptyKeyValue refuses an empty value of an attribute of a table's key.
func emptyKeyValue(empty, name string) error { return validation(emptyKeyFormat, empty, name) }

// emptyKey is "string" or "binary" for an empty one.
func emptyKey(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		if v.Value == "" {
			return "string"
		}
	case *types.AttributeValueMemberB:
		if len(v.Value) == 0 {
			return "binary"
		}
	}
	return ""
}

// checkItem refuses an item with a valid key that cannot be put into the table.
func (t *table) checkItem(it item) error {
	err := t.checkIndexKeys(it, func(x *index, name string, v types.AttributeValue) error {
		return t.indexKeyMismatch(x, name, typeName(v))
	}, emptyIndexKey)
	if err == nil && t.sizeInAll(it) > maxItemSize {
		err = errItemSize
	}
	return err
}

const emptyIndexKeyFormat = "One or more parameter values are not valid. A value specified for a secondary index key is not supported. " +
	"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s"

// emptyIndexKey refuses an empty value of an attribute of an index's key.
func emptyIndexKey(empty string, x *index, name string) error {
	return validation(emptyIndexKeyFormat, empty, x.Name, name)
}

// checkIndexKeys refuses an item with an attribute that an index's key cannot have. The errors for one
// of another type and for an empty one are the caller's.
func (t *table) checkIndexKeys(it item, isOther func(x *index, name string, v types.AttributeValue) error, isEmpty func(empty string, x *index, name string) error) error {
	for i := range t.Indexes {
		x := &t.Indexes[i]
		for _, name := range x.Key.each() {
			v := it[name]
			switch {
			case v == nil:
				continue
			case typeName(v) != t.indexKeyType(x, name):
				return isOther(x, name, v)
			case valueSize(v) > x.Key.limit(name):
				return invalidParameter("Size limit exceeded")
			}
			if empty := emptyKey(v); empty != "" {
				return isEmpty(empty, x, name)
			}
		}
	}
	return nil
}

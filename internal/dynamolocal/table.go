package dynamolocal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"github.com/ownql/ownql/internal/itembytes"
)

// A table is these top-level buckets:
//
//	table/NAME          its definition, as JSON, and the bytes of each local index's entries
//	items/NAME          the encoded key of each item, and the item
//	index/NAME/INDEX    for each index: the encoded index key followed by that of the table, and
//	                    the latter again, by which the item is found
//	ttl/NAME            the same for the time to live, where it is enabled
//	tags/NAME           the keys and the values of its tags, where it has some
//	policy/NAME         its resource-based policy, where it has one
//
// and those of its streams, see stream.go.
//
// The sequence of the items' bucket, and of an index's, counts what is in it; that of the
// definition's is the bytes of the items. None lies in another, and that of a definition is so
// small that bbolt keeps it in its parent: so the fewest pages are written.
//
// An index holds no more than keys: what it projects is cut out when it is read.
const (
	tablePrefix = "table/"
	itemsPrefix = "items/"
	indexPrefix = "index/"
	ttlPrefix   = "ttl/"

	tagsPrefix   = "tags/"
	policyPrefix = "policy/"
)

var definitionKey = []byte("definition")

// A table is a table's definition. It never changes: UpdateTable makes another.
type table struct {
	Name               string
	ID                 string
	CreatedAt          time.Time
	AttributeTypes     map[string]types.ScalarAttributeType // of the attributes in keys
	Key                keySchema
	Indexes            []index `json:",omitempty"`
	BillingMode        types.BillingMode
	Throughput         throughput // in PROVISIONED mode
	OnDemandSince      time.Time  // zero if PAY_PER_REQUEST never was the mode
	TimeToLive         *index     `json:",omitempty"` // of the attribute, where enabled
	DeletionProtection bool       `json:",omitempty"`
	settings

	keyTypes []itembytes.KeyAttribute // of Key, where the definition was decoded
}

// A throughput is provisioned capacity, which is kept and described but limits nothing.
type throughput struct {
	Read, Write int64
}

// An index is a secondary index, or the index of the time to live, which has no name.
type index struct {
	Name        string
	Local       bool `json:",omitempty"` // a local secondary index: its Hash is the table's
	Key         keySchema
	Projection  types.ProjectionType
	Include     []string `json:",omitempty"` // the attributes that INCLUDE adds
	Throughput  throughput
	OnDemand    throughput `json:",omitzero"` // as of a table
	Warm        throughput `json:",omitzero"`
	Backfilling bool       `json:",omitempty"` // it lacks items older than itself
}

// maxTables is how many tables there can be.
const maxTables = 2500

func (t *table) index(name string) *index {
	for i := range t.Indexes {
		if t.Indexes[i].Name == name {
			return &t.Indexes[i]
		}
	}
	return nil
}

// A tableCache keeps the definitions decoded, by their bytes: a transaction so always sees the
// definition that belongs to its view of the data.
type tableCache struct {
	mu      sync.RWMutex
	decoded map[string]*table
}

func (c *tableCache) decode(definition []byte) (*table, error) {
	c.mu.RLock()
	t := c.decoded[string(definition)]
	c.mu.RUnlock()
	if t != nil {
		return t, nil
	}
	t, text := &table{}, string(definition) // which the file may change below, where somebody damages it
	if err := json.Unmarshal([]byte(text), t); err != nil {
		return nil, fmt.Errorf("definition of a table: %w", err)
	}
	for _, name := range t.Key.each() {
		t.keyTypes = append(t.keyTypes, itembytes.KeyAttribute{Name: name, Type: t.AttributeTypes[name]})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.decoded == nil || len(c.decoded) >= 1000 {
		c.decoded = map[string]*table{}
	}
	c.decoded[text] = t
	return t, nil
}

// An openTable is a table as a transaction sees it.
type openTable struct {
	*table
	bucket *bbolt.Bucket
	items  *bbolt.Bucket
	cursor *bbolt.Cursor // of the items, see getBytes
	latest *latest
	feed   *feed

	isExpiring bool // what is deleted, its time to live was over
}

// open is the table of this name; the error is a ResourceNotFoundException if there is none.
func (db *DB) open(tx *bbolt.Tx, name string) (*openTable, error) {
	bucket := tx.Bucket([]byte(tablePrefix + name))
	if bucket == nil {
		return nil, errTableNotFound
	}
	t, err := db.tables.decode(bucket.Get(definitionKey))
	if err != nil {
		return nil, fmt.Errorf("table %s: %w: %v", name, errCorrupt, err)
	}
	return &openTable{table: t, bucket: bucket, items: tx.Bucket([]byte(itemsPrefix + name)), latest: &db.latest, feed: &db.feed}, nil
}

// openNamed is open for the operations on tables, which say which table is not there.
func (db *DB) openNamed(tx *bbolt.Tx, name string) (*openTable, error) {
	t, err := db.open(tx, name)
	if err == errTableNotFound {
		err = tableNotFound(name)
	}
	return t, err
}

// tableNames are the names of all tables after the given one, in order, at most limit.
func tableNames(tx *bbolt.Tx, after string, limit int) []string {
	names := []string{}
	c := tx.Cursor()
	prefix, start := []byte(tablePrefix), []byte(tablePrefix+after)
	for k, _ := c.Seek(start); bytes.HasPrefix(k, prefix) && len(names) < limit; k, _ = c.Next() {
		if !bytes.Equal(k, start) {
			names = append(names, string(k[len(prefix):]))
		}
	}
	return names
}

// save writes the definition.
func (t *table) save(bucket *bbolt.Bucket) error {
	definition, err := json.Marshal(t)
	if err == nil {
		err = bucket.Put(definitionKey, definition)
	}
	if err != nil {
		return storageError{err}
	}
	return nil
}

// get is the item under the encoded key, nil if there is none.
func (t *openTable) get(key []byte) (item, error) {
	b := t.items.Get(key)
	if b == nil {
		return nil, nil
	}
	return t.decodeItem(b)
}

// decodeItem is decodeItem for an item of the table, which has a key.
func (t *table) decodeItem(b []byte) (item, error) {
	it, err := decodeItem(b)
	if err == nil && t.matchItem(it) != nil {
		err = errCorrupt
	}
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	return it, nil
}

// getBytes is the item under the encoded key as it is kept, and its measure; empty if there is none.
// It is for transactions that write nothing.
func (t *openTable) getBytes(key []byte) (string, itembytes.Measure, error) {
	if t.cursor == nil {
		t.cursor = t.items.Cursor()
	}
	k, b := t.cursor.Seek(key)
	if !bytes.Equal(k, key) {
		return "", itembytes.Measure{}, nil
	}
	return t.measured(b)
}

// measured is a copy of the bytes of an item of the table, and its measure.
func (t *table) measured(b []byte) (copied string, m itembytes.Measure, err error) {
	err = errCorrupt
	if len(b) <= itembytes.MaxEncodedSize {
		copied = string(b)
		m, err = itembytes.Measured(copied, t.keyTypes)
	}
	if err != nil {
		err = fmt.Errorf("table %s: %w", t.Name, err)
	}
	return copied, m, err
}

// replace puts new in the place of old under the encoded key, in the table and in its
// indexes, and tells the stream. Either may be nil. Any error is a storageError.
func (t *openTable) replace(key []byte, old, new item) error {
	t.latest.forget(t.items.Tx().ID(), t.Name, key)
	count, size := t.items.Sequence(), t.bucket.Sequence()
	var err error
	if old != nil {
		count, size = count-1, size-uint64(itemSize(old))
	}
	if new != nil {
		count, size = count+1, size+uint64(itemSize(new))
		err = t.items.Put(key, appendItem(nil, new))
	} else if old != nil {
		err = t.items.Delete(key)
	}
	if err == nil && count != t.items.Sequence() {
		err = t.items.SetSequence(count)
	}
	if err == nil && size != t.bucket.Sequence() {
		err = t.bucket.SetSequence(size)
	}
	if err != nil {
		return storageError{err}
	}
	for _, x := range t.allIndexes() {
		if err := t.reindex(x, key, old, new); err != nil {
			return err
		}
		if err := t.resize(x, old, new); err != nil {
			return err
		}
	}
	return t.record(old, new)
}

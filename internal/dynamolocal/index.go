package dynamolocal

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// allIndexes are the table's indexes, that of the time to live included.
func (t *table) allIndexes() []*index {
	var all []*index
	for i := range t.Indexes {
		all = append(all, &t.Indexes[i])
	}
	if t.TimeToLive != nil {
		all = append(all, t.TimeToLive)
	}
	return all
}

// indexKey is the name of the index's bucket.
func (t *table) indexKey(x *index) []byte {
	if x == t.TimeToLive {
		return []byte(ttlPrefix + t.Name)
	}
	return []byte(indexPrefix + t.Name + "/" + x.Name)
}

func (t *openTable) indexBucket(x *index) *bbolt.Bucket {
	return t.bucket.Tx().Bucket(t.indexKey(x))
}

// rebuild gives the table the indexes of its new definition: it makes the buckets of those that
// old has not, and deletes those that only old has. Any error is a storageError.
func (t *table) rebuild(tx *bbolt.Tx, old *table) error {
	obsolete := map[string]bool{}
	for _, x := range old.allIndexes() {
		obsolete[string(old.indexKey(x))] = true
	}
	for _, x := range t.allIndexes() {
		key := t.indexKey(x)
		if obsolete[string(key)] {
			delete(obsolete, string(key))
		} else if _, err := tx.CreateBucket(key); err != nil {
			return storageError{err}
		}
	}
	for key := range obsolete {
		if err := tx.DeleteBucket([]byte(key)); err != nil {
			return storageError{err}
		}
	}
	return nil
}

// indexes is whether the item is in the index: whether it has all the attributes of the
// index's key, and all are what they can be there.
func (t *table) indexes(x *index, it item) bool {
	for _, name := range x.Key.each() {
		if v := it[name]; v == nil || !t.fitsIndexKey(x, name, v) || emptyKey(v) != "" {
			return false
		}
	}
	return true
}

// fitsIndexKey is whether the value is of the type and the size that the index's key can have.
func (t *table) fitsIndexKey(x *index, name string, v types.AttributeValue) bool {
	return typeName(v) == t.indexKeyType(x, name) && valueSize(v) <= x.Key.limit(name)
}

func (t *table) indexKeyType(x *index, name string) string {
	if x == t.TimeToLive {
		return "N"
	}
	return string(t.AttributeTypes[name])
}

// limit is the greatest size of the key's attribute, in bytes.
func (k keySchema) limit(name string) int {
	if k.isHash(name) {
		return maxHashSize
	}
	return maxRangeSize
}

// indexKeyMismatch refuses a value of another type than the index's key has.
func (t *table) indexKeyMismatch(x *index, name, kind string) error {
	return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, t.indexKeyType(x, name), kind, x.Name)
}

// entry is the index's key for the item under the encoded key of the table; nil if the
// index does not have the item.
func (t *table) entry(x *index, it item, key []byte) []byte {
	if !t.indexes(x, it) {
		return nil
	}
	return append(x.Key.encode(nil, it), key...)
}

// reindex makes the index follow the item from old to new. Any error is a storageError.
func (t *openTable) reindex(x *index, key []byte, old, new item) error {
	from, to := t.entry(x, old, key), t.entry(x, new, key)
	if bytes.Equal(from, to) {
		return nil
	}
	bucket := t.indexBucket(x)
	count := bucket.Sequence()
	var err error
	if from != nil && bucket.Get(from) != nil { // a backfill may not have come to it yet
		count--
		err = bucket.Delete(from)
	}
	if err == nil && to != nil && bucket.Get(to) == nil {
		count++
		err = bucket.Put(to, key)
	}
	if err == nil && count != bucket.Sequence() {
		err = bucket.SetSequence(count)
	}
	if err != nil {
		return storageError{err}
	}
	return nil
}

// projection is what the index of the table holds of an item.
func (t *table) projection(x *index) projection {
	if x.Projection == types.ProjectionTypeAll {
		return nil
	}
	var pr projection
	seen := map[string]bool{}
	for _, names := range [][]string{t.Key.attributes(), x.Key.attributes(), x.Include} {
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				pr = append(pr, path{{name: name}})
			}
		}
	}
	return pr
}

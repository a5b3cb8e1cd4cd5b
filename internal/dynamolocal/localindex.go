package dynamolocal

import (
	"encoding/binary"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What a table's indexes may be, by
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxLocalIndexes  = 5
	maxIncluded      = 20  // attributes that INCLUDE adds to an index
	maxIncludedInAll = 100 // and to all of a table's, global and local
)

// addLocalIndexes checks the definitions of the table's local secondary indexes, and adds them.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
func (t *table) addLocalIndexes(list []types.LocalSecondaryIndex) error {
	switch {
	case len(list) == 0:
		return nil
	case len(t.Key.Range) == 0:
		return validation("Local Secondary indices are not allowed on hash tables, only hash and range tables")
	case len(list) > maxLocalIndexes:
		return validation("Cannot have more than %d local secondary indexes per table", maxLocalIndexes)
	}
	for _, in := range list {
		x := index{Name: aws.ToString(in.IndexName), Local: true}
		if err := checkName(x.Name); err != nil {
			return err
		}
		if t.index(x.Name) != nil {
			return validation("Two local secondary indices have the same name")
		}
		err := x.project(in.Projection)
		if err != nil {
			return err
		}
		if x.Key, err = newKeySchema(in.KeySchema, 1); err != nil {
			return err
		}
		switch {
		case len(x.Key.Range) == 0:
			return validation("Local secondary indices must have a range key")
		case x.Key.Hash[0] != t.Key.Hash[0]:
			return validation("Local Secondary indices must have the same hash key as the main table")
		case t.AttributeTypes[x.Key.Range[0]] == "":
			return validation("Local Secondary Index range key not specified in Attribute Definitions.Type unknown.")
		}
		t.Indexes = append(t.Indexes, x)
	}
	return nil
}

// localIndexes is how many of the table's indexes are local.
func (t *table) localIndexes() int {
	n := 0
	for _, x := range t.Indexes {
		if x.Local {
			n++
		}
	}
	return n
}

// project sets what the index projects.
func (x *index) project(p *types.Projection) error {
	if p == nil || p.ProjectionType == "" {
		return validation("Indexes must have a projection specified")
	}
	x.Projection, x.Include = p.ProjectionType, p.NonKeyAttributes
	if !slices.Contains(x.Projection.Values(), x.Projection) {
		return validation("Projection type must be INCLUDE, ALL, or KEYS_ONLY")
	}
	switch include := x.Projection == types.ProjectionTypeInclude; {
	case include && len(x.Include) == 0:
		return validation("If Projection type INCLUDE is specified, some non-key attributes to include in the projection must be specified as well")
	case !include && len(x.Include) > 0:
		return validation("No attributes should be specified to be projected unless projection type is INCLUDE")
	case len(x.Include) > maxIncluded:
		return constraint("["+join(x.Include)+"]", "projection.nonKeyAttributes", "Member must have length less than or equal to %d", maxIncluded)
	}
	if len(x.Include) == 0 {
		x.Include = nil
	}
	for i, name := range x.Include {
		if len(name) < 1 || len(name) > 255 {
			return validation("Names of key attributes and attributes projected into an index must be between 1 and 255 characters, inclusive")
		}
		if slices.Contains(x.Include[:i], name) {
			return validation("Cannot have two attributes with the same name")
		}
	}
	return nil
}

// checkIncluded refuses indexes to which INCLUDE adds too many attributes, those in several counted
// in each.
func (t *table) checkIncluded() error {
	n := 0
	for _, x := range t.Indexes {
		n += len(x.Include)
	}
	if n > maxIncludedInAll {
		return validation("No more than %d attributes per table can be projected into its secondary indexes", maxIncludedInAll)
	}
	return nil
}

func (t *openTable) describeLocal(x *index) types.LocalSecondaryIndexDescription {
	return types.LocalSecondaryIndexDescription{
		IndexName:      &x.Name,
		IndexArn:       aws.String(arnPrefix + t.Name + "/index/" + x.Name),
		IndexSizeBytes: aws.Int64(int64(t.indexSize(x))),
		ItemCount:      aws.Int64(int64(t.indexBucket(x).Sequence())),
		KeySchema:      x.Key.elements(),
		Projection:     &types.Projection{ProjectionType: x.Projection, NonKeyAttributes: x.Include},
	}
}

// sizePrefix and a local index's name are where, beside the table's definition, the bytes of its
// entries are counted.
const sizePrefix = "size/"

// indexSize is how many bytes the local index's entries have, as itemSize counts them.
func (t *openTable) indexSize(x *index) uint64 {
	return decodeSize(t.bucket.Get([]byte(sizePrefix + x.Name)))
}

// decodeSize reads what resize has written, 0 where it has written nothing.
func decodeSize(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// resize counts the bytes of a local index's entry that follows the item from old to new. Any error
// is a storageError.
func (t *openTable) resize(x *index, old, new item) error {
	if !x.Local {
		return nil
	}
	before, after := t.entrySize(x, old), t.entrySize(x, new)
	if before == after {
		return nil
	}
	size := t.indexSize(x) - uint64(before) + uint64(after)
	if err := t.bucket.Put([]byte(sizePrefix+x.Name), binary.BigEndian.AppendUint64(nil, size)); err != nil {
		return storageError{err}
	}
	return nil
}

// entrySize is how many bytes the index's entry for the item has, 0 if there is none.
func (t *table) entrySize(x *index, it item) int {
	if !t.indexes(x, it) {
		return 0
	}
	return t.projection(x).size(it)
}

// sizeInAll is how many bytes the item takes in the table and its local indexes. The limit of an
// item's size is of all that.
func (t *table) sizeInAll(it item) int {
	size := itemSize(it)
	for i := range t.Indexes {
		if x := &t.Indexes[i]; x.Local {
			size += t.entrySize(x, it)
		}
	}
	return size
}

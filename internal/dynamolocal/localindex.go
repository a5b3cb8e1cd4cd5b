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
	case list == nil:
		return nil
	case len(list) == 0:
		return invalidParameter("List of LocalSecondaryIndexes is empty")
	case len(t.Key.Range) == 0:
		return invalidParameter("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	for _, in := range list {
		x := index{Name: *in.IndexName, Local: true}
		var err error
		if x.Key, err = t.newKeySchema(in.KeySchema, 1); err != nil {
			return err
		}
		switch {
		case len(x.Key.Range) == 0:
			return invalidParameter("Index KeySchema does not have a range key for index: %s", x.Name)
		case x.Key.Hash[0] != t.Key.Hash[0]:
			return invalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. "+
				"index hash key: %s, table hash key: %s", x.Name, x.Key.Hash[0], t.Key.Hash[0])
		}
		if err := x.project(in.Projection); err != nil {
			return err
		}
		if t.index(x.Name) != nil {
			return duplicateIndex(x.Name)
		}
		t.Indexes = append(t.Indexes, x)
	}
	if len(list) > maxLocalIndexes {
		return invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
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
	if p.ProjectionType == "" {
		return invalidParameter("Unknown ProjectionType: null")
	}
	x.Projection, x.Include = p.ProjectionType, p.NonKeyAttributes
	switch isInclude := x.Projection == types.ProjectionTypeInclude; {
	case isInclude && x.Include == nil:
		return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case !isInclude && x.Include != nil:
		return invalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", x.Projection)
	}
	for i, name := range x.Include {
		if slices.Contains(x.Include[:i], name) {
			return invalidParameter("Duplicate NonKeyAttribute: %s", name)
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

package dynamolocal

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// metrics are what a write tells of itself, as far as it was asked to.
type metrics struct {
	capacity   *types.ConsumedCapacity
	collection *types.ItemCollectionMetrics
}

// askedMetrics are which of them a request asks for.
type askedMetrics struct {
	capacity   types.ReturnConsumedCapacity
	collection types.ReturnItemCollectionMetrics
}

// changedCollections are the item collections that writes have changed, table by table, each once.
// Only tables with local indexes have any.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ItemCollections
func changedCollections(writes []*write, changes []*change, asked types.ReturnItemCollectionMetrics) (map[string][]types.ItemCollectionMetrics, error) {
	if asked != types.ReturnItemCollectionMetricsSize {
		return nil, nil
	}
	var list map[string][]types.ItemCollectionMetrics
	seen := map[string]bool{}
	for i, c := range changes {
		t := c.table
		if writes[i].action == checkAction || c.old == nil && c.new == nil || t.localIndexes() == 0 {
			continue
		}
		hash := keySchema{Hash: t.Key.Hash}
		key := hash.of(writes[i].item)
		prefix := hash.encode(nil, key)
		if id := t.Name + "\x00" + string(prefix); seen[id] {
			continue
		} else {
			seen[id] = true
		}
		size, err := t.collectionSize(prefix)
		if err != nil {
			return nil, err
		}
		if list == nil {
			list = map[string][]types.ItemCollectionMetrics{}
		}
		list[t.Name] = append(list[t.Name], types.ItemCollectionMetrics{ItemCollectionKey: key, SizeEstimateRangeGB: gigabytes(size)})
	}
	return list, nil
}

const gigabyte = 1 << 30

// gigabytes are the whole ones between which a size in bytes lies.
func gigabytes(size uint64) []float64 {
	return []float64{float64(size / gigabyte), float64(size/gigabyte + 1)}
}

// collectionSize is at most how many bytes the items under keys with this prefix have, in the table
// and its local indexes. Where all that the table has is less than a gigabyte, it is that: a
// collection is read only where the answer depends on it.
func (t *openTable) collectionSize(prefix []byte) (uint64, error) {
	size := t.bucket.Sequence()
	for i := range t.Indexes {
		if x := &t.Indexes[i]; x.Local {
			size += t.indexSize(x)
		}
	}
	if size < gigabyte {
		return size, nil
	}
	return t.sumCollection(prefix)
}

// sumCollection reads the items under keys with this prefix, and adds up what collectionSize is of.
func (t *openTable) sumCollection(prefix []byte) (size uint64, err error) {
	err = keyRange{prefix, after(prefix)}.each(t.items, false, func(_, v []byte) (bool, error) {
		it, err := t.decodeItem(v)
		size += uint64(t.sizeInAll(it))
		return true, err
	})
	return size, err
}

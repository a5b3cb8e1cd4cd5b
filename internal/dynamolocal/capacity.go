package dynamolocal

import (
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A consumption is the capacity that a request has used of a table, in units.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
type consumption struct {
	named    string // the table as the request first names it, where there may be several
	table    float64
	indexes  map[indexName]float64
	transact transactKind
}

// An indexName is that of an index of a table, and which kind it is.
type indexName struct {
	name  string
	local bool
}

// A transactKind is what a transaction does, whose capacity counts twice and says which it is.
type transactKind int

const (
	noTransaction transactKind = iota
	transactRead
	transactWrite
)

// factor is how often a unit counts.
func (u *consumption) factor() float64 {
	if u.transact == noTransaction {
		return 1
	}
	return 2
}

const (
	readUnit  = 4 << 10
	writeUnit = 1 << 10
)

// readUnits are what reading so many bytes costs.
func readUnits(size int, consistent bool) float64 {
	units := float64(max(1, (size+readUnit-1)/readUnit))
	if !consistent {
		units /= 2
	}
	return units
}

func writeUnits(size int) float64 {
	return float64(max(1, (size+writeUnit-1)/writeUnit))
}

// read counts a read of so many bytes, of the table or of one of its indexes.
func (u *consumption) read(x *index, size int, consistent bool) {
	units := u.factor() * readUnits(size, consistent)
	if x == nil {
		u.table += units
		return
	}
	u.index(x, units)
}

func (u *consumption) index(x *index, units float64) {
	if u.indexes == nil {
		u.indexes = map[indexName]float64{}
	}
	u.indexes[indexName{x.Name, x.Local}] += units
}

// write counts a change in the table and in the indexes that follow it.
func (u *consumption) write(c *change) {
	factor := u.factor()
	u.table += factor * writeUnits(max(itemSize(c.old), itemSize(c.new)))
	for i := range c.table.Indexes {
		x := &c.table.Indexes[i]
		pr := c.table.projection(x)
		from, to := pr.of(c.old), pr.of(c.new)
		switch before, after := c.table.indexes(x, c.old), c.table.indexes(x, c.new); {
		case before && after && !equalItems(x.Key.of(from), x.Key.of(to)):
			u.index(x, factor*(writeUnits(itemSize(from))+writeUnits(itemSize(to))))
		case before && after && !equalItems(from, to):
			u.index(x, factor*writeUnits(max(itemSize(from), itemSize(to))))
		case before && !after:
			u.index(x, factor*writeUnits(itemSize(from)))
		case after && !before:
			u.index(x, factor*writeUnits(itemSize(to)))
		}
	}
}

func equalItems(a, b item) bool {
	return maps.EqualFunc(a, b, equal)
}

// of is the consumption as the request asked to have it: nil for NONE.
func (u *consumption) of(table string, asked types.ReturnConsumedCapacity) *types.ConsumedCapacity {
	if asked == "" || asked == types.ReturnConsumedCapacityNone {
		return nil
	}
	total := u.table
	for _, units := range u.indexes {
		total += units
	}
	c := &types.ConsumedCapacity{TableName: &table, CapacityUnits: &total}
	switch u.transact {
	case transactRead:
		c.ReadCapacityUnits = &total
	case transactWrite:
		c.WriteCapacityUnits = &total
	}
	if asked == types.ReturnConsumedCapacityIndexes {
		table := u.capacity(u.table)
		c.Table = &table
		for x, units := range u.indexes {
			indexes := &c.GlobalSecondaryIndexes
			if x.local {
				indexes = &c.LocalSecondaryIndexes
			}
			if *indexes == nil {
				*indexes = map[string]types.Capacity{}
			}
			(*indexes)[x.name] = u.capacity(units)
		}
	}
	return c
}

// capacity is what has been used of the table alone, or of an index.
func (u *consumption) capacity(units float64) types.Capacity {
	c := types.Capacity{CapacityUnits: &units}
	if u.transact == transactWrite {
		c.WriteCapacityUnits = &units
	}
	return c
}

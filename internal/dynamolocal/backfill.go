package dynamolocal

import (
	"bytes"
	"context"
	"slices"

	"go.etcd.io/bbolt"
)

// backfillBatch is how many items a step of a backfill looks at: few enough that the writes
// queued behind it do not wait for long.
const backfillBatch = 1000

// backfill fills all indexes that are not yet. A write made meanwhile enters an index by
// itself, and to fill in what is there already changes nothing: so a backfill that was
// interrupted begins anew.
func (db *DB) backfill(ctx context.Context) error {
	var names []string
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		for _, name := range tableNames(tx, "", maxTables) {
			t, err := db.open(tx, name)
			if err != nil {
				return err
			}
			if t.backfilling() {
				names = append(names, name)
			}
		}
		return nil
	})
	for _, name := range names {
		for from := []byte{}; err == nil && from != nil; {
			err = db.update(ctx, func(tx *bbolt.Tx) (err error) {
				from, err = db.backfillStep(tx, name, from)
				return err
			})
		}
	}
	return err
}

func (t *table) backfilling() bool {
	return slices.ContainsFunc(t.allIndexes(), func(x *index) bool { return x.Backfilling })
}

// backfillStep enters a batch of the items from the given key on into the table's indexes that
// are being filled. It returns the key to go on from; nil when all is done, or the table gone.
func (db *DB) backfillStep(tx *bbolt.Tx, name string, from []byte) (next []byte, err error) {
	t, err := db.open(tx, name)
	if err != nil || !t.backfilling() {
		return nil, nil
	}
	n := 0
	err = keyRange{from: from}.each(t.items, false, func(k, v []byte) (bool, error) {
		if n++; n > backfillBatch {
			next = bytes.Clone(k)
			return false, nil
		}
		it, err := decodeItem(v)
		if err != nil {
			return false, storageError{err}
		}
		key := bytes.Clone(k)
		for _, x := range t.allIndexes() {
			if !x.Backfilling {
				continue
			}
			if err := t.reindex(x, key, nil, it); err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil || next != nil {
		return next, err
	}
	filled := *t.table
	filled.Indexes = slices.Clone(t.Indexes)
	for i := range filled.Indexes {
		filled.Indexes[i].Backfilling = false
	}
	if t.TimeToLive != nil {
		ttl := *t.TimeToLive
		ttl.Backfilling = false
		filled.TimeToLive = &ttl
	}
	return nil, filled.save(t.bucket)
}

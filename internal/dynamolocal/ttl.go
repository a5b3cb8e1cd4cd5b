package dynamolocal

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// updateTimeToLive is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
func (db *DB) updateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput) (*dynamodb.UpdateTimeToLiveOutput, error) {
	spec := in.TimeToLiveSpecification
	var c constraints
	c.timeToLive(spec)
	name, err := c.requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		old, err := db.openNamed(tx, name)
		if err != nil {
			return err
		}
		t := *old.table
		switch {
		case old.TimeToLive == nil && !*spec.Enabled:
			return validation("TimeToLive is already disabled")
		case old.TimeToLive != nil && old.TimeToLive.Key.Hash[0] != *spec.AttributeName:
			return validation("TimeToLive is active on a different AttributeName")
		case old.TimeToLive != nil && *spec.Enabled:
			return validation("TimeToLive is already enabled")
		case *spec.Enabled:
			t.TimeToLive = &index{Key: keySchema{Hash: []string{*spec.AttributeName}}, Backfilling: true}
		default:
			t.TimeToLive = nil
		}
		if err := t.rebuild(tx, old.table); err != nil {
			return err
		}
		return t.save(old.bucket)
	})
	if err == nil {
		db.wakeUp()
	}
	return &dynamodb.UpdateTimeToLiveOutput{TimeToLiveSpecification: spec}, err
}

// describeTimeToLive is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
func (db *DB) describeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
	name, err := requiredTable(in.TableName)
	if err != nil {
		return nil, err
	}
	d := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		t, err := db.openNamed(tx, name)
		if err == nil && t.TimeToLive != nil {
			d.TimeToLiveStatus = types.TimeToLiveStatusEnabled
			d.AttributeName = aws.String(t.TimeToLive.Key.Hash[0])
		}
		return err
	})
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: d}, err
}

// sweepBatch is how many expired items are deleted at once: few enough that the writes queued
// behind them do not wait for long.
const sweepBatch = 100

// sweep deletes the items that have expired by now, in batches.
func (db *DB) sweep(ctx context.Context, now time.Time) error {
	var names []string
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		for _, name := range tableNames(tx, "", maxTables) {
			t, err := db.open(tx, name)
			if err != nil {
				return err
			}
			if len(t.expired(now, 1)) > 0 {
				names = append(names, name)
			}
		}
		return nil
	})
	for _, name := range names {
		for more := true; err == nil && more; {
			err = db.update(ctx, func(tx *bbolt.Tx) (err error) {
				more, err = db.sweepStep(tx, name, now)
				return err
			})
		}
	}
	return err
}

// sweepStep deletes a batch of expired items. It returns whether there may be more.
func (db *DB) sweepStep(tx *bbolt.Tx, name string, now time.Time) (more bool, err error) {
	t, err := db.open(tx, name)
	if err != nil {
		return false, nil // the table is gone
	}
	if err := db.adoptStream(tx, t.table); err != nil {
		return false, err
	}
	t.isExpiring = true
	keys := t.expired(now, sweepBatch)
	for _, key := range keys {
		it, err := t.get(key)
		if err != nil {
			return false, storageError{err}
		}
		if err := t.replace(key, it, nil); err != nil {
			return false, err
		}
	}
	return len(keys) == sweepBatch, nil
}

// expired are the keys of the items whose time to live, in seconds since 1970, is over: at
// most limit, the oldest first. As on AWS, a time more than five years ago is taken for
// something else.
func (t *openTable) expired(now time.Time, limit int) [][]byte {
	if t.TimeToLive == nil {
		return nil
	}
	bound := func(at time.Time) []byte {
		return appendKeyValue(nil, &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)})
	}
	var keys [][]byte
	due := keyRange{bound(now.AddDate(-5, 0, 0)), after(bound(now))}
	due.each(t.indexBucket(t.TimeToLive), false, func(_, key []byte) (bool, error) {
		keys = append(keys, bytes.Clone(key))
		return len(keys) < limit, nil
	})
	return keys
}

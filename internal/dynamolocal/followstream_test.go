package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// followUntil reads a stream until there are n records, or an error.
func followUntil(db *DB, table string, after SequenceNumber, n int) (records []*StreamRecord, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for r, err := range db.StreamRecords(ctx, table, after) {
		if err != nil {
			return records, err
		}
		if records = append(records, r); len(records) == n {
			return records, nil
		}
	}
	return records, ctx.Err()
}

func idsOf(records []*StreamRecord) string {
	var all []string
	for _, r := range records {
		all = append(all, nameOf(r.Keys))
	}
	return strings.Join(all, " ")
}

// TestStreamRecords has several read one stream while others write, by groups and in transactions, some of which are
// refused: each reader gets each change once, in the order of the numbers, which for one item is that of its
// changes, and what of one transaction follows in its order.
func TestStreamRecords(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewAndOldImages)
	createStreamed(t, db, "other", types.StreamViewTypeNewAndOldImages)
	const writers, each, readers = 8, 60, 4
	var failed atomic.Int32
	var writing, reading sync.WaitGroup
	got := make([][]*StreamRecord, readers)
	for i := range readers {
		reading.Go(func() {
			after := SequenceNumber(0)
			for len(got[i]) < writers*each*3 { // some leave, and go on where they were
				records, err := followUntil(db, "streamed", after, min(1+i*97, writers*each*3-len(got[i])))
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = append(got[i], records...)
				after = records[len(records)-1].SequenceNumber
			}
		})
	}
	for w := range writers {
		writing.Go(func() {
			for n := range each {
				put := func(id string) types.TransactWriteItem {
					return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("streamed"), Item: item{"id": text(id), "n": number64(int64(n))}}}
				}
				_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					put(fmt.Sprint("z", w)), put(fmt.Sprint("a", w)),
					{Put: &types.Put{TableName: aws.String("other"), Item: item{"id": text(fmt.Sprint(w)), "n": number64(int64(n))}}},
				}})
				if err != nil {
					t.Error(err)
				}
				_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("streamed"), Item: item{"id": text(fmt.Sprint("z", w))},
					ConditionExpression: aws.String("attribute_not_exists(id)")})
				if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
					failed.Add(1)
				}
				_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: aws.String("streamed"), Key: item{"id": text("sum")},
					UpdateExpression: aws.String("ADD n :one"), ExpressionAttributeValues: item{":one": number64(1)}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 5 {
		tend(t, db, time.Now().Add(time.Duration(i+1)*shardLife)) // another shard, and not a day is over
		time.Sleep(5 * time.Millisecond)
	}
	if n := len(describe(t, serveStreams(t, db), id).Shards); n != 6 {
		t.Errorf("%d shards", n)
	}
	writing.Wait()
	reading.Wait()
	if failed.Load() != writers*each {
		t.Errorf("%d of %d writes were refused", failed.Load(), writers*each)
	}
	number := func(it item) string {
		n, _ := it["n"].(*types.AttributeValueMemberN)
		if n == nil {
			return ""
		}
		return n.Value
	}
	images := map[string]item{}
	for i, r := range got[0] {
		id := nameOf(r.Keys)
		if want := images[id]; !equalItems(r.OldImage, want) || r.NewImage == nil {
			t.Fatalf("record %d of %s: it was %v; want %v", i, id, r.OldImage, want)
		}
		if isNew := images[id] == nil; isNew != (r.EventName == streamtypes.OperationTypeInsert) {
			t.Fatalf("record %d of %s is %s", i, id, r.EventName)
		}
		images[id] = r.NewImage
		if i > 0 && r.SequenceNumber <= got[0][i-1].SequenceNumber {
			t.Fatalf("%d follows %d", r.SequenceNumber, got[0][i-1].SequenceNumber)
		}
		if id[0] == 'a' {
			before := got[0][i-1]
			if nameOf(before.Keys) != "z"+id[1:] || number(before.NewImage) != number(r.NewImage) || before.SequenceNumber != r.SequenceNumber-1 {
				t.Fatalf("%s at %d follows %s at %d", id, r.SequenceNumber, nameOf(before.Keys), before.SequenceNumber)
			}
		}
	}
	if got := number(images["sum"]); got != fmt.Sprint(writers*each) {
		t.Errorf("the sum is %s; want %d", got, writers*each)
	}
	for i := range readers {
		if !slices.EqualFunc(got[i], got[0], func(a, b *StreamRecord) bool { return a.SequenceNumber == b.SequenceNumber }) {
			t.Errorf("reader %d has %d others than the first", i, len(got[i]))
		}
	}
}

// TestStreamRecordsWaits shows that who waits reads nothing until something is written to the table, and leaves
// nothing behind.
func TestStreamRecordsWaits(t *testing.T) {
	db := openTemp(t)
	createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	createStreamed(t, db, "other", types.StreamViewTypeKeysOnly)
	goroutines := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	records, ended := make(chan *StreamRecord), make(chan struct{})
	go func() {
		defer close(ended)
		for r, err := range db.StreamRecords(ctx, "streamed", db.LatestSequenceNumber()) {
			if err != nil {
				t.Error(err)
			}
			records <- r
		}
	}()
	putText(t, db, "streamed", "a")
	if r := <-records; nameOf(r.Keys) != "a" {
		t.Errorf("got %v", r)
	}
	settle := func() (reads int) { // also those of the background, at its beginning
		for still := 0; still < 5; still++ {
			before := reads
			time.Sleep(20 * time.Millisecond)
			if reads = db.bolt.Stats().TxN; reads != before {
				still = 0
			}
		}
		return reads
	}
	before := settle()
	time.Sleep(100 * time.Millisecond)
	if n := db.bolt.Stats().TxN - before; n != 0 {
		t.Errorf("%d reads while nothing is written", n)
	}
	putText(t, db, "other", "b")
	if n := settle() - before; n > 1 { // the put may begin one
		t.Errorf("%d reads for a write of another table", n)
	}
	putText(t, db, "streamed", "c")
	if r := <-records; nameOf(r.Keys) != "c" {
		t.Errorf("got %v", r)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	for range 100 {
		if runtime.NumGoroutine() <= goroutines {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, and before %d", n, goroutines)
	}
	db.feed.mu.Lock()
	defer db.feed.mu.Unlock()
	if len(db.feed.readers) != 0 {
		t.Errorf("readers are left: %v", db.feed.readers)
	}
}

// TestStreamRecordsEnds shows each error, and where it comes.
func TestStreamRecordsEnds(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		name string
		// what happens, and the position to read from
		setUp func(t *testing.T, db *DB, id streamID) SequenceNumber
		want  string // the records before the error
		err   error
	}{
		{"a table that is not there", func(t *testing.T, db *DB, _ streamID) SequenceNumber {
			must(t, db, `DeleteTable {"TableName":"streamed"}`)
			return 0
		}, "", nil},
		{"a stream that is disabled", func(t *testing.T, db *DB, _ streamID) SequenceNumber {
			must(t, db, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":false}}`)
			return 0
		}, "", ErrNoStream},
		{"a position before what is trimmed", func(t *testing.T, db *DB, id streamID) SequenceNumber {
			at := db.LatestSequenceNumber()
			putText(t, db, "streamed", "b")
			putText(t, db, "streamed", "c")
			age(t, db, id, 25*time.Hour, 25*time.Hour, 0)
			tend(t, db, time.Now())
			return at
		}, "", ErrTrimmed},
		{"a position of an earlier stream", func(t *testing.T, db *DB, id streamID) SequenceNumber {
			at := db.LatestSequenceNumber()
			must(t, db, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":false}}`)
			putText(t, db, "streamed", "b")
			must(t, db, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
			return at
		}, "", ErrTrimmed},
		{"a position of other data", func(t *testing.T, db *DB, id streamID) SequenceNumber {
			return db.LatestSequenceNumber() + 1
		}, "", ErrTrimmed},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := openTemp(t)
			id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
			putText(t, db, "streamed", "a")
			records, err := followUntil(db, "streamed", test.setUp(t, db, id), -1)
			if got := idsOf(records); got != test.want || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("%q, then %v; want %q, then %v", got, err, test.want, test.err)
			}
			if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok != (test.err == nil) {
				t.Errorf("%v", err)
			}
		})
	}
	for _, test := range []struct {
		name string
		end  func(db *DB) error
		err  error
	}{
		{"the stream is disabled meanwhile", func(db *DB) error {
			_, err := db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String("streamed"), StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}})
			return err
		}, ErrStreamEnded},
		{"the table is deleted meanwhile", func(db *DB) error {
			_, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("streamed")})
			return err
		}, ErrStreamEnded},
		{"the engine is closed meanwhile", (*DB).Close, ErrClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := openTemp(t)
			createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
			waits, ended := make(chan struct{}), make(chan error, 1)
			go func() {
				var last error
				for r, err := range db.StreamRecords(ctx, "streamed", 0) {
					if last = err; r != nil && nameOf(r.Keys) == "a" {
						close(waits)
					}
				}
				ended <- last
			}()
			putText(t, db, "streamed", "a")
			<-waits
			if err := test.end(db); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-ended:
				if !errors.Is(err, test.err) {
					t.Errorf("ended with %v; want %v", err, test.err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it does not end")
			}
		})
	}
}

// TestStreamRecordsAcrossOpens goes on where another process has ended, also past a shard.
func TestStreamRecordsAcrossOpens(t *testing.T) {
	dir := t.TempDir()
	var after SequenceNumber
	var got []string
	for i := range 4 {
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
			after = db.LatestSequenceNumber()
		} else {
			records, err := followUntil(db, "streamed", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, idsOf(records))
			after = records[1].SequenceNumber
		}
		putText(t, db, "streamed", fmt.Sprint("a", i))
		if i == 1 {
			tend(t, db, time.Now().Add(shardLife))
		}
		putText(t, db, "streamed", fmt.Sprint("b", i))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a0 b0", "a1 b1", "a2 b2"}; !slices.Equal(got, want) {
		t.Errorf("got %q; want %q", got, want)
	}
}

// TestStreamOfAGroupThatFails has the file refuse a group: its records were never there, and their numbers are
// given again.
func TestStreamOfAGroupThatFails(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	put := func(id string) func(tx *bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			c, err := db.prepare(tx, &write{table: "streamed", item: item{"id": text(id)}})
			if err != nil {
				return err
			}
			return c.apply()
		}
	}
	before := db.LatestSequenceNumber()
	db.writeGroup([]*writeRequest{
		{apply: put("lost"), done: make(chan struct{})},
		{apply: func(*bbolt.Tx) error { return storageError{errors.New("the disk has failed")} }, done: make(chan struct{})},
	})
	if after := db.LatestSequenceNumber(); after != before {
		t.Errorf("the last number is %d, and was %d", after, before)
	}
	if err := db.update(ctx, put("kept")); err != nil {
		t.Fatal(err)
	}
	records, err := followUntil(db, "streamed", 0, 1)
	if err != nil || idsOf(records) != "kept" || records[0].SequenceNumber != before+1 {
		t.Errorf("%v, %v", records, err)
	}
}

// TestStreamRecordsAfterDroppedShards reads on from a record that was trimmed with its shard, after which nothing is missing.
func TestStreamRecordsAfterDroppedShards(t *testing.T) {
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	putText(t, db, "streamed", "a")
	last := db.LatestSequenceNumber()
	age(t, db, id, streamRetention)
	now := time.Now()
	for _, at := range []time.Duration{shardLife, shardLife + streamRetention, 2*shardLife + streamRetention} {
		tend(t, db, now.Add(at))
	}
	db.view(t.Context(), func(tx *bbolt.Tx) error {
		s, err := openStream(tx, id)
		if err != nil {
			t.Fatal(err)
		}
		if s.Shards[0].First == s.Begin {
			t.Error("the first shard is there still")
		}
		return nil
	})
	putText(t, db, "streamed", "b")
	for record, err := range db.StreamRecords(t.Context(), "streamed", last) {
		if err != nil || record.Keys["id"].(*types.AttributeValueMemberS).Value != "b" {
			t.Errorf("%v, %v", record, err)
		}
		break
	}
	for _, err := range db.StreamRecords(t.Context(), "streamed", last-1) {
		if !errors.Is(err, ErrTrimmed) {
			t.Errorf("before the record that is gone: %v", err)
		}
		break
	}
}

// TestStreamRecordsOfDamage tells one who waits that nothing will come any more, once all that there is was given.
func TestStreamRecordsOfDamage(t *testing.T) {
	db := openTemp(t)
	createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	putText(t, db, "streamed", "a")
	given := 0
	for _, err := range db.StreamRecords(t.Context(), "streamed", 0) {
		if err != nil {
			if given != 1 || !strings.Contains(err.Error(), ErrDamaged.Error()) {
				t.Errorf("after %d records: %v", given, err)
			}
			return
		}
		given++
		time.AfterFunc(20*time.Millisecond, func() { db.foundDamage("a page that is none") }) // while it waits
	}
	t.Error("it ends without an error")
}

package dynamolocal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// age makes the stream's records older, each by its time; a negative one is to come.
func age(t testing.TB, db *DB, id streamID, by ...time.Duration) {
	t.Helper()
	err := db.update(context.Background(), func(tx *bbolt.Tx) error {
		records := tx.Bucket(id.recordsName())
		var keys [][]byte
		if err := records.ForEach(func(k, _ []byte) error { keys = append(keys, bytes.Clone(k)); return nil }); err != nil {
			return err
		}
		if len(keys) != len(by) {
			return fmt.Errorf("%d records, not %d", len(keys), len(by))
		}
		for i, k := range keys {
			v := bytes.Clone(records.Get(k))
			binary.BigEndian.PutUint64(v[1:], uint64(time.UnixMilli(recordTime(v)).Add(-by[i]).UnixMilli()))
			if err := records.Put(k, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tend does what is due of streams at a time.
func tend(t testing.TB, db *DB, at time.Time) {
	t.Helper()
	if err := db.tendStreams(context.Background(), at); err != nil {
		t.Fatal(err)
	}
}

// TestTrim shows that records go after a day, and what that means for iterators; and what a clock that was
// wrong leads to.
func TestTrim(t *testing.T) {
	for _, test := range []struct {
		name string
		ages []time.Duration
		want string // the records that stay
	}{
		{"none is old", []time.Duration{23 * time.Hour, time.Hour, 0}, "0 1 2"},
		{"some are", []time.Duration{25 * time.Hour, 24 * time.Hour, time.Hour}, "2"},
		{"all are", []time.Duration{25 * time.Hour, 25 * time.Hour, 25 * time.Hour}, ""},
		{"the first was written by a clock that was ahead", []time.Duration{-time.Hour, 25 * time.Hour, 0}, "2"},
		{"all are of a time to come", []time.Duration{-time.Hour, -time.Hour, -1000 * time.Hour}, "0 1 2"},
		{"one behind others was written by a clock that was behind", []time.Duration{time.Hour, 400 * 24 * time.Hour, 0}, "0 1 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := context.Background()
			db := openTemp(t)
			client := serveStreams(t, db)
			id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
			begin := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
			latest := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeLatest)
			for i := range test.ages {
				putText(t, db, "streamed", fmt.Sprint(i))
			}
			all, _ := readAll(t, client, begin, 1000)
			age(t, db, id, test.ages...)
			tend(t, db, time.Now())
			rest, _ := readAll(t, client, begin, 1000)
			if got := ids(t, rest); got != test.want {
				t.Fatalf("%q stay; want %q", got, test.want)
			}
			gone := len(all) - len(rest)
			_, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: latest})
			if _, isTrimmed := errors.AsType[*streamtypes.TrimmedDataAccessException](err); isTrimmed != (gone > 0) {
				t.Errorf("from before the first: %v", err)
			}
			for i, r := range all {
				_, err := iterator(t, client, id, 0, streamtypes.ShardIteratorTypeAtSequenceNumber, *r.Dynamodb.SequenceNumber)
				if _, isTrimmed := errors.AsType[*streamtypes.TrimmedDataAccessException](err); isTrimmed != (i < gone) {
					t.Errorf("at record %d: %v", i, err)
				}
				_, err = iterator(t, client, id, 0, streamtypes.ShardIteratorTypeAfterSequenceNumber, *r.Dynamodb.SequenceNumber)
				if _, isTrimmed := errors.AsType[*streamtypes.TrimmedDataAccessException](err); isTrimmed != (i < gone-1) {
					t.Errorf("after record %d: %v", i, err)
				}
			}
			putText(t, db, "streamed", "last")
			more, _ := readAll(t, client, begin, 1000)
			if got := ids(t, more); got != strings.TrimSpace(test.want+" last") {
				t.Errorf("then there are %q", got)
			}
			if report, err := db.Check(ctx); err != nil || len(report.Problems) > 0 {
				t.Errorf("check: %v, %v", report, err)
			}
		})
	}
}

// TestTrimInBatches shows that no transaction deletes more than a batch.
func TestTrimInBatches(t *testing.T) {
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	err := db.update(context.Background(), func(tx *bbolt.Tx) error {
		open, err := db.open(tx, "streamed")
		for i := 0; err == nil && i < 2*trimBatch+500; i++ {
			it := item{"id": text(fmt.Sprint(i))}
			err = open.replace(open.Key.encode(nil, it), nil, it)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	left := func() (n int) {
		err := db.view(context.Background(), func(tx *bbolt.Tx) error {
			n = tx.Bucket(id.recordsName()).Stats().KeyN
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	last := SequenceNumber(db.feed.latest())
	for want := trimBatch + 500; want > 0; want -= trimBatch {
		var more bool
		err := db.update(context.Background(), func(tx *bbolt.Tx) (err error) { more, err = trimStep(tx, id, last); return err })
		if got := left(); err != nil || !more || got != want {
			t.Fatalf("%d records are left, %v, %v; want %d", got, more, err, want)
		}
	}
	tend(t, db, time.Now().Add(25*time.Hour))
	if got := left(); got != 0 {
		t.Errorf("%d records are left", got)
	}
}

// TestTrimOfLargeRecords frees no more at once than trimSize and a record.
func TestTrimOfLargeRecords(t *testing.T) {
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewImage)
	const size, number = 390_000, 50
	for range number {
		must(t, db, `PutItem {"TableName":"streamed","Item":{"id":{"S":"a"},"n":{"S":%q},"x":{"S":%q}}}`, rand.Text(), strings.Repeat("x", size))
	}
	steps := 0
	for more := true; more; steps++ {
		err := db.update(t.Context(), func(tx *bbolt.Tx) (err error) { more, err = trimStep(tx, id, db.feed.latest()); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := number*size/trimSize + 1; steps != want {
		t.Errorf("%d steps, want %d", steps, want)
	}
	db.view(t.Context(), func(tx *bbolt.Tx) error {
		if n := tx.Bucket(id.recordsName()).Stats().KeyN; n != 0 {
			t.Errorf("%d records are left", n)
		}
		return nil
	})
}

// TestShards shows how a shard is closed after four hours, and another opened; and goes after a day.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html#Streams.Processing
func TestShards(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	putText(t, db, "streamed", "a")
	latest := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeLatest)
	begun := time.Now()
	tend(t, db, begun.Add(shardLife-time.Minute))
	if n := len(describe(t, client, id).Shards); n != 1 {
		t.Fatalf("%d shards before %v", n, shardLife)
	}
	tend(t, db, begun.Add(shardLife))
	putText(t, db, "streamed", "b")
	tend(t, db, begun.Add(2*shardLife))
	putText(t, db, "streamed", "c")
	shards := describe(t, client, id).Shards
	if len(shards) != 3 {
		t.Fatalf("%d shards", len(shards))
	}
	for i, s := range shards {
		r := s.SequenceNumberRange
		if isOpen := i == 2; isOpen != (r.EndingSequenceNumber == nil) {
			t.Errorf("shard %d ends at %v", i, r.EndingSequenceNumber)
		}
		switch {
		case i == 0 && s.ParentShardId != nil:
			t.Errorf("the first has the parent %s", *s.ParentShardId)
		case i > 0 && (*s.ParentShardId != *shards[i-1].ShardId || *s.ShardId <= *shards[i-1].ShardId ||
			*r.StartingSequenceNumber <= *shards[i-1].SequenceNumberRange.EndingSequenceNumber):
			t.Errorf("%v follows %v", s, shards[i-1])
		}
		records, next := readAll(t, client, mustIterator(t, client, id, i, streamtypes.ShardIteratorTypeTrimHorizon), 1000)
		if got := ids(t, records); got != "abc"[i:i+1] || (next == nil) != (i < 2) {
			t.Errorf("shard %d has %q, and then %v", i, got, next)
		}
		for _, at := range []*string{r.StartingSequenceNumber, r.EndingSequenceNumber} {
			if at == nil {
				continue
			}
			if _, err := iterator(t, client, id, i, streamtypes.ShardIteratorTypeAtSequenceNumber, *at); err != nil {
				t.Errorf("shard %d at %s: %v", i, *at, err)
			}
			if _, err := iterator(t, client, id, (i+1)%3, streamtypes.ShardIteratorTypeAtSequenceNumber, *at); err == nil {
				t.Errorf("shard %d has %s of shard %d", (i+1)%3, *at, i)
			}
		}
	}
	if records, next := readAll(t, client, latest, 1000); len(records) > 0 || next != nil {
		t.Errorf("at the end of the first: %v, %v", records, next)
	}
	var pages []string
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(id.arn()), Limit: aws.Int32(1)}
	for {
		out, err := client.DescribeStream(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.StreamDescription.Shards {
			pages = append(pages, *s.ShardId)
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			break
		}
	}
	if want := []string{*shards[0].ShardId, *shards[1].ShardId, *shards[2].ShardId}; !slices.Equal(pages, want) {
		t.Errorf("page by page: %v; want %v", pages, want)
	}
	children, err := client.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(id.arn()),
		ShardFilter: &streamtypes.ShardFilter{Type: streamtypes.ShardFilterTypeChildShards, ShardId: shards[0].ShardId}})
	if err != nil || len(children.StreamDescription.Shards) != 1 || *children.StreamDescription.Shards[0].ShardId != *shards[1].ShardId {
		t.Errorf("children of the first: %v, %v", children, err)
	}

	old := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	tend(t, db, begun.Add(streamRetention+shardLife+time.Minute))
	left := describe(t, client, id).Shards
	if len(left) != 3 || *left[0].ShardId != *shards[1].ShardId || *left[0].ParentShardId != *shards[0].ShardId {
		t.Fatalf("after a day there are %v", left)
	}
	_, err = client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: old})
	if _, ok := errors.AsType[*streamtypes.TrimmedDataAccessException](err); !ok {
		t.Errorf("an iterator of the first: %v", err)
	}
	_, err = client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: aws.String(id.arn()),
		ShardId: shards[0].ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon})
	if _, ok := errors.AsType[*streamtypes.ResourceNotFoundException](err); !ok {
		t.Errorf("a new one: %v", err)
	}
	for hours := range 100 {
		tend(t, db, begun.Add(streamRetention+shardLife+time.Duration(hours)*time.Hour))
	}
	if n := len(describe(t, client, id).Shards); n > 8 {
		t.Errorf("there are %d shards", n)
	}
	if report, err := db.Check(ctx); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %v, %v", report, err)
	}
}

// TestShardsWhereTheClockGoesBack have names in their order all the same.
func TestShardsWhereTheClockGoesBack(t *testing.T) {
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	err := db.update(context.Background(), func(tx *bbolt.Tx) error {
		s, err := openStream(tx, id)
		if err != nil {
			return err
		}
		for range 3 {
			if err := errors.Join(db.closeShard(tx, s, time.Now()), db.openShard(tx, s, time.Unix(0, 0))); err != nil {
				return err
			}
		}
		for i, shard := range s.Shards[1:] {
			if shard.ID <= s.Shards[i].ID || shard.First <= s.Shards[i].Last || s.Shards[i].Last <= s.Shards[i].First {
				t.Errorf("%v follows %v", shard, s.Shards[i])
			}
		}
		return s.save(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDisabledStreams stay for a day: those of a table that has another by now, and of one that is deleted.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html#Streams.Enabling
func TestDisabledStreams(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	first := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	putText(t, db, "streamed", "a")
	must(t, db, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":false}}`)
	must(t, db, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}`)
	table, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("streamed")})
	if err != nil {
		t.Fatal(err)
	}
	second := streamID{"streamed", *table.Table.LatestStreamLabel}
	putText(t, db, "streamed", "b")
	must(t, db, `DeleteTable {"TableName":"streamed"}`)
	disabled := time.Now()
	for i, id := range []streamID{first, second} {
		d := describe(t, client, id)
		if d.StreamStatus != streamtypes.StreamStatusDisabled || len(d.Shards) != 1 || d.Shards[0].SequenceNumberRange.EndingSequenceNumber == nil ||
			*d.KeySchema[0].AttributeName != "id" {
			t.Errorf("%v is %v", id, d)
		}
		records, next := readAll(t, client, mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon), 1000)
		if got := ids(t, records); got != "ab"[i:i+1] || next != nil {
			t.Errorf("%v has %q, and then %v", id, got, next)
		}
	}
	it := mustIterator(t, client, second, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	third := createStreamed(t, db, "streamed", types.StreamViewTypeOldImage)
	list := func() (arns []string) {
		in := &dynamodbstreams.ListStreamsInput{Limit: aws.Int32(2)}
		for {
			out, err := client.ListStreams(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range out.Streams {
				arns = append(arns, *s.StreamArn)
			}
			if in.ExclusiveStartStreamArn = out.LastEvaluatedStreamArn; in.ExclusiveStartStreamArn == nil {
				return arns
			}
		}
	}
	if got, want := list(), []string{first.arn(), second.arn(), third.arn()}; !slices.Equal(got, want) {
		t.Errorf("streams %v; want %v", got, want)
	}
	tend(t, db, disabled.Add(streamRetention-time.Minute))
	if got := list(); len(got) != 3 {
		t.Errorf("before a day is over there are %v", got)
	}
	tend(t, db, disabled.Add(streamRetention+time.Minute))
	if got, want := list(), []string{third.arn()}; !slices.Equal(got, want) {
		t.Errorf("after a day there are %v; want %v", got, want)
	}
	_, err = client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: it})
	if _, ok := errors.AsType[*streamtypes.ResourceNotFoundException](err); !ok {
		t.Errorf("an iterator of one that is gone: %v", err)
	}
	err = db.view(ctx, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if strings.Contains(string(name), first.label) || strings.Contains(string(name), second.label) {
				t.Errorf("the bucket %s is left", name)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLabelsDiffer though streams are made within a millisecond, of one table or of two of one name.
func TestLabelsDiffer(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	now := time.Now()
	seen := map[string]bool{}
	for range 20 {
		err := db.update(ctx, func(tx *bbolt.Tx) error {
			made := &table{Name: "streamed", Key: keySchema{Hash: []string{"id"}}}
			enabled := *made
			enabled.Stream = stream{View: types.StreamViewTypeKeysOnly, Label: streamLabel(now)}
			if err := db.restream(tx, made, &enabled, now); err != nil {
				return err
			}
			if seen[enabled.Stream.Label] {
				t.Errorf("%s is there twice", enabled.Stream.Label)
			}
			seen[enabled.Stream.Label] = true
			return db.restream(tx, &enabled, &table{}, now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	createStreamed(t, db, "other", types.StreamViewTypeKeysOnly)
	for range 20 {
		must(t, db, `UpdateTable {"TableName":"other","StreamSpecification":{"StreamEnabled":false}}`)
		must(t, db, `UpdateTable {"TableName":"other","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
		must(t, db, `DeleteTable {"TableName":"other"}`)
		createStreamed(t, db, "other", types.StreamViewTypeKeysOnly)
	}
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		if n := len(streams(tx, "streamed")); n != 20 {
			t.Errorf("%d streams", n)
		}
		if n := len(streams(tx, "other")); n != 41 {
			t.Errorf("%d streams of the other", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

// streamsClient is the SDK's client for the streams of an endpoint.
func streamsClient(endpoint string) *dynamodbstreams.Client {
	return dynamodbstreams.New(dynamodbstreams.Options{
		BaseEndpoint: &endpoint, Region: "local", Credentials: credentials.NewStaticCredentialsProvider("dummy", "dummy", ""),
	})
}

// serveStreams serves the engine, and is the SDK's client of its streams.
func serveStreams(t testing.TB, db *DB) *dynamodbstreams.Client {
	t.Helper()
	server := httptest.NewServer(db.Handler())
	t.Cleanup(server.Close)
	return streamsClient(server.URL)
}

// createStreamed makes a table with a stream, and returns the stream's name.
func createStreamed(t testing.TB, db *DB, table string, view types.StreamViewType) streamID {
	t.Helper()
	out, err := db.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName: &table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: view},
	})
	if err != nil {
		t.Fatal(err)
	}
	return streamID{table, *out.TableDescription.LatestStreamLabel}
}

func putText(t testing.TB, db *DB, table, id string) {
	t.Helper()
	must(t, db, `PutItem {"TableName":%q,"Item":{"id":{"S":%q}}}`, table, id)
}

func describe(t testing.TB, client *dynamodbstreams.Client, id streamID) *streamtypes.StreamDescription {
	t.Helper()
	out, err := client.DescribeStream(context.Background(), &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(id.arn())})
	if err != nil {
		t.Fatal(err)
	}
	return out.StreamDescription
}

// iterator is an iterator of the stream's n-th shard.
func iterator(t testing.TB, client *dynamodbstreams.Client, id streamID, n int, kind streamtypes.ShardIteratorType, at string) (*string, error) {
	t.Helper()
	in := &dynamodbstreams.GetShardIteratorInput{
		StreamArn: aws.String(id.arn()), ShardId: describe(t, client, id).Shards[n].ShardId, ShardIteratorType: kind,
	}
	if at != "" {
		in.SequenceNumber = &at
	}
	out, err := client.GetShardIterator(context.Background(), in)
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

func mustIterator(t testing.TB, client *dynamodbstreams.Client, id streamID, n int, kind streamtypes.ShardIteratorType) *string {
	t.Helper()
	it, err := iterator(t, client, id, n, kind, "")
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// readAll reads from an iterator on until nothing comes, and returns the next iterator.
func readAll(t testing.TB, client *dynamodbstreams.Client, it *string, limit int32) (records []streamtypes.Record, next *string) {
	t.Helper()
	for it != nil {
		out, err := client.GetRecords(context.Background(), &dynamodbstreams.GetRecordsInput{ShardIterator: it, Limit: &limit})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Records) > int(limit) {
			t.Fatalf("%d records, of a limit of %d", len(out.Records), limit)
		}
		records = append(records, out.Records...)
		if it = out.NextShardIterator; len(out.Records) == 0 {
			break
		}
	}
	return records, it
}

func plainItem(t testing.TB, from map[string]streamtypes.AttributeValue) item {
	t.Helper()
	it, err := attributevalue.FromDynamoDBStreamsMap(from)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// ids are the table's keys in the records.
func ids(t testing.TB, records []streamtypes.Record) string {
	var all []string
	for _, r := range records {
		all = append(all, plainItem(t, r.Dynamodb.Keys)["id"].(*types.AttributeValueMemberS).Value)
	}
	return strings.Join(all, " ")
}

// TestStreamsClient reads a stream by the SDK's client: every type of value, pages of each limit, the same
// records by any iterator, and numbers that rise.
func TestStreamsClient(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewAndOldImages)
	old := item{"id": text("all"), "S": text("é\x00\""), "N": number64(-15), "B": &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"SS": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "NS": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"BS": &types.AttributeValueMemberBS{Value: [][]byte{{1}}}, "NULL": &types.AttributeValueMemberNULL{Value: true},
		"BOOL": &types.AttributeValueMemberBOOL{Value: false},
		"L":    &types.AttributeValueMemberL{Value: []types.AttributeValue{text(""), &types.AttributeValueMemberM{Value: item{}}}},
		"M":    &types.AttributeValueMemberM{Value: item{"k": &types.AttributeValueMemberL{Value: []types.AttributeValue{}}}}}
	begun := time.Now()
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &id.table, Item: old}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &id.table, Key: item{"id": text("all")}}); err != nil {
		t.Fatal(err)
	}
	it := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	records, it := readAll(t, client, it, 1)
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	if diff := cmp.Diff(old, plainItem(t, records[0].Dynamodb.NewImage), cmpItems); diff != "" || records[0].Dynamodb.OldImage != nil {
		t.Errorf("put: %s, %v", diff, records[0].Dynamodb.OldImage)
	}
	if diff := cmp.Diff(old, plainItem(t, records[1].Dynamodb.OldImage), cmpItems); diff != "" || records[1].Dynamodb.NewImage != nil {
		t.Errorf("deleted: %s, %v", diff, records[1].Dynamodb.NewImage)
	}
	for i, r := range records {
		at := *r.Dynamodb.ApproximateCreationDateTime
		if at.Nanosecond() != 0 || at.After(time.Now()) || begun.Sub(at) > time.Second {
			t.Errorf("record %d is of %v", i, at)
		}
		if want := int64(itemSize(old) + len("idall")); *r.Dynamodb.SizeBytes != want || r.UserIdentity != nil || len(*r.EventID) != 32 {
			t.Errorf("record %d: %d bytes, %v, %q; want %d", i, *r.Dynamodb.SizeBytes, r.UserIdentity, *r.EventID, want)
		}
	}
	const n = 2345
	for from := 0; from < n; from += maxBatchWrite {
		var writes []types.WriteRequest
		for i := from; i < min(from+maxBatchWrite, n); i++ {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item{"id": text(fmt.Sprintf("%05d", i))}}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{id.table: writes}}); err != nil {
			t.Fatal(err)
		}
	}
	first, _ := readAll(t, client, it, 1000)
	second, _ := readAll(t, client, it, 7)
	if len(first) != n || len(second) != n {
		t.Fatalf("%d and %d records of %d", len(first), len(second), n)
	}
	for i, r := range first {
		if want := fmt.Sprintf("%05d", i); ids(t, first[i:i+1]) != want || *r.EventID != *second[i].EventID {
			t.Fatalf("record %d is %v; want %s, twice the same", i, r, want)
		}
		if i > 0 && *r.Dynamodb.SequenceNumber <= *first[i-1].Dynamodb.SequenceNumber {
			t.Fatalf("%s follows %s", *r.Dynamodb.SequenceNumber, *first[i-1].Dynamodb.SequenceNumber)
		}
	}
}

// cmpItems compares values whatever package dynamodb has beside them.
var cmpItems = cmp.Comparer(func(a, b types.AttributeValue) bool { return equal(a, b) })

// TestStreamOfLargeItems shows that an answer has a megabyte at most, and a record at least.
func TestStreamOfLargeItems(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "large", types.StreamViewTypeNewAndOldImages)
	for i := range 5 {
		filler := strings.Repeat(fmt.Sprint(i), maxItemSize-len("idlargefiller"))
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &id.table, Item: item{"id": text("large"), "filler": text(filler)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	it := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	var counts []int
	for it != nil {
		out, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: it})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Records) == 0 {
			break
		}
		counts = append(counts, len(out.Records))
		it = out.NextShardIterator
	}
	// The first has one image, of 400 KB; each of the others two.
	if want := []int{1, 1, 1, 1, 1}; !slices.Equal(counts, want) {
		t.Errorf("pages of %v records; want %v", counts, want)
	}
}

// TestIteratorsExpire after 15 minutes, to the millisecond.
func TestIteratorsExpire(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	it := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	parsed, _, _, ok := parseIterator(*it)
	if !ok {
		t.Fatal(*it)
	}
	next := func(at time.Time) (*string, error) {
		out, err := db.getRecordsAt(ctx, &getRecordsInput{ShardIterator: it}, at)
		if err != nil {
			return nil, err
		}
		return out.NextShardIterator, nil
	}
	renewed, err := next(parsed.issued.Add(iteratorLife))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := next(parsed.issued.Add(-time.Hour)); err != nil {
		t.Errorf("where the clock has gone back: %v", err)
	}
	_, err = next(parsed.issued.Add(iteratorLife + time.Millisecond))
	if _, ok := errors.AsType[*streamtypes.ExpiredIteratorException](err); !ok {
		t.Errorf("after %v: %v", iteratorLife, err)
	}
	it = renewed
	if _, err := next(parsed.issued.Add(2 * iteratorLife)); err != nil {
		t.Errorf("the next iterator, after twice the time: %v", err)
	}
}

// TestIteratorsForged shows that nobody makes an iterator but the engine.
func TestIteratorsForged(t *testing.T) {
	ctx := context.Background()
	db, other := openTemp(t), openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "first", types.StreamViewTypeKeysOnly)
	second := createStreamed(t, db, "second", types.StreamViewTypeKeysOnly)
	foreign := createStreamed(t, other, "first", types.StreamViewTypeKeysOnly)
	putText(t, db, "first", "a")
	good := *mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	foreignIt := *mustIterator(t, serveStreams(t, other), foreign, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	_, numbers, _ := strings.Cut(good, iteratorVersion)
	forged := []string{
		second.arn() + iteratorVersion + numbers,
		streamID{"first", "2026-01-01T00:00:00.000"}.arn() + iteratorVersion + numbers,
		foreignIt, good + "A", good + "=", good + "\n", good[:len(good)-1], " " + good, strings.Replace(good, iteratorVersion, "|2|", 1),
		strings.Replace(good, iteratorVersion, "|1|1|", 1), id.arn() + iteratorVersion, iteratorVersion, "|1", "", "\x00", strings.Repeat("|1|", 500),
	}
	at := strings.Index(good, iteratorVersion) + len(iteratorVersion)
	for i := at; i < len(good); i++ {
		b := []byte(good)
		if b[i]++; b[i] == good[i] {
			continue
		}
		forged = append(forged, string(b))
	}
	for _, it := range forged {
		out, err := db.getRecords(ctx, &getRecordsInput{ShardIterator: &it})
		if got, want := fmt.Sprint(err), fmt.Sprint(errInvalidIterator); got != want {
			t.Errorf("%q: %v, %s", it, out, got)
		}
	}
	if out, err := db.getRecords(ctx, &getRecordsInput{ShardIterator: &good}); err != nil || len(out.Records) != 1 {
		t.Errorf("the good one: %v, %v", out, err)
	}
}

// FuzzIterator gives GetRecords any text.
func FuzzIterator(f *testing.F) {
	db := openTemp(f)
	id := createStreamed(f, db, "first", types.StreamViewTypeKeysOnly)
	good := ""
	err := db.view(context.Background(), func(tx *bbolt.Tx) error {
		good = shardIterator{stream: id, shard: 1, issued: time.Now()}.sign(tx)
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("arn:aws:dynamodb:ddblocal:000000000000:table/first/stream/x|1|AAAA")
	f.Fuzz(func(t *testing.T, it string) {
		_, err := db.getRecords(context.Background(), &getRecordsInput{ShardIterator: &it})
		if (err == nil) != (it == good) {
			t.Errorf("%q: %v", it, err)
		}
	})
}

// FuzzRecord reads any bytes as a record: an error, or what is written back as the same record.
func FuzzRecord(f *testing.F) {
	s := &keptStream{streamID: streamID{"first", "label"}, Key: keySchema{Hash: []string{"id"}}}
	keys := item{"id": text("a")}
	f.Add(appendRecord(nil, insertEvent, time.Now(), keys, item{"id": text("a"), "n": number64(1)}, nil))
	f.Add(appendRecord(nil, removeEvent|expiryFlag, time.Now(), keys, nil, keys))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := s.decodeRecord(SequenceNumber(7).key(), b)
		if err != nil {
			if !errors.Is(err, errCorrupt) {
				t.Errorf("%x: %v", b, err)
			}
			return
		}
		again, err := s.decodeRecord(SequenceNumber(7).key(), appendRecord(nil, b[0], r.Time, r.Keys, r.NewImage, r.OldImage))
		if err != nil || again.EventName != r.EventName || again.IsExpiry != r.IsExpiry || !again.Time.Equal(r.Time) ||
			!equalItems(again.Keys, r.Keys) || !equalItems(again.NewImage, r.NewImage) || !equalItems(again.OldImage, r.OldImage) {
			t.Errorf("%x: %v, and again %v, %v", b, r, again, err)
		}
	})
}

// TestSequenceNumbers are texts that sort as the numbers do, and nothing else is one.
func TestSequenceNumbers(t *testing.T) {
	last := ""
	for _, n := range []SequenceNumber{0, 1, 9, 10, 1<<63 - 1, 1<<64 - 1} {
		text := n.String()
		if back, ok := parseSequenceNumber(text); len(text) != 21 || text <= last || !ok || back != n {
			t.Errorf("%d is %s, which is %d", uint64(n), text, uint64(back))
		}
		last = text
	}
	for _, text := range []string{"", "1", "000000000000000000001", "199999999999999999999", "1000000000000000000001", "1+0000000000000000001", "1_0000000000000000001", "１00000000000000000001"} {
		if n, ok := parseSequenceNumber(text); ok {
			t.Errorf("%q is %d", text, uint64(n))
		}
	}
}

// TestExpiryRecords tells what the time to live has deleted.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
func TestExpiryRecords(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	client := serveStreams(t, db)
	id := createStreamed(t, db, "expiring", types.StreamViewTypeOldImage)
	must(t, db, `UpdateTimeToLive {"TableName":"expiring","TimeToLiveSpecification":{"AttributeName":"until","Enabled":true}}`)
	must(t, db, `PutItem {"TableName":"expiring","Item":{"id":{"S":"a"},"until":{"N":"%d"}}}`, time.Now().Add(time.Hour).Unix())
	must(t, db, `PutItem {"TableName":"expiring","Item":{"id":{"S":"b"},"until":{"N":"%d"}}}`, time.Now().Add(time.Hour).Unix())
	must(t, db, `DeleteItem {"TableName":"expiring","Key":{"id":{"S":"b"}}}`)
	if err := db.sweep(ctx, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	records, _ := readAll(t, client, mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon), 1000)
	if got := ids(t, records); got != "a b b a" {
		t.Fatalf("records of %s", got)
	}
	for i, r := range records {
		isExpiry := r.UserIdentity != nil && *r.UserIdentity.Type == "Service" && *r.UserIdentity.PrincipalId == "dynamodb.amazonaws.com"
		if isExpiry != (i == 3) || r.UserIdentity != nil && i != 3 {
			t.Errorf("record %d is by %v", i, r.UserIdentity)
		}
	}
	if last := records[3]; last.EventName != streamtypes.OperationTypeRemove || plainItem(t, last.Dynamodb.OldImage)["until"] == nil {
		t.Errorf("the expiry is %v", last)
	}
}

// TestNoRecords shows what has none: a table without a stream, a transaction that is sent again, a batch of which
// an item is refused, and an index that is filled.
func TestNoRecords(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createItems(t, db)
	putItems(t, db, 100)
	err := db.view(ctx, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if strings.HasPrefix(string(name), "stream") || strings.HasPrefix(string(name), recordsPrefix) {
				t.Errorf("there is the bucket %s", name)
			}
			return nil
		})
	})
	if err != nil || db.LatestSequenceNumber() != 0 {
		t.Fatal(err, db.LatestSequenceNumber())
	}
	client := serveStreams(t, db)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	for range 2 {
		must(t, db, `TransactWriteItems {"ClientRequestToken":"again","TransactItems":[{"Update":{"TableName":"streamed","Key":{"id":{"S":"a"}},
			"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}}]}`)
	}
	refused := request(t, db, `> BatchWriteItem {"RequestItems":{"streamed":[{"PutRequest":{"Item":{"id":{"S":"b"}}}},{"PutRequest":{"Item":{"id":{"N":"1"}}}}]}}`)
	if !strings.HasPrefix(refused, "ValidationException") {
		t.Error(refused)
	}
	must(t, db, `UpdateTable {"TableName":"streamed","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-n","KeySchema":[{"AttributeName":"n","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]}`)
	if err := db.backfill(ctx); err != nil {
		t.Fatal(err)
	}
	must(t, db, `PutItem {"TableName":"streamed","Item":{"id":{"S":"c"}}}`)
	records, _ := readAll(t, client, mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon), 1000)
	if got := ids(t, records); got != "a c" {
		t.Errorf("records of %q", got)
	}
}

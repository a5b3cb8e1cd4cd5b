package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"go.etcd.io/bbolt"
)

// TestCompactKeepsStreams reads a stream on in the copy, by an iterator and a position of before.
func TestCompactKeepsStreams(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	for _, id := range []string{"a", "b"} {
		putText(t, db, "streamed", id)
	}
	records, err := followUntil(db, "streamed", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	client := serveStreams(t, db)
	it := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	tend(t, db, time.Now().Add(shardLife))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err := Compact(ctx, dir, noProgress); err != nil || len(c.Problems) > 0 {
		t.Fatal(c, err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	putText(t, db, "streamed", "c")
	rest, err := followUntil(db, "streamed", records[0].SequenceNumber, 2)
	if err != nil || idsOf(rest) != "b c" {
		t.Errorf("%q, %v", idsOf(rest), err)
	}
	out, err := db.getRecords(ctx, &getRecordsInput{ShardIterator: it})
	if err != nil || len(out.Records) != 2 || out.NextShardIterator != nil {
		t.Errorf("%v, %v", out, err)
	}
}

// TestSalvageEndsStreams saves the items of a table with a stream, whose number goes on in what is made of it.
func TestSalvageEndsStreams(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	createStreamed(t, db, "streamed", types.StreamViewTypeKeysOnly)
	for i := range 10 {
		putText(t, db, "streamed", fmt.Sprint(i))
	}
	last := db.LatestSequenceNumber()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	saved, report, err := Salvage(ctx, dir, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Close()
	if len(report.Problems) > 0 || report.Tables["streamed"] != 10 {
		t.Errorf("saved %v", report)
	}
	table, err := saved.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("streamed")})
	if err != nil || table.Table.StreamSpecification != nil || table.Table.LatestStreamArn != nil {
		t.Errorf("the saved table is %v, %v", table, err)
	}
	must(t, saved, `UpdateTable {"TableName":"streamed","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
	putText(t, saved, "streamed", "new")
	records, err := followUntil(saved, "streamed", 0, 1)
	if err != nil || records[0].SequenceNumber <= last {
		t.Errorf("%v, %v; want a number after %d", records, err, last)
	}
	if _, err := followUntil(saved, "streamed", last-1, 1); !errors.Is(err, ErrTrimmed) {
		t.Errorf("a position of before: %v", err)
	}
}

// TestStreamDamage shows that a record that is damaged is told, where it is read and where it is checked.
func TestStreamDamage(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewImage)
	for i := range 200 {
		must(t, db, `PutItem {"TableName":"streamed","Item":{"id":{"S":"%d"},"filler":{"S":%q}}}`, i, strings.Repeat("x", 300))
	}
	it := *mustIterator(t, serveStreams(t, db), id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, fileName)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The stream's record of 150, and not the item of 150, has this before its keys.
	key := appendItem(nil, item{"id": text("150")})
	at := strings.Index(string(file), string(append([]byte{byte(len(key))}, key...)))
	if at < 0 {
		t.Fatal("the record is not in the file")
	}
	for ; at >= 0; at = strings.Index(string(file), string(append([]byte{byte(len(key))}, key...))) {
		file[at] = 0xff
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Check(dir)
	if err != nil || len(report.Problems) != 1 || !strings.Contains(report.Problems[0], "stream "+id.label+" of table streamed: the record") {
		t.Errorf("check: %v, %v", report, err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	records, err := followUntil(db, "streamed", 0, 200)
	if len(records) != 100 || err == nil || !strings.Contains(err.Error(), ErrDamaged.Error()) {
		t.Errorf("read %d records, then %v", len(records), err)
	}
	if _, err := db.getRecords(ctx, &getRecordsInput{ShardIterator: &it}); err == nil || !strings.Contains(err.Error(), ErrDamaged.Error()) {
		t.Errorf("GetRecords: %v", err)
	}
}

// TestOldStreamSetting opens a table with a stream as an older ownql kept it: the setting alone.
func TestOldStreamSetting(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewImage)
	err = db.update(ctx, func(tx *bbolt.Tx) error {
		return errors.Join(tx.DeleteBucket(id.definitionName()), tx.DeleteBucket(id.recordsName()), tx.DeleteBucket(streamsKey))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if report, err := Check(dir); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %v, %v", report, err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	client := serveStreams(t, db)
	it := mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon)
	putText(t, db, "streamed", "a")
	if records, _ := readAll(t, client, it, 10); ids(t, records) != "a" {
		t.Errorf("%v", records)
	}
	err = db.update(ctx, func(tx *bbolt.Tx) error { // as where Open had no room for it
		return errors.Join(tx.DeleteBucket(id.definitionName()), tx.DeleteBucket(id.recordsName()))
	})
	if err != nil {
		t.Fatal(err)
	}
	putText(t, db, "streamed", "b")
	if records, _ := readAll(t, client, mustIterator(t, client, id, 0, streamtypes.ShardIteratorTypeTrimHorizon), 10); ids(t, records) != "b" {
		t.Errorf("by a write: %v", records)
	}
}

// TestStreamPolicy keeps the policy of a stream beside that of its table, and as long as the stream.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
func TestStreamPolicy(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	id := createStreamed(t, db, "streamed", types.StreamViewTypeNewImage)
	const document = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetRecords","Resource":"*"}]}`
	get := func(arn string) string {
		return request(t, db, fmt.Sprintf(`> GetResourcePolicy {"ResourceArn":%q}`, arn))
	}
	none := "PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: "
	if got := get(id.arn()); got != none+id.arn() {
		t.Errorf("before: %s", got)
	}
	out, err := db.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: aws.String(id.arn()), Policy: aws.String(document)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := get(id.arn()), fmt.Sprintf(`{"Policy":%q}`, document); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if got := get(arnPrefix + "streamed"); got != none+arnPrefix+"streamed" {
		t.Errorf("the table's: %s", got)
	}
	_, err = db.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: aws.String(id.arn()), Policy: aws.String(document), ExpectedRevisionId: aws.String("1")})
	want := none + "Requested update for policy with revision id 1, but the policy associated to target stream/" + id.label + " of table streamed has revision id " + *out.RevisionId + "."
	if err == nil || printError(errors.Unwrap(err)) != want {
		t.Errorf("another revision: %v; want %s", err, want)
	}
	other := streamID{"streamed", "2026-01-01T00:00:00.000"}
	if got, want := get(other.arn()), "ResourceNotFoundException: Requested resource not found: Stream: "+other.label+" not found for Table: streamed"; got != want {
		t.Errorf("no stream: %s; want %s", got, want)
	}
	must(t, db, `DeleteTable {"TableName":"streamed"}`)
	if got := get(id.arn()); !strings.HasPrefix(got, "{") {
		t.Errorf("after its table: %s", got)
	}
	if report, err := db.Check(ctx); err != nil || len(report.Problems) > 0 {
		t.Errorf("check: %v, %v", report, err)
	}
	must(t, db, `DeleteResourcePolicy {"ResourceArn":%q}`, id.arn())
	if got := get(id.arn()); got != none+id.arn() {
		t.Errorf("deleted: %s", got)
	}
}

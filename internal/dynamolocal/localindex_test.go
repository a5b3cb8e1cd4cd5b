package dynamolocal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

// createRanked makes a table with a local index of each projection, and a global one.
func createRanked(t testing.TB, db *DB) {
	t.Helper()
	must(t, db, `CreateTable {"TableName":"ranked","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"},{"AttributeName":"r","AttributeType":"N"},{"AttributeName":"rank","AttributeType":"N"}],
		"KeySchema":[{"AttributeName":"h","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],
		"LocalSecondaryIndexes":[
			{"IndexName":"all","Projection":{"ProjectionType":"ALL"},
				"KeySchema":[{"AttributeName":"h","KeyType":"HASH"},{"AttributeName":"rank","KeyType":"RANGE"}]},
			{"IndexName":"keys","Projection":{"ProjectionType":"KEYS_ONLY"},
				"KeySchema":[{"AttributeName":"h","KeyType":"HASH"},{"AttributeName":"rank","KeyType":"RANGE"}]},
			{"IndexName":"some","Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["n"]},
				"KeySchema":[{"AttributeName":"h","KeyType":"HASH"},{"AttributeName":"rank","KeyType":"RANGE"}]}],
		"GlobalSecondaryIndexes":[{"IndexName":"by-rank","Projection":{"ProjectionType":"ALL"},
			"KeySchema":[{"AttributeName":"rank","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}]}]}`)
}

func ranked(h string, r int, rank int64) item {
	return item{"h": text(h), "r": number64(int64(r)), "rank": number64(rank), "n": number64(int64(r) * 1000), "text": text(strings.Repeat("x", r%50))}
}

// writeRanked writes by every way there is, and leaves some items in the indexes and some not.
func writeRanked(t testing.TB, db *DB) {
	t.Helper()
	ctx := context.Background()
	name := aws.String("ranked")
	for h := range 3 {
		for from := 0; from < 50; from += maxBatchWrite {
			var writes []types.WriteRequest
			for r := from; r < from+maxBatchWrite; r++ {
				writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: ranked(fmt.Sprint("h", h), r, int64(r%4))}})
			}
			if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"ranked": writes}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	key := func(r int64) item { return item{"h": text("h1"), "r": number64(r)} }
	must(t, db, `UpdateItem {"TableName":"ranked","Key":{"h":{"S":"h1"},"r":{"N":"1"}},"UpdateExpression":"REMOVE #r","ExpressionAttributeNames":{"#r":"rank"}}`)
	must(t, db, `UpdateItem {"TableName":"ranked","Key":{"h":{"S":"h1"},"r":{"N":"2"}},"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{":n":{"S":"a longer value"}}}`)
	must(t, db, `UpdateItem {"TableName":"ranked","Key":{"h":{"S":"h1"},"r":{"N":"99"}},"UpdateExpression":"SET #r = :n","ExpressionAttributeNames":{"#r":"rank"},"ExpressionAttributeValues":{":n":{"N":"-1"}}}`)
	if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: name, Key: key(3)}); err != nil {
		t.Fatal(err)
	}
	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: name, Item: ranked("h1", 4, 1_000_000)}},
		{Delete: &types.Delete{TableName: name, Key: key(5)}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	expired := ranked("h1", 7, 3)
	now := time.Now()
	expired["ttl"] = number64(now.Unix() - 10)
	must(t, db, `UpdateTimeToLive {"TableName":"ranked","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: name, Item: expired}); err != nil {
		t.Fatal(err)
	}
	if err := db.sweep(ctx, now); err != nil {
		t.Fatal(err)
	}
}

// TestLocalIndexesFollowItems holds what DescribeTable tells of the indexes against what a Scan of
// them finds, after a restart too, and the file against itself.
func TestLocalIndexesFollowItems(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	createRanked(t, db)
	writeRanked(t, db)
	for range 2 {
		out, err := db.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("ranked")})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(out.Table.LocalSecondaryIndexes); n != 3 {
			t.Fatalf("%d local indexes are described", n)
		}
		for _, x := range out.Table.LocalSecondaryIndexes {
			found, err := db.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String("ranked"), IndexName: x.IndexName})
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for _, it := range found.Items {
				size += itemSize(it)
			}
			if *x.ItemCount != int64(found.Count) || *x.IndexSizeBytes != int64(size) || found.Count != 147 {
				t.Errorf("%s has %d items and %d bytes by DescribeTable, %d and %d by Scan; want 147 items", *x.IndexName, *x.ItemCount, *x.IndexSizeBytes, found.Count, size)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		report, err := Check(dir)
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("Check: %v, %v", report, err)
		}
		if db, err = Open(dir); err != nil {
			t.Fatal(err)
		}
	}
	db.Close()
}

// TestLocalIndexDamage finds what is wrong with a local index, and saves the items all the same.
func TestLocalIndexDamage(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		change func(tx *bbolt.Tx) error
		want   string
	}{
		"an entry too few": {func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("index/ranked/keys"))
			k, _ := b.Cursor().First()
			return b.Delete(k)
		}, "the index keys does not agree"},
		"other bytes than are counted": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("table/ranked")).Put([]byte("size/some"), []byte{0, 0, 0, 0, 0, 0, 0, 7})
		}, "and it counts 7"},
		"bytes that are not counted": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("table/ranked")).Delete([]byte("size/all"))
		}, "and it counts 0"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			createRanked(t, db)
			writeRanked(t, db)
			want := must(t, db, `Scan {"TableName":"ranked"}`)
			if err := db.update(ctx, test.change); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			report, err := Check(dir)
			if err != nil || !strings.Contains(strings.Join(report.Problems, "\n"), test.want) {
				t.Errorf("Check: %v, %v; want %q", report, err, test.want)
			}
			saved, _, err := Salvage(ctx, dir, filepath.Join(t.TempDir(), "saved"))
			if err != nil {
				t.Fatal(err)
			}
			defer saved.Close()
			if got := must(t, saved, `Scan {"TableName":"ranked"}`); got != want {
				t.Errorf("saved %s\nwant %s", got, want)
			}
			if d := must(t, saved, `DescribeTable {"TableName":"ranked"}`); strings.Contains(d, "IndexName") {
				t.Errorf("what is saved has indexes: %s", d)
			}
		})
	}
}

// TestGlobalIndexBesideLocal fills a new global index of a table that has local ones, and deletes it:
// the local ones stay as they are.
func TestGlobalIndexBesideLocal(t *testing.T) {
	db := openTemp(t)
	createRanked(t, db)
	writeRanked(t, db)
	const local = `Query {"TableName":"ranked","IndexName":"all","KeyConditionExpression":"h = :h","ExpressionAttributeValues":{":h":{"S":"h1"}}}`
	want := must(t, db, local)
	must(t, db, `UpdateTable {"TableName":"ranked","AttributeDefinitions":[{"AttributeName":"text","AttributeType":"S"}],
		"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-text","Projection":{"ProjectionType":"KEYS_ONLY"},
		"KeySchema":[{"AttributeName":"text","KeyType":"HASH"}]}}]}`)
	if err := db.backfill(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"by-text", "by-rank"} {
		must(t, db, `Scan {"TableName":"ranked","IndexName":%q,"Select":"COUNT"}`, name)
		must(t, db, `UpdateTable {"TableName":"ranked","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":%q}}]}`, name)
	}
	if got := must(t, db, local); got != want {
		t.Errorf("the local index: %s\nwant %s", got, want)
	}
	report, err := db.Check(context.Background())
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("Check: %v, %v", report, err)
	}
}

// TestPagesOfIndexes goes over a table, a local and a global index, forward and backward, by Query
// and by Scan, in pages of all small sizes: each item comes once, where equal keys are cut apart too.
func TestPagesOfIndexes(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createRanked(t, db)
	const n = 13
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for _, r := range order {
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("ranked"), Item: ranked("h", r, 7)}); err != nil {
			t.Fatal(err)
		}
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("ranked"), Item: ranked("other", r+100, 7-int64(r%3))}); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for r := range n {
		want = append(want, fmt.Sprint(r))
	}
	number := func(it item) string { return it["r"].(*types.AttributeValueMemberN).Value }
	for _, source := range []struct {
		name      string
		index     *string
		condition string
		values    item
	}{
		{"table", nil, "h = :v", item{":v": text("h")}},
		{"local index", aws.String("all"), "h = :v", item{":v": text("h")}},
		{"local index of keys", aws.String("keys"), "h = :v", item{":v": text("h")}},
		{"local index at one key", aws.String("some"), "h = :v AND #r = :r", item{":v": text("h"), ":r": number64(7)}},
		{"global index", aws.String("by-rank"), "#r = :r AND r < :n", item{":r": number64(7), ":n": number64(n)}},
	} {
		for _, forward := range []bool{true, false} {
			for limit := int32(1); limit <= n+1; limit++ {
				t.Run(fmt.Sprintf("%s/forward=%v/limit=%d", source.name, forward, limit), func(t *testing.T) {
					in := &dynamodb.QueryInput{
						TableName: aws.String("ranked"), IndexName: source.index, Limit: &limit, ScanIndexForward: &forward,
						KeyConditionExpression: &source.condition, ExpressionAttributeValues: source.values,
					}
					if strings.Contains(source.condition, "#r") {
						in.ExpressionAttributeNames = map[string]string{"#r": "rank"}
					}
					var got []string
					pages := dynamodb.NewQueryPaginator(db, in)
					for pages.HasMorePages() {
						page, err := pages.NextPage(ctx)
						if err != nil {
							t.Fatal(err)
						}
						for _, it := range page.Items {
							got = append(got, number(it))
						}
					}
					if !forward {
						slices.Reverse(got)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				})
			}
		}
	}
	for _, index := range []*string{nil, aws.String("all"), aws.String("keys"), aws.String("by-rank")} {
		for limit := int32(1); limit <= 5; limit++ {
			seen := map[string]int{}
			pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("ranked"), IndexName: index, Limit: &limit})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range page.Items {
					seen[number(it)]++
				}
			}
			for r, times := range seen {
				if times != 1 {
					t.Errorf("a Scan of %q by %d gives item %s %d times", aws.ToString(index), limit, r, times)
				}
			}
			if len(seen) != 2*n {
				t.Errorf("a Scan of %q by %d gives %d items of %d", aws.ToString(index), limit, len(seen), 2*n)
			}
		}
	}
}

// TestItemCollectionSize adds up what a collection has in the table and in its local indexes.
func TestItemCollectionSize(t *testing.T) {
	db := openTemp(t)
	createRanked(t, db)
	writeRanked(t, db)
	err := db.view(context.Background(), func(tx *bbolt.Tx) error {
		table, err := db.open(tx, "ranked")
		if err != nil {
			return err
		}
		all, sum := table.bucket.Sequence(), uint64(0)
		for _, name := range []string{"all", "keys", "some"} {
			all += table.indexSize(table.index(name))
		}
		for h := range 4 {
			size, err := table.sumCollection(appendKeyValue(nil, text(fmt.Sprint("h", h))))
			if err != nil {
				return err
			}
			if (size == 0) != (h == 3) {
				t.Errorf("the collection h%d has %d bytes", h, size)
			}
			sum += size
		}
		if sum != all {
			t.Errorf("the collections have %d bytes; the table and its local indexes %d", sum, all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[uint64][]float64{
		0: {0, 1}, gigabyte - 1: {0, 1}, gigabyte: {1, 2}, 12*gigabyte + 5: {12, 13},
	} {
		if diff := cmp.Diff(want, gigabytes(size)); diff != "" {
			t.Errorf("%d bytes (-want +got):\n%s", size, diff)
		}
	}
}

// TestIndexPageReadsSoMuch has a page of an index that answers little end once it has read much.
func TestIndexPageReadsSoMuch(t *testing.T) {
	db := openTemp(t)
	createRanked(t, db)
	const items, size = 120, 150 << 10
	long := text(strings.Repeat("x", size))
	for r := range items {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("ranked"), Item: item{
			"h": text("h"), "r": number64(int64(r)), "rank": number64(int64(r)), "long": long,
		}}); err != nil {
			t.Fatal(err)
		}
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String("ranked"), IndexName: aws.String("keys"), KeyConditionExpression: aws.String("h = :h"),
		ExpressionAttributeValues: item{":h": text("h")},
	}
	found, pages := 0, 0
	for more := true; more; more = len(in.ExclusiveStartKey) > 0 {
		out, err := db.Query(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Items) > maxPageRead/size+1 {
			t.Errorf("a page has %d items, more than %d bytes", len(out.Items), maxPageRead)
		}
		found, pages, in.ExclusiveStartKey = found+len(out.Items), pages+1, out.LastEvaluatedKey
	}
	if found != items || pages != 2 {
		t.Errorf("%d items on %d pages, want %d on 2", found, pages, items)
	}
}

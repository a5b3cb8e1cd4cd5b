package dynamolocal

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.etcd.io/bbolt"
)

// text is a table's name, a key's, an attribute's value.
func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number64(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

// must makes a request that succeeds.
func must(t testing.TB, api dynamodbiface.DynamoDBAPI, format string, args ...any) string {
	t.Helper()
	r := fmt.Sprintf(format, args...)
	answer := request(t, api, "> "+r)
	if !strings.HasPrefix(answer, "{") {
		t.Fatalf("%s: %s", r, answer)
	}
	return answer
}

func createItems(t testing.TB, db *DB) {
	t.Helper()
	must(t, db, `CreateTable {"TableName":"items","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
}

// put puts items of the form {"id":"0001", "n":1}.
func putItems(t testing.TB, db *DB, n int) {
	t.Helper()
	for from := 0; from < n; from += maxBatchWrite {
		var writes []types.WriteRequest
		for i := from; i < min(from+maxBatchWrite, n); i++ {
			it := item{"id": text(fmt.Sprintf("%05d", i)), "n": number64(int64(i)), "group": text(fmt.Sprint(i % 7))}
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		_, err := db.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{"items": writes},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

const createGroupIndex = `UpdateTable {"TableName":"items",
	"AttributeDefinitions":[{"AttributeName":"group","AttributeType":"S"},{"AttributeName":"n","AttributeType":"N"}],
	"GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by-group","Projection":{"ProjectionType":"ALL"},
	"KeySchema":[{"AttributeName":"group","KeyType":"HASH"},{"AttributeName":"n","KeyType":"RANGE"}]}}]}`

// waitActive waits until no index is CREATING.
func waitActive(t testing.TB, db *DB) *types.TableDescription {
	t.Helper()
	w := dynamodb.NewTableExistsWaiter(db, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = time.Millisecond })
	out, err := w.WaitForOutput(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("items")}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

func TestIndexIsBackfilledBesideWrites(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	const n = 3*backfillBatch + 1
	putItems(t, db, n)
	// an item that the index cannot have, as AWS leaves it out
	must(t, db, `PutItem {"TableName":"items","Item":{"id":{"S":"odd"},"group":{"N":"1"},"n":{"N":"1"}}}`)
	answer := must(t, db, createGroupIndex)
	if !strings.Contains(answer, `"IndexStatus":"CREATING"`) || !strings.Contains(answer, `"Backfilling":true`) {
		t.Errorf("the new index: %s", answer)
	}
	for i := range 20 { // meanwhile
		must(t, db, `UpdateItem {"TableName":"items","Key":{"id":{"S":"%05d"}},"UpdateExpression":"SET #g = :new",
			"ExpressionAttributeNames":{"#g":"group"},"ExpressionAttributeValues":{":new":{"S":"new"}}}`, i*150)
		must(t, db, `DeleteItem {"TableName":"items","Key":{"id":{"S":"%05d"}}}`, i*150+1)
	}
	d := waitActive(t, db)
	if got := *d.GlobalSecondaryIndexes[0].ItemCount; got != n-20 {
		t.Errorf("the index counts %d items; want %d", got, n-20)
	}
	answer = must(t, db, `Query {"TableName":"items","IndexName":"by-group","KeyConditionExpression":"#g = :new","Select":"COUNT",
		"ExpressionAttributeNames":{"#g":"group"},"ExpressionAttributeValues":{":new":{"S":"new"}}}`)
	if answer != `{"Count":20,"ScannedCount":20}` {
		t.Errorf("the items changed meanwhile: %s", answer)
	}
	answer = must(t, db, `Scan {"TableName":"items","IndexName":"by-group","Select":"COUNT"}`)
	if want := fmt.Sprintf(`{"Count":%d,"ScannedCount":%d}`, n-20, n-20); answer != want {
		t.Errorf("the whole index: %s; want %s", answer, want)
	}

	must(t, db, `UpdateTable {"TableName":"items","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-group"}}]}`)
	got := request(t, db, `> Scan {"TableName":"items","IndexName":"by-group"}`)
	if want := "ValidationException: The table does not have the specified index: by-group"; got != want {
		t.Errorf("scan of the deleted index: %s; want %s", got, want)
	}
	if d := waitActive(t, db); len(d.AttributeDefinitions) != 1 {
		t.Errorf("attributes defined without the index: %v", d.AttributeDefinitions)
	}
}

func TestBackfillGoesOnAfterRestart(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	createItems(t, db)
	putItems(t, db, 2*backfillBatch)
	db.stop() // as if the process had ended before the backfill
	db.background.Wait()
	must(t, db, createGroupIndex)
	got := request(t, db, `> Scan {"TableName":"items","IndexName":"by-group"}`)
	if want := "ValidationException: Cannot read from backfilling global secondary index: by-group"; got != want {
		t.Errorf("scan of the new index: %s; want %s", got, want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if got := *waitActive(t, db).GlobalSecondaryIndexes[0].ItemCount; got != 2*backfillBatch {
		t.Errorf("the index counts %d items; want %d", got, 2*backfillBatch)
	}
}

func TestIndexWithSeveralAttributesInItsKey(t *testing.T) {
	db := openTemp(t)
	must(t, db, `CreateTable {"TableName":"items","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"a","AttributeType":"S"},
			{"AttributeName":"b","AttributeType":"N"},{"AttributeName":"c","AttributeType":"S"},{"AttributeName":"d","AttributeType":"N"}],
		"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
		"GlobalSecondaryIndexes":[{"IndexName":"abcd","Projection":{"ProjectionType":"ALL"},"KeySchema":[
			{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"b","KeyType":"HASH"},
			{"AttributeName":"c","KeyType":"RANGE"},{"AttributeName":"d","KeyType":"RANGE"}]}]}`)
	for i, v := range []string{"x 1 c 10", "x 1 c 9", "x 1 c -1", "x 1 ca 0", "x 2 c 1", "y 1 c 1"} {
		var a, b, c, d string
		fmt.Sscan(v, &a, &b, &c, &d)
		must(t, db, `PutItem {"TableName":"items","Item":{"id":{"S":"%d"},"a":{"S":%q},"b":{"N":%q},"c":{"S":%q},"d":{"N":%q}}}`, i, a, b, c, d)
	}
	must(t, db, `PutItem {"TableName":"items","Item":{"id":{"S":"no d"},"a":{"S":"x"},"b":{"N":"1"},"c":{"S":"c"}}}`)
	for _, test := range []struct{ name, condition, want string }{
		{"the hash alone", "a = :a AND b = :b", "2 1 0 3"},
		{"and the first range attribute", "a = :a AND b = :b AND c = :c", "2 1 0"},
		{"and a range of the first", "a = :a AND b = :b AND begins_with(c, :c)", "2 1 0 3"},
		{"and a range of the second", "a = :a AND b = :b AND c = :c AND d > :z", "1 0"},
		{"half of the hash", "a = :a AND c = :c", "Query condition missed key schema element: b"},
		{"a range before the end", "a = :a AND b = :b AND c > :c AND d = :z", "Query condition missed key schema element: d"},
		{"the second range attribute alone", "a = :a AND b = :b AND d = :z", "Query condition missed key schema element: c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			values := item{":a": text("x"), ":b": number64(1), ":c": text("c"), ":z": number64(0)}
			for name := range values {
				if !strings.Contains(test.condition, name) {
					delete(values, name)
				}
			}
			out, err := db.Query(context.Background(), &dynamodb.QueryInput{
				TableName: aws.String("items"), IndexName: aws.String("abcd"),
				KeyConditionExpression: &test.condition, ExpressionAttributeValues: values,
			})
			var ids []string
			if err == nil {
				for _, it := range out.Items {
					ids = append(ids, it["id"].(*types.AttributeValueMemberS).Value)
				}
			}
			got := strings.Join(ids, " ")
			if err != nil {
				_, got, _ = strings.Cut(printError(err), ": ")
			}
			if got != test.want {
				t.Errorf("%s: %q; want %q", test.condition, got, test.want)
			}
		})
	}
}

func TestTimeToLive(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createItems(t, db)
	now := time.Date(2126, 5, 4, 3, 2, 1, 0, time.UTC) // so that the background work finds nothing
	put := func(id string, ttl types.AttributeValue) {
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item{"id": text(id), "ttl": ttl}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2*sweepBatch + 1 {
		put(fmt.Sprint("old", i), number64(now.Unix()-int64(i)))
	}
	must(t, db, `UpdateTimeToLive {"TableName":"items","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"ttl"}}`)
	put("just now", number64(now.Unix()))
	put("in a second", number64(now.Unix()+1))
	put("six years ago", number64(now.AddDate(-6, 0, 0).Unix()))
	put("text", text("1"))
	put("postponed", number64(now.Unix()-1))
	put("postponed", number64(now.Unix()+1))
	if err := db.backfill(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.sweep(ctx, now); err != nil {
		t.Fatal(err)
	}
	out, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("items")})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, it := range out.Items {
		left = append(left, it["id"].(*types.AttributeValueMemberS).Value)
	}
	slices.Sort(left)
	if diff := cmp.Diff([]string{"in a second", "postponed", "six years ago", "text"}, left); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	must(t, db, `UpdateTimeToLive {"TableName":"items","TimeToLiveSpecification":{"Enabled":false,"AttributeName":"ttl"}}`)
	if err := db.sweep(ctx, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if answer := must(t, db, `Scan {"TableName":"items","Select":"COUNT"}`); answer != `{"Count":4,"ScannedCount":4}` {
		t.Errorf("swept though disabled: %s", answer)
	}
}

func TestTokensOutliveARestart(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	createItems(t, db)
	const add = `TransactWriteItems {"ClientRequestToken":"token","TransactItems":[{"Update":{"TableName":"items","Key":{"id":{"S":"a"}},
		"UpdateExpression":"ADD n :one","ExpressionAttributeValues":{":one":{"N":"1"}}}}]}`
	n := func() string {
		return must(t, db, `GetItem {"TableName":"items","Key":{"id":{"S":"a"}},"ProjectionExpression":"n"}`)
	}
	must(t, db, add)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	must(t, db, add)
	if got := n(); got != `{"Item":{"n":{"N":"1"}}}` {
		t.Errorf("repeated after the restart: %s", got)
	}
	if err := db.forgetTokens(ctx, time.Now().Add(tokenLife-time.Minute)); err != nil {
		t.Fatal(err)
	}
	must(t, db, add)
	if got := n(); got != `{"Item":{"n":{"N":"1"}}}` {
		t.Errorf("repeated within the ten minutes: %s", got)
	}
	if err := db.forgetTokens(ctx, time.Now().Add(tokenLife+time.Minute)); err != nil {
		t.Fatal(err)
	}
	must(t, db, add)
	if got := n(); got != `{"Item":{"n":{"N":"2"}}}` {
		t.Errorf("repeated after the ten minutes: %s", got)
	}
}

// TestPages reads pages of 1 MB, and batches of 16 MB.
func TestPages(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createItems(t, db)
	const n, size = 60, 300 << 10
	filler := strings.Repeat("x", size-len("id")-len("00")-len("filler"))
	var keys []item
	for i := range n {
		key := item{"id": text(fmt.Sprintf("%02d", i))}
		keys = append(keys, key)
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item{"id": key["id"], "filler": text(filler)}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var pages []int32
	scan := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("items"), ProjectionExpression: aws.String("id")})
	for scan.HasMorePages() {
		out, err := scan.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, out.Count)
	}
	if want := slices.Repeat([]int32{4}, n/4); !slices.Equal(pages[:n/4], want) {
		t.Errorf("pages of %v items; want them of 4, the last of which crosses 1 MB", pages)
	}
	out, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"items": {Keys: keys}}})
	if err != nil {
		t.Fatal(err)
	}
	got, left := len(out.Responses["items"]), len(out.UnprocessedKeys["items"].Keys)
	if want := maxBatchSize / size; got != want || got+left != n {
		t.Errorf("a batch of %d items, %d unprocessed; want %d and the rest", got, left, want)
	}
}

// TestBatchesOfSmallValues reads items that take far more memory than DynamoDB counts bytes for them:
// a batch gives as many as take 24 MB, and always one.
func TestBatchesOfSmallValues(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createItems(t, db)
	const n, values = 12, 10_000
	var list []types.AttributeValue
	for range values {
		list = append(list, &types.AttributeValueMemberM{Value: item{"a": text(""), "b": text("")}})
	}
	request := types.KeysAndAttributes{}
	for i := range n {
		key := item{"id": text(fmt.Sprintf("%02d", i))}
		request.Keys = append(request.Keys, key)
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("items"), Item: item{"id": key["id"], "list": &types.AttributeValueMemberL{Value: list}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for len(request.Keys) > 0 {
		out, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"items": request}})
		if err != nil {
			t.Fatal(err)
		}
		memory := 0
		for _, it := range out.Responses["items"] {
			seen[it["id"].(*types.AttributeValueMemberS).Value] = true
			memory += itemMemory(it)
		}
		if len(out.Responses["items"]) == 0 || memory > maxBatchMemory {
			t.Fatalf("a batch of %d items and %d MB", len(out.Responses["items"]), memory>>20)
		}
		if request = out.UnprocessedKeys["items"]; len(seen)+len(request.Keys) != n {
			t.Fatalf("%d seen, %d left of %d", len(seen), len(request.Keys), n)
		}
	}
}

// TestItemMemory holds that the estimate is near what Go allocates.
func TestItemMemory(t *testing.T) {
	for name, value := range map[string]func() types.AttributeValue{
		"empty texts": func() types.AttributeValue { return &types.AttributeValueMemberS{} },
		"maps of two": func() types.AttributeValue {
			return &types.AttributeValueMemberM{Value: item{"a": text(""), "b": text("")}}
		},
		"lists of none": func() types.AttributeValue { return &types.AttributeValueMemberL{Value: []types.AttributeValue{}} },
	} {
		t.Run(name, func(t *testing.T) {
			const n = 10_000
			list := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, n)}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for i := range list.Value {
				list.Value[i] = value()
			}
			runtime.ReadMemStats(&after)
			allocated := int(after.TotalAlloc-before.TotalAlloc) + 16*n // the list itself
			if estimate := itemMemory(item{"list": list}); estimate < allocated/2 || estimate > 4*allocated {
				t.Errorf("%d bytes by estimate, %d by measure", estimate, allocated)
			}
		})
	}
}

// TestParallelScan shows that the segments are the table, each item in one of them.
func TestParallelScan(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	putItems(t, db, 500)
	seen := map[string]int{}
	for segment := range int32(4) {
		in := &dynamodb.ScanInput{TableName: aws.String("items"), Segment: aws.Int32(segment), TotalSegments: aws.Int32(4), Limit: aws.Int32(33)}
		scan := dynamodb.NewScanPaginator(db, in)
		for scan.HasMorePages() {
			out, err := scan.NextPage(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range out.Items {
				seen[it["id"].(*types.AttributeValueMemberS).Value]++
			}
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("item %s is in %d segments", id, n)
		}
	}
	if len(seen) != 500 {
		t.Errorf("%d items in all; want 500", len(seen))
	}
}

func TestItemSizeLimit(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	exact := strings.Repeat("x", maxItemSize-len("id")-len("a")-len("v"))
	must(t, db, `PutItem {"TableName":"items","Item":{"id":{"S":"a"},"v":{"S":%q}}}`, exact)
	for _, test := range []struct{ request, want string }{
		{fmt.Sprintf(`> PutItem {"TableName":"items","Item":{"id":{"S":"a"},"v":{"S":%q}}}`, exact+"x"),
			"ValidationException: Item size has exceeded the maximum allowed size"},
		{`> UpdateItem {"TableName":"items","Key":{"id":{"S":"a"}},"UpdateExpression":"SET w = :w","ExpressionAttributeValues":{":w":{"S":""}}}`,
			"ValidationException: Item size to update has exceeded the maximum allowed size"},
	} {
		if got := request(t, db, test.request); got != test.want {
			t.Errorf("%.60s: %s; want %s", test.request, got, test.want)
		}
	}
}

// TestTooManyTables fills an account with tables, all but one of them by copying the first.
func TestTooManyTables(t *testing.T) {
	db := openTemp(t)
	create := func(name string) string {
		return request(t, db, `> CreateTable {"TableName":"`+name+`","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],`+
			`"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}`)
	}
	create("first")
	err := db.update(context.Background(), func(tx *bbolt.Tx) error {
		definition := tx.Bucket([]byte(tablePrefix + "first")).Get(definitionKey)
		for i := range maxTables - 2 {
			name := fmt.Sprintf("copy%d", i)
			bucket, err := tx.CreateBucket([]byte(tablePrefix + name))
			if err == nil {
				err = bucket.Put(definitionKey, bytes.Replace(definition, []byte("first"), []byte(name), 1))
			}
			if err == nil {
				_, err = tx.CreateBucket([]byte(itemsPrefix + name))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := create("last"); !strings.HasPrefix(got, "{") {
		t.Errorf("the last that there can be: %s", got)
	}
	if got, want := create("more"), "LimitExceededException: Subscriber limit exceeded: There is a limit of 2500 tables per subscriber"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

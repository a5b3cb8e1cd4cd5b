package dynamolocal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.etcd.io/bbolt"
)

// The benchmarks go through guregu/dynamo, at concurrency 16, on the engine; with the build tag
// dynamodblocal on DynamoDB Local too (BenchmarkDynamoDBLocal).

const benchClients = 16

type benchItem struct {
	ID     string `dynamo:",hash" index:"Owner-ID-index,range"`
	Owner  string `index:"Owner-ID-index,hash"`
	Filler string
}

func benchID(n int64) string { return fmt.Sprintf("%012d", n) }

func newBenchItem(n int64) benchItem {
	return benchItem{ID: benchID(n), Owner: fmt.Sprintf("owner%d", n/25), Filler: strings.Repeat("x", 900)}
}

func BenchmarkEngine(b *testing.B) {
	db, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	benchmarkBackend(b, db)
}

func benchmarkBackend(b *testing.B, api dynamodbiface.DynamoDBAPI) {
	ctx := context.Background()
	db := dynamo.NewFromIface(api)
	if err := db.CreateTable("bench", benchItem{}).OnDemand(true).Wait(ctx); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Table("bench").DeleteTable().Run(ctx) })
	table := db.Table("bench")
	const items = 100_000
	var next atomic.Int64
	b.Run("ConditionalPut", func(b *testing.B) {
		parallel(b, benchClients, func() error {
			return table.Put(newBenchItem(next.Add(1) - 1)).If("attribute_not_exists(ID)").Run(ctx)
		})
	})
	for next.Load() < items {
		var batch []any
		for range maxBatchWrite {
			batch = append(batch, newBenchItem(next.Add(1)-1))
		}
		if _, err := table.Batch("ID").Write().Put(batch...).Run(ctx); err != nil {
			b.Fatal(err)
		}
	}
	var turn atomic.Int64
	b.Run("GetItem", func(b *testing.B) {
		parallel(b, benchClients, func() error {
			var it benchItem
			return table.Get("ID", benchID(turn.Add(7919)%items)).Consistent(true).One(ctx, &it)
		})
	})
	b.Run("Query25OfIndex", func(b *testing.B) {
		parallel(b, benchClients, func() error {
			var page []benchItem
			owner := fmt.Sprintf("owner%d", turn.Add(7919)%(items/25))
			if err := table.Get("Owner", owner).Index("Owner-ID-index").All(ctx, &page); err != nil || len(page) == 25 {
				return err
			}
			return fmt.Errorf("%s has %d items", owner, len(page))
		})
	})
}

// parallel calls f from as many goroutines as there are clients.
func parallel(b *testing.B, clients int, f func() error) {
	var calls atomic.Int64
	done := make(chan error, clients)
	b.ResetTimer()
	for range clients {
		go func() {
			for calls.Add(1) <= int64(b.N) {
				if err := f(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkStream is synced puts of 1 KB over items that are there, into a table with a stream and one without, by one
// client and by 16, a thousand at a time in turn: the rates, and how the one is to the other.
func BenchmarkStream(b *testing.B) {
	for _, view := range []types.StreamViewType{types.StreamViewTypeKeysOnly, types.StreamViewTypeNewAndOldImages} {
		for _, clients := range []int{1, 16} {
			b.Run(fmt.Sprintf("%s/%dclients", view, clients), func(b *testing.B) { benchmarkStream(b, view, clients) })
		}
	}
}

func benchmarkStream(b *testing.B, view types.StreamViewType, clients int) {
	ctx := context.Background()
	db := openTemp(b)
	tables := []string{"plain", "streamed"}
	createStreamed(b, db, "streamed", view)
	must(b, db, `CreateTable {"TableName":"plain","BillingMode":"PAY_PER_REQUEST",
				"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}`)
	const items, turn = 10_000, 1000
	filler := text(strings.Repeat("x", 1000))
	var next [2]atomic.Int64
	put := func(table int) error {
		n := next[table].Add(1)
		it := item{"id": text(benchID(n * 7919 % items)), "filler": filler, "n": number64(n)}
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &tables[table], Item: it})
		return err
	}
	round := func(table, puts int) time.Duration {
		begun := time.Now()
		var wg sync.WaitGroup
		for range clients {
			wg.Go(func() {
				for range puts / clients {
					if err := put(table); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return time.Since(begun)
	}
	for table := range tables {
		round(table, items)
	}
	var took [2]time.Duration
	turns := 0
	for b.Loop() {
		for i := range tables {
			table := (i + turns) % 2
			took[table] += round(table, turn)
		}
		turns++
	}
	rate := func(table int) float64 { return float64(turns*turn/clients*clients) / took[table].Seconds() }
	b.ReportMetric(rate(0), "plain-puts/s")
	b.ReportMetric(rate(1), "streamed-puts/s")
	b.ReportMetric(rate(1)/rate(0), "streamed/plain")
}

// A localItem has a table's sort key and that of a local index, of which neither is in the other's order.
type localItem struct {
	Owner  string `dynamo:",hash" localIndex:"Owner-Rank-index,hash"`
	ID     string `dynamo:",range"`
	Rank   int64  `localIndex:"Owner-Rank-index,range"`
	Filler string
}

// BenchmarkLocalIndex is a Query of 25 items by the table and one of the same by a local index, in
// turn, through guregu/dynamo, by one client: the medians, and how the one is to the other.
func BenchmarkLocalIndex(b *testing.B) {
	ctx := context.Background()
	engine := openTemp(b)
	db := dynamo.NewFromIface(engine)
	if err := db.CreateTable("bench", localItem{}).OnDemand(true).Wait(ctx); err != nil {
		b.Fatal(err)
	}
	table := db.Table("bench")
	const owners, each = 4000, 25
	for owner := range owners {
		var batch []any
		for n := range int64(each) {
			batch = append(batch, localItem{fmt.Sprint("owner", owner), benchID(n), n * 7 % each, strings.Repeat("x", 900)})
		}
		if _, err := table.Batch("Owner", "ID").Write().Put(batch...).Run(ctx); err != nil {
			b.Fatal(err)
		}
	}
	indexes := []string{"", "Owner-Rank-index"}
	var took [2][]time.Duration
	turn := 0
	for b.Loop() {
		turn++
		owner := fmt.Sprint("owner", turn*7919%owners)
		for i := range indexes {
			i = (i + turn) % 2 // what comes first finds less in the processor's caches
			query := table.Get("Owner", owner)
			if indexes[i] != "" {
				query = query.Index(indexes[i])
			}
			var page []localItem
			begun := time.Now()
			err := query.All(ctx, &page)
			took[i] = append(took[i], time.Since(begun))
			if err != nil || len(page) != each {
				b.Fatal(owner, indexes[i], len(page), err)
			}
		}
	}
	median := func(list []time.Duration) float64 {
		slices.Sort(list)
		return float64(list[len(list)/2].Nanoseconds())
	}
	byTable, byIndex := median(took[0]), median(took[1])
	b.ReportMetric(byTable, "ns/table-query")
	b.ReportMetric(byIndex, "ns/index-query")
	b.ReportMetric(byIndex/byTable, "index/table")
}

// BenchmarkOneWriter is a lone client's synced put of 1 KB, beside bbolt's own Update.
func BenchmarkOneWriter(b *testing.B) {
	it := item{"id": nil, "filler": text(strings.Repeat("x", 1000))}
	b.Run("engine", func(b *testing.B) {
		db := openTemp(b)
		createItems(b, db)
		for i := range b.N {
			it["id"] = text(benchID(int64(i)))
			if err := db.update(context.Background(), func(tx *bbolt.Tx) error {
				c, err := db.prepare(tx, &write{table: "items", item: it})
				if err != nil {
					return err
				}
				return c.apply()
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bbolt", func(b *testing.B) {
		db := openBolt(b)
		for i := range b.N {
			id := benchID(int64(i))
			it["id"] = text(id)
			if err := boltPut(db, id, it); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWriters is synced puts of 1 KB by 64 clients at once, and as many by bbolt's own Update, one for each.
func BenchmarkWriters(b *testing.B) {
	const clients = 64
	b.Run("engine", func(b *testing.B) {
		db := openTemp(b)
		createItems(b, db)
		var next atomic.Int64
		filler := &types.AttributeValueMemberS{Value: strings.Repeat("x", 1000)}
		parallel(b, clients, func() error {
			id := &types.AttributeValueMemberS{Value: benchID(next.Add(1))}
			_, err := db.PutItem(context.Background(), &dynamodb.PutItemInput{
				TableName: aws.String("items"), Item: map[string]types.AttributeValue{"id": id, "filler": filler},
			})
			return err
		})
	})
	b.Run("bbolt", func(b *testing.B) {
		db := openBolt(b)
		var next atomic.Int64
		filler := text(strings.Repeat("x", 1000))
		parallel(b, clients, func() error {
			id := benchID(next.Add(1))
			return boltPut(db, id, item{"id": text(id), "filler": filler})
		})
	})
}

func openBolt(b *testing.B) *bbolt.DB {
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "bolt"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func boltPut(db *bbolt.DB, id string, it item) error {
	return db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists([]byte("items"))
		if err != nil {
			return err
		}
		return bucket.Put([]byte(id), appendItem(nil, it))
	})
}

// BenchmarkOpen opens a directory of a million items of 1 KB, and one of ten million of 100 bytes, reads an item, and
// closes it; and tells the anonymous memory of a process that has read them all.
func BenchmarkOpen(b *testing.B) {
	b.Run("items=1000000", func(b *testing.B) { benchmarkOpen(b, 1_000_000, 1000) })
	b.Run("items=10000000", func(b *testing.B) { benchmarkOpen(b, 10_000_000, 70) })
}

func benchmarkOpen(b *testing.B, items int64, size int) {
	dir := b.TempDir()
	db, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	createItems(b, db)
	filler := text(strings.Repeat("x", size))
	const batch = 20_000
	for from := int64(0); from < items; from += batch {
		err := db.update(context.Background(), func(tx *bbolt.Tx) error {
			for n := from; n < from+batch; n++ {
				c, err := db.prepare(tx, &write{table: "items", item: item{"id": text(benchID(n)), "filler": filler}})
				if err != nil {
					return err
				}
				if err := c.apply(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		db, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		answer := must(b, db, `GetItem {"TableName":"items","Key":{"id":{"S":%q}},"ProjectionExpression":"id"}`, benchID(items/2))
		if answer == "{}" {
			b.Fatal("the item is not there")
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), memoryDirEnv+"="+dir)
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "RssAnon: %f kB", &kb); n == 1 {
			b.ReportMetric(kb/1024, "RssAnon-MB")
		}
	}
}

// memoryDirEnv makes the test binary the process whose memory BenchmarkOpen looks at.
const memoryDirEnv = "DYNAMOLOCAL_MEMORY_DIR"

// printMemory reads all the items of a directory, and prints what Linux says of the process.
func printMemory(dir string) error {
	db, err := Open(dir)
	if err != nil {
		return err
	}
	defer db.Close()
	scan := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("items")})
	for scan.HasMorePages() {
		if _, err := scan.NextPage(context.Background()); err != nil {
			return err
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	fmt.Print(string(status))
	return err
}

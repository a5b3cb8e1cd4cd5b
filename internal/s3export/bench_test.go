package s3export

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// benchItems is how many items of 1 KB the benchmarks move.
const benchItems = 10_000

// BenchmarkRoundTrip exports a snapshot, and imports it into another engine, synced.
func BenchmarkRoundTrip(b *testing.B) {
	engine := openEngine(b)
	createTable(b, engine)
	for i := 0; i < benchItems; i += maxBatchItems {
		var puts []types.WriteRequest
		for j := range maxBatchItems {
			it := key("a", i+j)
			it["text"] = &types.AttributeValueMemberS{Value: strings.Repeat("a kilobyte ", 93)}
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if _, err := engine.BatchWriteItem(b.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts}}); err != nil {
			b.Fatal(err)
		}
	}
	snapshot, err := engine.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	defer snapshot.Close()
	b.Run("Write", func(b *testing.B) {
		for b.Loop() {
			if _, err := Write(b.Context(), snapshot, table, b.TempDir(), time.Now(), quiet); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(benchItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
	})
	b.Run("WriteTo", func(b *testing.B) {
		export := writeAndOpen(b, snapshot)
		to := openEngine(b)
		createTable(b, to)
		for b.Loop() {
			if err := export.WriteTo(b.Context(), to, table, quiet); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(benchItems*float64(b.N)/b.Elapsed().Seconds(), "items/s")
	})
}

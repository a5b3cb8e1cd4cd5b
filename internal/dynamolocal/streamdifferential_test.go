//go:build dynamodblocal

package dynamolocal

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestStreamDifferential gives the engine and DynamoDB Local the same random writes, and compares what the streams
// tell of each item: the events, the keys and the images, in their order.
func TestStreamDifferential(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	client := dynamoDBLocal(t)
	defer deleteTables(t, client)
	total := 0
	for i := range *sequencesFlag {
		seed := seed + uint64(i)
		requests := newGenerator(seed).writes(120)
		differs := func(requests []string) (string, int) {
			deleteTables(t, client)
			db := openTemp(t)
			server := httptest.NewServer(db.Handler())
			defer server.Close()
			for _, r := range requests {
				request(t, db, r)
				request(t, client, r)
			}
			got, n := changesByItem(t, server.URL)
			want, _ := changesByItem(t, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
			for _, item := range slices.Sorted(maps.Keys(want)) {
				if got[item] != want[item] {
					return fmt.Sprintf("item %s\nwant %s\ngot  %s", item, want[item], got[item]), n
				}
			}
			if len(got) != len(want) {
				return fmt.Sprintf("%d items changed; want %d", len(got), len(want)), n
			}
			return "", n
		}
		difference, n := differs(requests)
		total += n
		if difference == "" {
			continue
		}
		requests = shrink(requests, func(r []string) bool { d, _ := differs(r); return d != "" })
		difference, _ = differs(requests)
		t.Fatalf("-seed %d -sequences 1:\n%s\n%s", seed, strings.Join(requests, "\n"), difference)
	}
	t.Logf("%d records", total)
	if total < *sequencesFlag {
		t.Errorf("only %d records", total)
	}
}

// writes are a table with a stream, and random writes to it.
func (g generator) writes(n int) []string {
	operation, input, _ := strings.Cut(strings.TrimPrefix(createThings(), "> "), " ")
	var table object
	if err := json.Unmarshal([]byte(input), &table); err != nil {
		panic(err)
	}
	table["StreamSpecification"] = object{"StreamEnabled": true, "StreamViewType": pick(g, "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "NEW_AND_OLD_IMAGES")}
	requests := []string{printRequest(operation, table)}
	for len(requests) <= n {
		r := g.request()
		for _, operation := range []string{"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"} {
			if strings.HasPrefix(r, "> "+operation+" ") {
				requests = append(requests, r)
				if g.IntN(4) == 0 { // which changes nothing mostly
					requests = append(requests, r)
				}
			}
		}
	}
	return requests
}

// changesByItem are the events of the stream of the table things, with keys and images, by the item.
func changesByItem(t *testing.T, endpoint string) (changes map[string]string, n int) {
	t.Helper()
	ask := func(operation string, in object, out any) {
		t.Helper()
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		status, body := post(t, endpoint, operation, string(b))
		if status != 200 {
			t.Fatalf("%s %s: %s", operation, b, body)
		}
		if err := json.Unmarshal(body, out); err != nil {
			t.Fatal(err)
		}
	}
	var table struct {
		Table struct{ LatestStreamArn string }
	}
	ask("DescribeTable", object{"TableName": "things"}, &table)
	arn := table.Table.LatestStreamArn
	var stream struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	ask("DescribeStream", object{"StreamArn": arn}, &stream)
	changes = map[string]string{}
	for _, shard := range stream.StreamDescription.Shards {
		var it struct{ ShardIterator string }
		ask("GetShardIterator", object{"StreamArn": arn, "ShardId": shard.ShardId, "ShardIteratorType": "TRIM_HORIZON"}, &it)
		for next := it.ShardIterator; next != ""; {
			var page struct {
				NextShardIterator string
				Records           []struct {
					EventName string
					Dynamodb  struct{ Keys, NewImage, OldImage any }
				}
			}
			ask("GetRecords", object{"ShardIterator": next, "Limit": 50}, &page)
			for _, r := range page.Records {
				keys, err := printJSON(redact(r.Dynamodb.Keys))
				if err != nil {
					t.Fatal(err)
				}
				images, err := printJSON(redact(roundTrip([]any{r.EventName, r.Dynamodb.NewImage, r.Dynamodb.OldImage})))
				if err != nil {
					t.Fatal(err)
				}
				changes[plain(keys)] += "\n" + plain(images)
				n++
			}
			if next = page.NextShardIterator; len(page.Records) == 0 {
				break
			}
		}
	}
	return changes, n
}

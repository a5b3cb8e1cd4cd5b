package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// TestConditionalWritesHaveOneWinner has 64 clients put the same items on condition that there
// are none, and add to the same numbers.
func TestConditionalWritesHaveOneWinner(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
		t.Fatal(err)
	}
	const clients, items = 64, 20
	var winners [items]atomic.Int32
	var wg sync.WaitGroup
	for client := range clients {
		wg.Go(func() {
			for i := range items {
				it := pair("item", i)
				it["client"] = &types.AttributeValueMemberS{Value: fmt.Sprint(client)}
				_, err := db.PutItem(ctx, &dynamodb.PutItemInput{
					TableName: aws.String("pairs"), Item: it, ConditionExpression: aws.String("attribute_not_exists(id)"),
				})
				if err == nil {
					winners[i].Add(1)
				} else if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); !ok {
					t.Error(err)
				}
				_, err = db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
					TableName: aws.String("pairs"), Key: pairKey("sum", i), UpdateExpression: aws.String("ADD added :one"),
					ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
				})
				if err != nil {
					t.Error(err)
				}
				if _, err := db.Query(ctx, &dynamodb.QueryInput{
					TableName: aws.String("pairs"), IndexName: aws.String("by-n"), KeyConditionExpression: aws.String("n = :n"),
					ExpressionAttributeValues: item{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}},
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range items {
		if n := winners[i].Load(); n != 1 {
			t.Errorf("item %d was put %d times", i, n)
		}
		out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey("sum", i)})
		if err != nil {
			t.Fatal(err)
		}
		if total := out.Item["added"].(*types.AttributeValueMemberN).Value; total != fmt.Sprint(clients) {
			t.Errorf("sum %d is %s; want %d", i, total, clients)
		}
	}
}

// TestWritersOfOneProcessorShareTransactions has 64 who can run at once write on one processor, which
// a file that is synced holds.
func TestWritersOfOneProcessorShareTransactions(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const writers = 64
	for range 10 {
		transactions := make([]int, writers)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				err := db.update(context.Background(), func(tx *bbolt.Tx) error {
					transactions[w] = tx.ID()
					return tx.Bucket([]byte(itemsPrefix+"items")).Put([]byte{byte(w)}, nil)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		slices.Sort(transactions)
		if n := len(slices.Compact(transactions)); n > writers/4 {
			t.Errorf("%d writers took %d transactions", writers, n)
		}
		if err := db.update(context.Background(), func(*bbolt.Tx) error { return nil }); err != nil { // alone, so that the next begin as these did
			t.Fatal(err)
		}
	}
}

// TestCanceledWriteIsNotMade has a caller give up while the write waits for its group.
func TestCanceledWriteIsNotMade(t *testing.T) {
	db := openTemp(t)
	if _, err := db.CreateTable(context.Background(), pairsTable()); err != nil {
		t.Fatal(err)
	}
	began, finish := make(chan struct{}), make(chan struct{})
	blocked := make(chan error, 1)
	go func() {
		blocked <- db.update(context.Background(), func(*bbolt.Tx) error {
			close(began)
			<-finish
			return nil
		})
	}()
	<-began
	ctx, cancel := context.WithCancel(context.Background())
	put := make(chan error, 1)
	go func() {
		_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair("left", 1)})
		put <- err
	}()
	cancel()
	if err := <-put; !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v; want it canceled", err)
	}
	close(finish)
	if err := <-blocked; err != nil {
		t.Fatal(err)
	}
	out, err := db.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey("left", 1)})
	if err != nil || out.Item != nil {
		t.Errorf("get: %v, %v; want no item", out, err)
	}
}

// TestGroupOutlivesARefusedWrite has one write of a group fail, and one panic.
func TestGroupOutlivesARefusedWrite(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("refused")
	put := func(tx *bbolt.Tx) error {
		c, err := db.prepare(tx, &write{table: "pairs", item: pair("left", 1)})
		if err != nil {
			return err
		}
		return c.apply()
	}
	group := []*writeRequest{
		{apply: put, done: make(chan struct{})},
		{apply: func(*bbolt.Tx) error { return refusal }, done: make(chan struct{})},
	}
	db.writeGroup(group)
	if group[0].err != nil || group[1].err != refusal {
		t.Errorf("errors: %v, %v; want none and the refusal", group[0].err, group[1].err)
	}
	if out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey("left", 1)}); err != nil || out.Item == nil {
		t.Errorf("get: %v, %v; want the item", out, err)
	}
	if err := db.update(ctx, func(*bbolt.Tx) error { panic("a bug") }); err == nil {
		t.Error("a write that panics is acknowledged")
	}
	if err := db.update(ctx, put); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

// TestClosed shows that every operation after Close is refused.
func TestClosed(t *testing.T) {
	db, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.CreateTable(context.Background(), pairsTable()); !errors.Is(err, ErrClosed) {
		t.Errorf("write: %v; want ErrClosed", err)
	}
	if _, err := db.ListTables(context.Background(), nil); !errors.Is(err, ErrClosed) {
		t.Errorf("read: %v; want ErrClosed", err)
	}
}

package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/itembytes"
)

// A textsTable has items by a text, and a number each.
type textsTable struct {
	testing.TB
	*DB
}

func newTextsTable(t testing.TB) textsTable {
	texts := textsTable{t, openTemp(t)}
	texts.create()
	return texts
}

func (t textsTable) create() {
	t.Helper()
	if _, err := t.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("texts"),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	}); err != nil {
		t.Fatal(err)
	}
}

func textKey(id string) itembytes.TextKey {
	return itembytes.TextKey{Table: "texts", Hash: itembytes.TextAttribute{Name: "id", Value: id}}
}

func (t textsTable) put(ids []string, number int) error {
	var puts []types.TransactWriteItem
	for _, id := range ids {
		it := item{"id": &types.AttributeValueMemberS{Value: id}, "number": &types.AttributeValueMemberN{Value: strconv.Itoa(number)}}
		puts = append(puts, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("texts"), Item: it}})
	}
	_, err := t.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: puts})
	return err
}

// numbers returns the numbers of items, as ReadTexts tells them.
func (t textsTable) numbers(ids ...string) (numbers []int, err error) {
	in := &itembytes.TextRead{IsUsual: true, Take: func(_, kept string) error {
		n, _ := itembytes.Attribute(kept, "number").(*types.AttributeValueMemberN)
		number, err := strconv.Atoi(n.Value)
		numbers = append(numbers, number)
		return err
	}}
	for _, id := range ids {
		in.Keys = append(in.Keys, textKey(id))
	}
	_, err = t.ReadTexts(context.Background(), in)
	return numbers, err
}

// TestReadTextsLatest has readers read two items that a writer changes together: they see both as one transaction has
// left them, and nothing older than what the writer knew to be written before they asked.
func TestReadTextsLatest(t *testing.T) {
	texts := newTextsTable(t)
	ids := []string{"a", "b"}
	if err := texts.put(ids, 0); err != nil {
		t.Fatal(err)
	}
	var written atomic.Int64
	var isOver atomic.Bool
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !isOver.Load() && !t.Failed() {
				least := int(written.Load())
				numbers, err := texts.numbers(ids...)
				if err != nil || len(numbers) != 2 || numbers[0] != numbers[1] || numbers[0] < least {
					t.Errorf("read %v, %v; want two of at least %d", numbers, err, least)
				}
			}
		})
	}
	writers.Go(func() { // so that groups have several writes, and some of other items
		for i := 0; !isOver.Load(); i++ {
			if err := texts.put([]string{fmt.Sprint("other", i%10)}, i); err != nil {
				t.Error(err)
			}
		}
	})
	for i := 1; i <= 500; i++ {
		if err := texts.put(ids, i); err != nil {
			t.Fatal(err)
		}
		written.Store(int64(i))
	}
	isOver.Store(true)
	readers.Wait()
	writers.Wait()
}

// TestReadTextsChanged changes items in every way that there is, each read before.
func TestReadTextsChanged(t *testing.T) {
	texts := newTextsTable(t)
	ctx := t.Context()
	key := item{"id": &types.AttributeValueMemberS{Value: "a"}}
	table := aws.String("texts")
	want := func(what string, want ...int) {
		t.Helper()
		for range 2 {
			if got, err := texts.numbers("a"); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, %v; want %v", what, got, err, want)
			}
		}
	}
	check := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want("nothing")
	check(nil, texts.put([]string{"a"}, 1))
	want("put", 1)
	add := &dynamodb.UpdateItemInput{
		TableName: table, Key: key, UpdateExpression: aws.String("ADD #n :one"),
		ExpressionAttributeNames:  map[string]string{"#n": "number"},
		ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
	}
	check(texts.UpdateItem(ctx, add))
	want("updated", 2)
	add.ConditionExpression = aws.String("attribute_not_exists(id)")
	if _, err := texts.UpdateItem(ctx, add); !errors.As(err, new(*types.ConditionalCheckFailedException)) {
		t.Fatal(err)
	}
	want("refused", 2)
	check(texts.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key}))
	want("deleted")
	check(texts.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		"texts": {{PutRequest: &types.PutRequest{Item: item{"id": key["id"], "number": &types.AttributeValueMemberN{Value: "7"}}}}},
	}}))
	want("put by a batch", 7)
	check(texts.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: table}))
	if got, err := texts.numbers("a"); !errors.As(err, new(*types.ResourceNotFoundException)) {
		t.Errorf("without a table: %v, %v", got, err)
	}
	texts.create()
	want("another table")
	check(nil, texts.put([]string{"a"}, 9))
	want("in another table", 9)
	if err := texts.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := texts.numbers("a"); !errors.Is(err, ErrClosed) {
		t.Errorf("once it is closed: %v", err)
	}
}

// TestReadTextsForgets reads more than is kept at hand, and more than an answer has.
func TestReadTextsForgets(t *testing.T) {
	texts := newTextsTable(t)
	long := make([]byte, 300<<10)
	var keys []itembytes.TextKey
	for i := range 60 {
		keys = append(keys, textKey(fmt.Sprint(i)))
		if _, err := texts.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("texts"), Item: item{
			"id": &types.AttributeValueMemberS{Value: fmt.Sprint(i)}, "number": &types.AttributeValueMemberN{Value: fmt.Sprint(i)},
			"long": &types.AttributeValueMemberB{Value: long},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	var taken, answers int
	for len(keys) > 0 {
		answer, err := texts.ReadTexts(t.Context(), &itembytes.TextRead{Keys: keys, Take: func(string, string) error { taken++; return nil }})
		if err != nil {
			t.Fatal(err)
		}
		keys = answer.Unread
		answers++
	}
	if taken != 60 || answers != 2 {
		t.Errorf("18 MB are %d items in %d answers, want 60 in 2", taken, answers)
	}
	for i := range 80 {
		if got, err := texts.numbers(fmt.Sprint(i % 40)); err != nil || fmt.Sprint(got) != fmt.Sprint([]int{i % 40}) {
			t.Fatalf("%d: %v, %v", i, got, err)
		}
		kept := 0
		for _, generation := range []map[string]latestItem{texts.latest.young, texts.latest.old} {
			for _, one := range generation {
				kept += len(one.bytes)
			}
		}
		if kept > latestBytes {
			t.Fatalf("%d bytes are at hand, more than %d", kept, latestBytes)
		}
	}
}

// TestReadTextsKeeps has one item be changed and read in turns for long: another is still at hand then.
func TestReadTextsKeeps(t *testing.T) {
	texts := newTextsTable(t)
	if err := texts.put([]string{"a", "b"}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := texts.numbers("b"); err != nil {
		t.Fatal(err)
	}
	const often = 2 * latestBytes / besideLatest
	l := &texts.latest
	for range often {
		if _, err := texts.numbers("a", "none"); err != nil { // which reads a anew
			t.Fatal(err)
		}
		l.forget(0, "texts", []byte("another\x00\x00"))
	}
	size := 0
	for key, one := range l.young {
		size += sizeOfLatest(key, one)
	}
	if len(l.young) != 2 || size != l.size {
		t.Errorf("%d items are at hand, of %d bytes, and %d are counted; want 2, and as many", len(l.young), size, l.size)
	}
}

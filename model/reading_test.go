package model

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.opentelemetry.io/otel/trace/noop"
)

// bounded holds at most so many bytes.
type bounded struct{ held, most int }

var errFull = errors.New("full")

func (b *bounded) Await(context.Context, int) error { return nil }

func (b *bounded) TakeRead(_ context.Context, bytes int) error {
	if b.held+bytes > b.most {
		return errFull
	}
	b.held += bytes
	return nil
}

func (b *bounded) GiveBack(bytes int) { b.held -= bytes }

// oneItem answers every read with the same item, once or several times.
type oneItem struct {
	Engine
	item map[string]types.AttributeValue
}

func (o oneItem) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: o.item}, nil
}

func (o oneItem) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{o.item, o.item}}, nil
}

func (o oneItem) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	items := []map[string]types.AttributeValue{o.item, o.item}
	return &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{"a": items, "b": items[:1]}}, nil
}

// TestReading holds that what is read counts, whatever it is of, and what is passed over does not.
func TestReading(t *testing.T) {
	const size = 100_000
	long := strings.Repeat("x", size)
	text := &types.AttributeValueMemberS{Value: long}
	many := make([]types.AttributeValue, size/64) // each has a place, though it is empty
	for i := range many {
		many[i] = &types.AttributeValueMemberNULL{Value: true}
	}
	for name, value := range map[string]types.AttributeValue{
		"text":         text,
		"a number":     &types.AttributeValueMemberN{Value: long},
		"bytes":        &types.AttributeValueMemberB{Value: []byte(long)},
		"a map":        &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"in": text}},
		"a list":       &types.AttributeValueMemberL{Value: []types.AttributeValue{text}},
		"many nothing": &types.AttributeValueMemberL{Value: many},
		"texts":        &types.AttributeValueMemberSS{Value: []string{"a", long}},
		"numbers":      &types.AttributeValueMemberNS{Value: []string{"1", long}},
		"many bytes":   &types.AttributeValueMemberBS{Value: [][]byte{nil, []byte(long)}},
	} {
		holder := &bounded{most: 20 * size}
		client := ObserveEngine(oneItem{item: map[string]types.AttributeValue{"id": value}}, noop.NewTracerProvider(), 1)
		reads := map[int]func(ctx context.Context) error{
			1: func(ctx context.Context) error {
				_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("a")})
				return err
			},
			2: func(ctx context.Context) error {
				_, err := client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("a")})
				return err
			},
			3: func(ctx context.Context) error {
				_, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{})
				return err
			},
		}
		for items, read := range reads {
			holder.held = 0
			ctx := WithRequest(t.Context(), &Request{Holder: holder})
			if err := read(ctx); err != nil || holder.held < items*(size-100) || holder.held > items*(size+1000) {
				t.Errorf("%s, %d times: %d bytes are held, %v", name, items, holder.held, err)
			}
			before := holder.held
			reading, forget := passing(ctx)
			if err := read(reading); err != nil || holder.held != 2*before {
				t.Errorf("%s, %d times again: %d bytes are held, %v", name, items, holder.held, err)
			}
			if forget(0.5); holder.held < 3*before/2 || holder.held > 3*before/2+1 {
				t.Errorf("%s, once half is forgotten: %d bytes are held, of %d", name, holder.held, before)
			}
			full := WithRequest(t.Context(), &Request{Holder: &bounded{most: size / 2}})
			if err := read(full); !errors.Is(err, errFull) {
				t.Errorf("%s, where there is no room: %v", name, err)
			}
			if err := read(t.Context()); err != nil {
				t.Errorf("%s, where nobody counts: %v", name, err)
			}
		}
	}
}

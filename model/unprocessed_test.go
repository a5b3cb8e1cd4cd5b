package model

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// A sparing client does at most so much of each batch, and gives the rest back.
type sparing struct {
	dynamodbiface.DynamoDBAPI
	most  int // of keys or writes
	calls int
}

func (s *sparing) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...clientOption) (*dynamodb.BatchGetItemOutput, error) {
	s.calls++
	some, rest, left := *in, map[string]types.KeysAndAttributes{}, s.most
	some.RequestItems = map[string]types.KeysAndAttributes{}
	for table, of := range in.RequestItems {
		first, second := of, of
		n := min(left, len(of.Keys))
		left -= n
		first.Keys, second.Keys = of.Keys[:n], of.Keys[n:]
		if n > 0 {
			some.RequestItems[table] = first
		}
		if n < len(of.Keys) {
			rest[table] = second
		}
	}
	out := &dynamodb.BatchGetItemOutput{}
	if len(some.RequestItems) > 0 {
		var err error
		if out, err = s.DynamoDBAPI.BatchGetItem(ctx, &some, options...); err != nil {
			return nil, err
		}
	}
	out.UnprocessedKeys = rest
	return out, nil
}

func (s *sparing) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...clientOption) (*dynamodb.BatchWriteItemOutput, error) {
	s.calls++
	some, rest, left := *in, map[string][]types.WriteRequest{}, s.most
	some.RequestItems = map[string][]types.WriteRequest{}
	for table, writes := range in.RequestItems {
		n := min(left, len(writes))
		left -= n
		if n > 0 {
			some.RequestItems[table] = writes[:n]
		}
		if n < len(writes) {
			rest[table] = writes[n:]
		}
	}
	out := &dynamodb.BatchWriteItemOutput{}
	if len(some.RequestItems) > 0 {
		var err error
		if out, err = s.DynamoDBAPI.BatchWriteItem(ctx, &some, options...); err != nil {
			return nil, err
		}
	}
	out.UnprocessedItems = rest
	return out, nil
}

// TestWholeBatches has DynamoDB leave some of each batch, and all of it.
func TestWholeBatches(t *testing.T) {
	for _, test := range []struct {
		name          string
		most          int
		reads, writes int // calls: 7 keys, and 7 writes
		fails         bool
	}{
		{"all is done at once", 100, 1, 1, false},
		{"three at a time", 3, 3, 3, false},
		{"one at a time, though that is more often than another call is tried", 1, 7, 7, false},
		{"nothing", 0, dynamoDBAttempts, dynamoDBAttempts, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			posts := somePosts(7, func(int, *post) {})
			put(t, b.posts.core.table, posts)
			ids := make([]string, len(posts))
			for i, p := range posts {
				ids[i] = p.ID
			}
			client := &sparing{DynamoDBAPI: b.client, most: test.most}
			sparingly := blogOn(client, b.prefix)

			found, err := sparingly.posts.core.read(t.Context(), ids)
			if client.calls != test.reads || IsUnavailable(err) != test.fails || err == nil && len(found) != len(ids) {
				t.Errorf("%d calls read %d posts, %v; want %d calls", client.calls, len(found), err, test.reads)
			}
			client.calls = 0
			erase := sparingly.posts.core.table.Batch("id").Write()
			for _, id := range ids {
				erase.Delete(dynamo.Keys{id})
			}
			_, err = erase.Run(t.Context())
			if client.calls != test.writes || IsUnavailable(err) != test.fails {
				t.Errorf("%d calls delete, %v; want %d", client.calls, err, test.writes)
			}
			if !test.fails {
				wantCount(t, b.posts.core.table, 0)
			}
		})
	}
}

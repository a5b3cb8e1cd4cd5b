// Package testclient is for tests: what they keep their tables in, and a client that lets them
// come between.
package testclient

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// Connect returns a client of DynamoDB, as model.NewDynamoDB does; that is not imported, for
// its own tests to use this package.
type Connect = func(context.Context) (*dynamodb.Client, error)

// A Client counts the calls that reach DynamoDB's data, and lets a test come before them.
type Client struct {
	dynamodbiface.DynamoDBAPI
	mu     sync.Mutex
	calls  map[string]int
	Listed int                          // items, by Query
	Before func(operation string) error // not nil: the call fails with its error
}

// Counted returns how often f called what.
func (c *Client) Counted(f func()) map[string]int {
	c.mu.Lock()
	c.calls = map[string]int{}
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// AtFirst runs f before the first call of what.
func (c *Client) AtFirst(what string, f func()) {
	c.Before = func(operation string) error {
		if operation == what {
			c.Before = nil
			f()
		}
		return nil
	}
}

// FailAfter lets n more calls through.
func (c *Client) FailAfter(n int) {
	c.Before = func(string) error {
		if n--; n < 0 {
			return ErrLost
		}
		return nil
	}
}

// ErrLost is what a call gets that FailAfter lets not through.
var ErrLost = errors.New("the connection is lost")

func (c *Client) arrive(operation string) error {
	c.mu.Lock()
	if c.calls != nil {
		c.calls[operation]++
	}
	c.mu.Unlock()
	if c.Before == nil {
		return nil
	}
	return c.Before(operation)
}

type options = func(*dynamodb.Options)

func pass[I, O any](c *Client, operation string, ctx context.Context, in I, call func(context.Context, I, ...options) (O, error)) (out O, err error) {
	if err := c.arrive(operation); err != nil {
		return out, err
	}
	return call(ctx, in)
}

func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...options) (*dynamodb.BatchGetItemOutput, error) {
	return pass(c, "BatchGetItem", ctx, in, c.DynamoDBAPI.BatchGetItem)
}

func (c *Client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...options) (*dynamodb.BatchWriteItemOutput, error) {
	return pass(c, "BatchWriteItem", ctx, in, c.DynamoDBAPI.BatchWriteItem)
}

func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...options) (*dynamodb.GetItemOutput, error) {
	return pass(c, "GetItem", ctx, in, c.DynamoDBAPI.GetItem)
}

func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...options) (*dynamodb.PutItemOutput, error) {
	return pass(c, "PutItem", ctx, in, c.DynamoDBAPI.PutItem)
}

func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...options) (*dynamodb.UpdateItemOutput, error) {
	return pass(c, "UpdateItem", ctx, in, c.DynamoDBAPI.UpdateItem)
}

func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...options) (*dynamodb.DeleteItemOutput, error) {
	return pass(c, "DeleteItem", ctx, in, c.DynamoDBAPI.DeleteItem)
}

func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...options) (*dynamodb.QueryOutput, error) {
	out, err := pass(c, "Query", ctx, in, c.DynamoDBAPI.Query)
	if err == nil {
		c.mu.Lock()
		c.Listed += int(out.ScannedCount)
		c.mu.Unlock()
	}
	return out, err
}

func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...options) (*dynamodb.ScanOutput, error) {
	return pass(c, "Scan", ctx, in, c.DynamoDBAPI.Scan)
}

func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...options) (*dynamodb.TransactWriteItemsOutput, error) {
	return pass(c, "TransactWriteItems", ctx, in, c.DynamoDBAPI.TransactWriteItems)
}

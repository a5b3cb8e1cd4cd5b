package model

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// wholeBatches is a client that asks again for what DynamoDB has left unprocessed of a batch, so
// that those who use it never see any. DynamoDB leaves something where a table is throttled, and
// where an answer would have more than 16 MB. Package dynamo would ask again, too, but waits half
// a second first.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
type wholeBatches struct{ dynamodbiface.DynamoDBAPI }

func (w wholeBatches) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...clientOption) (*dynamodb.BatchGetItemOutput, error) {
	whole, err := w.DynamoDBAPI.BatchGetItem(ctx, in, options...)
	if err != nil || len(whole.UnprocessedKeys) == 0 { // as nearly always, once for every request
		return whole, err
	}
	if whole.Responses == nil {
		whole.Responses = map[string][]map[string]types.AttributeValue{}
	}
	asked := *in
	asked.RequestItems, whole.UnprocessedKeys = whole.UnprocessedKeys, nil
	err = untilProcessed(ctx, countKeys(asked.RequestItems), func() (left int, err error) {
		out, err := w.DynamoDBAPI.BatchGetItem(ctx, &asked, options...)
		if err != nil {
			return 0, err
		}
		for table, items := range out.Responses {
			whole.Responses[table] = append(whole.Responses[table], items...)
		}
		whole.ConsumedCapacity = append(whole.ConsumedCapacity, out.ConsumedCapacity...)
		whole.ResultMetadata = out.ResultMetadata
		asked.RequestItems = out.UnprocessedKeys
		return countKeys(asked.RequestItems), nil
	})
	if err != nil {
		return nil, err
	}
	return whole, nil
}

func countKeys(requests map[string]types.KeysAndAttributes) (keys int) {
	for _, request := range requests {
		keys += len(request.Keys)
	}
	return keys
}

func (w wholeBatches) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...clientOption) (*dynamodb.BatchWriteItemOutput, error) {
	whole, err := w.DynamoDBAPI.BatchWriteItem(ctx, in, options...)
	if err != nil || len(whole.UnprocessedItems) == 0 {
		return whole, err
	}
	asked := *in
	asked.RequestItems, whole.UnprocessedItems = whole.UnprocessedItems, nil
	err = untilProcessed(ctx, countWrites(asked.RequestItems), func() (left int, err error) {
		out, err := w.DynamoDBAPI.BatchWriteItem(ctx, &asked, options...)
		if err != nil {
			return 0, err
		}
		whole.ConsumedCapacity = append(whole.ConsumedCapacity, out.ConsumedCapacity...)
		whole.ResultMetadata = out.ResultMetadata
		asked.RequestItems = out.UnprocessedItems
		return countWrites(asked.RequestItems), nil
	})
	if err != nil {
		return nil, err
	}
	return whole, nil
}

func countWrites(requests map[string][]types.WriteRequest) (writes int) {
	for _, request := range requests {
		writes += len(request)
	}
	return writes
}

// untilProcessed calls try, which returns how much of a batch is left then, until nothing is; before
// is how much the first call has left. It waits before each try as after other faults, see backoff,
// and from the beginning where a try got on; after as many tries in a row that did not, it takes the
// store for one that is throttled.
func untilProcessed(ctx context.Context, before int, try func() (left int, err error)) (err error) {
	for tries := 1; before > 0 && err == nil; tries++ {
		if tries == dynamoDBAttempts {
			return &types.ProvisionedThroughputExceededException{Message: aws.String("DynamoDB leaves the rest of a batch unprocessed")}
		}
		wait, _ := backoff(tries, nil)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		left := 0
		if left, err = try(); left < before {
			tries = 0
		}
		before = left
	}
	return err
}

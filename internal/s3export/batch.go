package s3export

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A batch is what BatchWriteItem takes: at most 25 items, and at most 16 MB with all that is
// around them.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
type batch []types.WriteRequest

const (
	maxBatchItems = 25
	maxBatchSize  = maxItem // bytes of JSON: what is being written at once has a few times that for each writer
)

// writers is how many batches are written at once.
const writers = 8

// What the target did not process is tried again after firstWait, and then ever later.
const (
	firstWait = 50 * time.Millisecond
	maxWait   = 5 * time.Second
)

// WriteTo puts the export's items into a table. An item with the same key is replaced, and
// others stay. An error leaves what was put until then. progress is called from one goroutine
// at a time.
func (e *Export) WriteTo(ctx context.Context, to Target, table string, progress Progress) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var (
		batches = make(chan batch)
		running sync.WaitGroup
		mu      sync.Mutex // of done and progress
		done    int64
	)
	progress(0, e.Items)
	for range writers {
		running.Go(func() {
			for b := range batches {
				if err := b.write(ctx, to, table); err != nil {
					fail(err)
					continue
				}
				mu.Lock()
				done += int64(len(b))
				progress(done, e.Items)
				mu.Unlock()
			}
		})
	}
	err := e.eachBatch(func(b batch) error {
		select {
		case batches <- b:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(batches)
	running.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("import table %s: %w", table, err)
	}
	return nil
}

// eachBatch gives the export's items in batches, until use returns an error.
func (e *Export) eachBatch(use func(batch) error) error {
	var (
		b    batch
		size int
	)
	for _, file := range e.files {
		for line, err := range e.lines(file) {
			if err != nil {
				return err
			}
			if len(b) == maxBatchItems || len(b) > 0 && size+line.size > maxBatchSize {
				if err := use(b); err != nil {
					return err
				}
				b, size = nil, 0
			}
			b = append(b, types.WriteRequest{PutRequest: &types.PutRequest{Item: line.item}})
			size += line.size
		}
	}
	if len(b) == 0 {
		return nil
	}
	return use(b)
}

// write writes the batch, however often the target asks for it.
func (b batch) write(ctx context.Context, to Target, table string) error {
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		out, err := to.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: b},
		})
		if err != nil {
			return err
		}
		if b = out.UnprocessedItems[table]; len(b) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

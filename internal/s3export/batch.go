package s3export

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A batch is what BatchWriteItem takes: at most 25 items, and at most 16 MB with all that is
// around them.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatchItems = 25
	maxBatchSize  = 8 << 20 // bytes of JSON; one item is far less
)

// What the target did not process is tried again after firstWait, and then ever later.
const (
	firstWait = 50 * time.Millisecond
	maxWait   = 5 * time.Second
)

// WriteTo puts the export's items into a table. An item with the same key is replaced, and
// others stay. An error leaves what was put until then.
func (e *Export) WriteTo(ctx context.Context, to Target, table string, progress Progress) error {
	b := batch{to: to, table: table}
	var done int64
	flush := func() error {
		n := len(b.puts)
		if err := b.write(ctx); err != nil {
			return fmt.Errorf("import table %s: %w", table, err)
		}
		done += int64(n)
		progress(done, e.Items)
		return nil
	}
	progress(0, e.Items)
	for _, file := range e.files {
		for line, err := range e.lines(file) {
			if err != nil {
				return err
			}
			if len(b.puts) == maxBatchItems || b.size+line.size > maxBatchSize {
				if err := flush(); err != nil {
					return err
				}
			}
			b.add(line)
		}
	}
	return flush()
}

// A batch gathers items and writes them in one request.
type batch struct {
	to    Target
	table string
	puts  []types.WriteRequest
	size  int
}

func (b *batch) add(l line) {
	b.puts = append(b.puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: l.item}})
	b.size += l.size
}

// write writes what was added, however often the target asks for it.
func (b *batch) write(ctx context.Context) error {
	wait := firstWait
	for len(b.puts) > 0 {
		out, err := b.to.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{b.table: b.puts},
		})
		if err != nil {
			return err
		}
		if b.puts = out.UnprocessedItems[b.table]; len(b.puts) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
			wait = min(2*wait, maxWait)
		}
	}
	b.puts, b.size = nil, 0
	return nil
}

package dynamolocal

import (
	"context"
	"time"
)

// sweepInterval is how often expired items, idempotency tokens and records of streams are looked for.
const sweepInterval = 30 * time.Second

// tend does the work that no request waits for, until ctx ends. What fails is tried again at
// the next interval.
func (db *DB) tend(ctx context.Context) {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		db.backfill(ctx)
		db.sweep(ctx, time.Now())
		db.forgetTokens(ctx, time.Now())
		db.tendStreams(ctx, time.Now())
		select {
		case <-ctx.Done():
		case <-db.wake:
		case <-ticker.C:
		}
	}
}

// wakeUp tells the background work that there is an index to fill.
func (db *DB) wakeUp() {
	select {
	case db.wake <- struct{}{}:
	default:
	}
}

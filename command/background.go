package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// background is work beside the server: a project's own, and the outbox.
type background struct{ running sync.WaitGroup }

// startBackground begins all of it, until ctx is done. What fails before that is logged.
func startBackground(ctx context.Context, work []func(context.Context) error) *background {
	b := &background{}
	for _, run := range work {
		b.running.Go(func() {
			if err := recovering(ctx, run); err != nil && !errors.Is(err, context.Canceled) {
				slog.ErrorContext(ctx, "background work has ended", "error", err)
			}
		})
	}
	return b
}

// recovering makes an error of a panic, which is not to end the process.
func recovering(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return run(ctx)
}

// wait returns when all of it has ended, or ctx is done: then it returns its error.
func (b *background) wait(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		b.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("background work still runs: %w", ctx.Err())
	}
}

package auth

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/ownql/ownql/model"
)

// Of those who try at once on one key some are counted, others wait for that, and what is over is
// refused. Who tries on another key notices nothing.
func TestCrowds(t *testing.T) {
	c := newCrowds()
	counted, end := make(chan struct{}), make(chan struct{})
	tried := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	for range maxTrying {
		go func() {
			tried <- c.try(ctx, "eve", func() error {
				counted <- struct{}{}
				<-end
				return nil
			})
		}()
	}
	for range maxCounted {
		<-counted
	}
	for { // until the others wait, too
		c.mu.Lock()
		trying := c.each["eve"].trying
		c.mu.Unlock()
		if trying == maxTrying {
			break
		}
		runtime.Gosched()
	}
	var refusal *model.Error
	if err := c.try(t.Context(), "eve", func() error { return errors.New("tried") }); !errors.As(err, &refusal) || refusal.Code != model.CodeRateLimited || refusal.RetryAfter <= 0 {
		t.Errorf("one more: %v, want code RATE_LIMITED with a time to wait", err)
	}
	want := errors.New("as it was tried")
	if err := c.try(t.Context(), "ada", func() error { return want }); err != want {
		t.Errorf("on another key: %v", err)
	}
	cancel()
	for range maxTrying - maxCounted {
		if err := <-tried; !errors.Is(err, context.Canceled) {
			t.Errorf("one who waits no more: %v", err)
		}
	}
	close(end)
	for range maxCounted {
		if err := <-tried; err != nil {
			t.Error(err)
		}
	}
	if len(c.each) != 0 {
		t.Errorf("%d crowds are left", len(c.each))
	}
}

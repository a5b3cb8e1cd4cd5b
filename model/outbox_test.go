package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// promise writes messages of a kind.
func (b *blog) promise(t *testing.T, kind string, payloads ...int) {
	t.Helper()
	for _, payload := range payloads {
		if err := b.WriteTx().Put(b.Promise(kind, payload)).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// done is what handlers of a test have done.
type done struct {
	lock     sync.Mutex
	payloads []int
}

func (d *done) add(p *Promise) (payload int, err error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	err = p.Read(&payload)
	d.payloads = append(d.payloads, payload)
	return payload, err
}

// want wants the handlers to have been called with these payloads, in any order.
func (d *done) want(t *testing.T, payloads ...int) {
	t.Helper()
	d.lock.Lock()
	defer d.lock.Unlock()
	slices.Sort(d.payloads)
	if !slices.Equal(d.payloads, payloads) {
		t.Errorf("handled %v, want %v", d.payloads, payloads)
	}
}

// TestOutbox does what is promised once, by kind, and leaves what it has no handler for.
func TestOutbox(t *testing.T) {
	b := newBlog(t)
	var done done
	for _, kind := range []string{"mail", "deletion"} {
		b.OnOutbox(kind, func(_ context.Context, p *Promise) error {
			_, err := done.add(p)
			return err
		})
	}
	b.promise(t, "mail", 1, 2, 3, 4, 5, 6)
	b.promise(t, "deletion", 7)
	b.promise(t, "of a later version", 8)
	for range 2 {
		if next, err := b.WorkOutbox(t.Context()); err != nil || !next.IsZero() {
			t.Fatalf("next at %v, %v", next, err)
		}
	}
	done.want(t, 1, 2, 3, 4, 5, 6, 7)
	wantCount(t, b.outbox.table, 1)
}

// TestOutboxFailures tries again later what failed, and at once what only has more to do.
func TestOutboxFailures(t *testing.T) {
	for _, test := range []struct {
		what   string
		handle func(call int) error
		calls  int           // in the first pass
		dueIn  time.Duration // after it; 0: it is done
	}{
		{what: "done", handle: func(int) error { return nil }, calls: 1},
		{what: "more to do, twice", handle: func(call int) error {
			if call < 3 {
				return fmt.Errorf("of 3: %w", ErrOutboxMore)
			}
			return nil
		}, calls: 3},
		{what: "failed", handle: func(int) error { return errors.New("no server") }, calls: 1, dueIn: outboxFirstWait},
		{what: "panicked", handle: func(int) error { panic("at once") }, calls: 1, dueIn: outboxFirstWait},
		{what: "failed after progress", handle: func(call int) error {
			if call < 2 {
				return ErrOutboxMore
			}
			return errors.New("no server")
		}, calls: 2, dueIn: outboxFirstWait},
	} {
		t.Run(test.what, func(t *testing.T) {
			b := newBlog(t)
			calls := 0
			b.OnOutbox("mail", func(context.Context, *Promise) error {
				calls++
				return test.handle(calls)
			})
			b.promise(t, "mail", 1)
			before := time.Now()
			next, err := b.WorkOutbox(t.Context())
			if err != nil || calls != test.calls {
				t.Errorf("called %d times, want %d, %v", calls, test.calls, err)
			}
			if test.dueIn == 0 {
				wantCount(t, b.outbox.table, 0)
				return
			}
			if early := next.Sub(before.Add(test.dueIn)); early < -time.Second {
				t.Errorf("due after %v, want %v at least", next.Sub(before), test.dueIn)
			}
			if _, err := b.WorkOutbox(t.Context()); err != nil || calls != test.calls {
				t.Errorf("called again before it is due, %v", err)
			}
		})
	}
}

// TestOutboxWaits doubles the wait with each failure, up to a longest.
func TestOutboxWaits(t *testing.T) {
	b := newBlog(t)
	for _, test := range []struct {
		failures int
		want     time.Duration
	}{{0, 2 * time.Second}, {1, 4 * time.Second}, {5, 64 * time.Second}, {60, outboxLongest}} {
		message := outboxMessage{ID: NewID(), Kind: "mail", Failures: test.failures, Lease: NewID(), DueAt: Now()}
		put(t, b.outbox.table, []outboxMessage{message})
		before := time.Now()
		if err := b.outbox.postpone(t.Context(), &message, errors.New("no server")); err != nil {
			t.Fatal(err)
		}
		if wait := message.DueAt.Time().Sub(before); wait < test.want-time.Second || wait > test.want+10*time.Second {
			t.Errorf("after %d failures due in %v, want %v", test.failures, wait, test.want)
		}
	}
}

// TestOutboxLease has several processes work at the same messages: each is handled by one.
func TestOutboxLease(t *testing.T) {
	b := newBlog(t)
	var done done
	b.OnOutbox("mail", func(_ context.Context, p *Promise) error {
		_, err := done.add(p)
		return err
	})
	b.promise(t, "mail", 1, 2, 3, 4, 5)
	errs := atOnce(func(int) error {
		_, err := b.WorkOutbox(t.Context())
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	done.want(t, 1, 2, 3, 4, 5)
}

// TestOutboxEnding gives a message back at once where the process is about to end.
func TestOutboxEnding(t *testing.T) {
	b := newBlog(t)
	ctx, cancel := context.WithCancel(t.Context())
	isFirst := true
	b.OnOutbox("deletion", func(ctx context.Context, p *Promise) error {
		if isFirst {
			isFirst = false
			cancel()
			return ctx.Err()
		}
		if p.Failures != 0 {
			t.Errorf("%d failures, though nothing failed", p.Failures)
		}
		return nil
	})
	b.promise(t, "deletion", 1)
	if _, err := b.WorkOutbox(ctx); err != nil {
		t.Fatal(err)
	}
	wantCount(t, b.outbox.table, 1)
	if _, err := b.WorkOutbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCount(t, b.outbox.table, 0)
}

// TestRunOutbox begins at once with what it is woken for, and ends with its context.
func TestRunOutbox(t *testing.T) {
	b := newBlog(t)
	handled := make(chan int, 10)
	b.OnOutbox("mail", func(_ context.Context, p *Promise) error {
		var payload int
		err := p.Read(&payload)
		handled <- payload
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.RunOutbox(ctx) }()
	for i := range 3 {
		b.promise(t, "mail", i)
		b.WakeOutbox()
		if got := <-handled; got != i {
			t.Errorf("handled %d, want %d", got, i)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestRunOutboxKinds does what is promised under one kind while work at another goes on, and goes on
// with that afterwards.
func TestRunOutboxKinds(t *testing.T) {
	b := newBlog(t)
	begun, sent, deleted := make(chan bool), make(chan bool), make(chan int, 2)
	b.OnOutbox("deletion", func(ctx context.Context, p *Promise) error {
		var payload int
		if err := p.Read(&payload); err != nil || payload == 2 {
			deleted <- payload
			return err
		}
		close(begun)
		select {
		case <-sent:
			deleted <- payload
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	b.OnOutbox("mail", func(context.Context, *Promise) error {
		close(sent)
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	b.promise(t, "deletion", 1)
	go func() { ended <- b.RunOutbox(ctx) }()
	<-begun
	b.promise(t, "deletion", 2)
	b.promise(t, "mail", 3)
	b.WakeOutbox()
	if first, second := <-deleted, <-deleted; first != 1 || second != 2 {
		t.Errorf("deleted %d and %d, want 1 and 2", first, second)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

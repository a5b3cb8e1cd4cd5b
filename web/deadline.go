package web

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// WithDeadline bounds how long a request takes, what it asks of DynamoDB included.
func WithDeadline(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := &deadline{Context: r.Context(), at: time.Now().Add(timeout)}
		defer d.end()
		next.ServeHTTP(w, r.WithContext(d))
	})
}

// A deadline is what [context.WithDeadline] returns, but for its timer, which starts when somebody first waits for the
// context to be done. Of a short request nobody does, and a timer, known to two contexts, is a thirtieth of its work.
type deadline struct {
	context.Context
	at time.Time

	timed  atomic.Pointer[timedContext] // nil: nobody waits yet
	mu     sync.Mutex                   // held while that is made, or the request ends
	isOver bool
}

// A timedContext is of a deadline whose timer has started.
type timedContext struct {
	context.Context
	stop context.CancelFunc
}

// start starts the timer, unless it has started.
func (d *deadline) start() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	timed := d.timed.Load()
	if timed == nil {
		timed = new(timedContext)
		timed.Context, timed.stop = context.WithDeadline(d.Context, d.at)
		if d.isOver {
			timed.stop()
		}
		d.timed.Store(timed)
	}
	return timed.Context
}

// end cancels the context: the request is answered.
func (d *deadline) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.isOver = true
	if timed := d.timed.Load(); timed != nil {
		timed.stop()
	}
}

// Done is of [context.Context].
func (d *deadline) Done() <-chan struct{} {
	if timed := d.timed.Load(); timed != nil {
		return timed.Done()
	}
	return d.start().Done()
}

// Deadline is of [context.Context].
func (d *deadline) Deadline() (time.Time, bool) {
	if at, ok := d.Context.Deadline(); ok && at.Before(d.at) {
		return at, true
	}
	return d.at, true
}

// Err is of [context.Context].
func (d *deadline) Err() error {
	if timed := d.timed.Load(); timed != nil {
		return timed.Err()
	}
	d.mu.Lock()
	isOver := d.isOver
	d.mu.Unlock()
	if isOver || d.Context.Err() != nil || !time.Now().Before(d.at) {
		return d.start().Err() // which stays
	}
	return nil
}

// String tells what package context's own do, without looking at what may change meanwhile.
func (d *deadline) String() string {
	return fmt.Sprintf("%v.WithDeadline(%v)", d.Context, d.at)
}

// Value is of [context.Context]. Package context finds by it the context that a new one is to be canceled with, once it has
// asked for Done.
func (d *deadline) Value(key any) any {
	if timed := d.timed.Load(); timed != nil {
		return timed.Value(key)
	}
	return d.Context.Value(key)
}

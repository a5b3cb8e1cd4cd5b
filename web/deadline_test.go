package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ownql/ownql/web"
)

// underDeadline has a request be served by what is given its context, and returns that.
func underDeadline(t *testing.T, of context.Context, timeout time.Duration, serve func(context.Context)) (ctx context.Context) {
	t.Helper()
	web.WithDeadline(timeout, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
		serve(ctx)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(of, "GET", "/", nil))
	return ctx
}

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

func TestWithDeadline(t *testing.T) {
	type key struct{}
	of := context.WithValue(t.Context(), key{}, "value")
	for _, asksBefore := range []bool{false, true} {
		ctx := underDeadline(t, of, time.Hour, func(ctx context.Context) {
			if asksBefore && isDone(ctx) {
				t.Error("it is done before it has begun")
			}
			if at, ok := ctx.Deadline(); !ok || time.Until(at) > time.Hour || time.Until(at) < 59*time.Minute {
				t.Errorf("its deadline is %v, %v", at, ok)
			}
			if ctx.Err() != nil || ctx.Value(key{}) != "value" {
				t.Errorf("%v, %v", ctx.Err(), ctx.Value(key{}))
			}
		})
		if !errors.Is(ctx.Err(), context.Canceled) || !isDone(ctx) || ctx.Value(key{}) != "value" {
			t.Errorf("asked before %v: after the answer it says %v", asksBefore, ctx.Err())
		}
	}
}

func TestWithDeadlineThatPasses(t *testing.T) {
	underDeadline(t, t.Context(), time.Millisecond, func(ctx context.Context) {
		for ctx.Err() == nil { // nobody waits for it
			runtime.Gosched()
		}
		if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) || !isDone(ctx) {
			t.Errorf("%v", err)
		}
	})
	underDeadline(t, t.Context(), time.Millisecond, func(ctx context.Context) {
		<-ctx.Done()
		if err := context.Cause(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}

// TestWithDeadlineOfAnother: what ends a request ends it, and the earlier deadline counts.
func TestWithDeadlineOfAnother(t *testing.T) {
	of, cancel := context.WithTimeout(t.Context(), time.Minute)
	underDeadline(t, of, time.Hour, func(ctx context.Context) {
		if at, _ := ctx.Deadline(); time.Until(at) > time.Minute {
			t.Errorf("its deadline is in %v", time.Until(at))
		}
		cancel()
		if !errors.Is(ctx.Err(), context.Canceled) || !isDone(ctx) {
			t.Errorf("%v", ctx.Err())
		}
	})
}

// TestWithDeadlineOfContexts: contexts of it are canceled with it, and none has a goroutine of its own for that.
func TestWithDeadlineOfContexts(t *testing.T) {
	const many = 100
	var contexts []context.Context
	before := runtime.NumGoroutine()
	underDeadline(t, t.Context(), time.Hour, func(ctx context.Context) {
		type key struct{}
		for range many {
			one, cancel := context.WithCancel(context.WithValue(ctx, key{}, 1))
			t.Cleanup(cancel) // after all of this
			contexts = append(contexts, one)
		}
		if more := runtime.NumGoroutine() - before; more >= many {
			t.Errorf("there are %d more goroutines", more)
		}
	})
	for _, ctx := range contexts {
		if ctx.Err() == nil {
			t.Fatal("one goes on")
		}
	}
}

func TestWithDeadlineAtOnce(t *testing.T) {
	var all sync.WaitGroup
	ctx := underDeadline(t, t.Context(), time.Hour, func(ctx context.Context) {
		for range 8 {
			all.Go(func() { <-ctx.Done() })
			all.Go(func() { _ = fmt.Sprint(ctx) })
			all.Go(func() {
				for ctx.Err() == nil {
					runtime.Gosched()
				}
			})
		}
	})
	all.Wait()
	if !errors.Is(ctx.Err(), context.Canceled) {
		t.Error(ctx.Err())
	}
}

package model

import (
	"context"
	"sync"
)

// Usage is what a request has asked of DynamoDB.
type Usage struct {
	Calls      int     // operations, each counted once however often the SDK has to try it
	Items      int     // asked for by key, read by a query or a scan, or written
	ReadUnits  float64 // of capacity, as DynamoDB counts them
	WriteUnits float64
}

// Plus returns the usage with another beside it.
func (u Usage) Plus(other Usage) Usage {
	return Usage{u.Calls + other.Calls, u.Items + other.Items, u.ReadUnits + other.ReadUnits, u.WriteUnits + other.WriteUnits}
}

// A Request is what the calls share that are made for one request, some of them at once.
type Request struct {
	Holder Holder // holds the estimated bytes of the items that are read; nil: nothing does

	mu   sync.Mutex
	used Usage
	of   *Request // whose calls count; nil: its own
}

type requestKey struct{}

// WithRequest returns a context in which the client that [Observe] returns counts what is used, and asks the
// request's Holder, whose error is then the call's.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// requestFrom returns the context's request; nil: it has none.
func requestFrom(ctx context.Context) *Request {
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}

// UsageOf returns what has been counted in the context; none where nothing counts.
func UsageOf(ctx context.Context) Usage {
	r := requestFrom(ctx)
	if r == nil {
		return Usage{}
	}
	return r.Used()
}

// Used returns what has been counted.
func (r *Request) Used() Usage {
	if r.of != nil {
		r = r.of
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}

// count adds to the usage of the context.
func count(ctx context.Context, u Usage) {
	r := requestFrom(ctx)
	if r == nil {
		return
	}
	if r.of != nil {
		r = r.of
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used = r.used.Plus(u)
}

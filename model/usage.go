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

// A meter sums the usage of one request, whose resolvers may call at once.
type meter struct {
	mu  sync.Mutex
	sum Usage
}

type meterKey struct{}

// WithUsage returns a context in which the client that [Observe] returns counts.
func WithUsage(ctx context.Context) context.Context {
	return context.WithValue(ctx, meterKey{}, new(meter))
}

// UsageOf returns what has been counted in the context; none where nothing counts.
func UsageOf(ctx context.Context) Usage {
	m, _ := ctx.Value(meterKey{}).(*meter)
	if m == nil {
		return Usage{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sum
}

// count adds to the usage of the context.
func count(ctx context.Context, u Usage) {
	m, _ := ctx.Value(meterKey{}).(*meter)
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sum = m.sum.Plus(u)
}

package itembytes

import "context"

// An Answer takes the items of a BatchGetItem or a Query as the engine keeps them: the items themselves
// are not in its output then. Only an engine in this process knows of it, and only where it answers whole
// items that nothing but their keys chooses; otherwise the items are in the output, as of any client.
type Answer struct {
	// Take is called for each item, within the transaction that reads it. An error ends the call.
	Take func(table, item string) error
	// Memory is by estimate how many bytes of memory the items that were taken would have.
	Memory int
}

type answerKey struct{}

// With returns a context for one call, whose items the answer takes.
func With(ctx context.Context, a *Answer) context.Context {
	return context.WithValue(ctx, answerKey{}, a)
}

// From returns the context's answer; nil: it has none.
func From(ctx context.Context) *Answer {
	a, _ := ctx.Value(answerKey{}).(*Answer)
	return a
}

package gql

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// largeCost is how many fields the answer of a large operation may have. A page of a hundred objects
// with ten fields each is none.
const largeCost = 2000

// turns has large operations executed one at a time, and others at once. One of thousands of lists
// makes as many goroutines, which have all processors and are all served before what comes next; and
// two hold so much of the memory between them that a small one's read waits for room.
type turns chan struct{}

func newTurns() turns { return make(turns, 1) }

// take waits for an operation's turn. done ends it. Errors: of the context, and of [web.Hold.Take].
func (t turns) take(ctx context.Context, operation *graphql.OperationContext) (done func(), err error) {
	cost := costOf(operation)
	if cost <= largeCost {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := holdFields(ctx, cost-largeCost); err != nil {
		<-t
		return nil, err
	}
	return func() { <-t }, nil
}

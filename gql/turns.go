package gql

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/web"
)

// largeCost is how many fields the answer of a large operation may have. A page of a hundred objects
// with ten fields each is none.
const largeCost = 2000

// turns has large operations executed one at a time, and others at once. One of thousands of lists
// makes as many goroutines, which have all processors and are all served before what comes next; and
// two hold so much of the memory between them that a small one's read waits for room.
type turns chan struct{}

func newTurns() turns { return make(turns, 1) }

func (t turns) wait(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	respond := next(ctx)
	if costOf(graphql.GetOperationContext(ctx)) <= largeCost {
		return respond
	}
	return func(ctx context.Context) *graphql.Response {
		select {
		case t <- struct{}{}:
			defer func() { <-t }()
			if err := holdFields(ctx, costOf(graphql.GetOperationContext(ctx))-largeCost); err != nil {
				return &graphql.Response{Errors: gqlerror.List{asGraphQL(web.ErrorOf(ctx, err))}}
			}
			return respond(ctx)
		case <-ctx.Done():
			return &graphql.Response{Errors: gqlerror.List{asGraphQL(web.ErrorOf(ctx, ctx.Err()))}}
		}
	}
}

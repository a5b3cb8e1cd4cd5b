// This file is yours: `go generate` adds a resolver to it for each field that needs one, and
// changes nothing else here.

package graph

import (
	"context"

	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/gql"
)

// Progress is the resolver for the progress field.
func (r *projectResolver) Progress(ctx context.Context, obj *store.Project) (*float64, error) {
	return r.resolver.Store.Progress(ctx, gql.Caller(ctx), obj)
}

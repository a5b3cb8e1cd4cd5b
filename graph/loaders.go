package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vikstrous/dataloadgen"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

const (
	// maxNodes is the most ids that `nodes` takes: what a BatchGetItem takes.
	// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
	maxNodes = 100
	// loaderWait is how long a loader waits for further ids after the first.
	loaderWait = time.Millisecond
)

// loaders collect what the resolvers of a query, or of one field of a mutation, ask for by
// id, so that each type costs one BatchGetItem.
type loaders struct {
	users    *dataloadgen.Loader[string, *store.User]
	sessions *dataloadgen.Loader[string, *store.Session]
	modelLoaders
}

type loadersKey struct{}

// withQueryLoaders gives a query loaders of its own, and the store's memory.
func withQueryLoaders(s *store.Store) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Query {
			ctx = withLoaders(store.WithMemory(ctx), s)
		}
		return next(ctx)
	}
}

// withMutationLoaders gives each field of a mutation loaders of its own: it must see what
// the field before has changed.
func withMutationLoaders(s *store.Store) graphql.RootFieldMiddleware {
	return func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
		if graphql.GetOperationContext(ctx).Operation.Operation == ast.Mutation {
			ctx = withLoaders(ctx, s)
		}
		return next(ctx)
	}
}

func withLoaders(ctx context.Context, s *store.Store) context.Context {
	caller := auth.CallerFromContext(ctx)
	return context.WithValue(ctx, loadersKey{}, &loaders{
		users: newLoader(func(ctx context.Context, ids []string) (map[string]*store.User, error) {
			return s.UsersByID(ctx, caller, ids)
		}),
		sessions: newLoader(func(ctx context.Context, ids []string) (map[string]*store.Session, error) {
			if identity := auth.FromContext(ctx); identity != nil {
				return s.SessionsByID(ctx, identity.User, ids)
			}
			return nil, nil
		}),
		modelLoaders: newModelLoaders(s, caller),
	})
}

func loadersFrom(ctx context.Context) *loaders {
	return ctx.Value(loadersKey{}).(*loaders)
}

// newLoader returns a loader of what fetch finds; what it does not find is nil.
func newLoader[T any](fetch func(context.Context, []string) (map[string]*T, error)) *dataloadgen.Loader[string, *T] {
	return dataloadgen.NewLoader(func(ctx context.Context, ids []string) ([]*T, []error) {
		found, err := fetch(ctx, ids)
		if err != nil {
			return nil, []error{err}
		}
		values := make([]*T, len(ids))
		for i, id := range ids {
			values[i] = found[id]
		}
		return values, nil
	}, dataloadgen.WithWait(loaderWait), dataloadgen.WithBatchCapacity(maxNodes))
}

// node returns the object with a global id: nil where there is none, where the
// caller may not read it, and where that is no id.
func (l *loaders) node(ctx context.Context, globalID string) (Node, error) {
	return l.nodeThunk(ctx, globalID)()
}

// nodes returns what node returns for each of the ids, in their order.
func (l *loaders) nodes(ctx context.Context, globalIDs []string) ([]Node, error) {
	if len(globalIDs) > maxNodes {
		return nil, &store.InputError{Field: "ids", Message: fmt.Sprintf("nodes takes at most %d ids, not %d", maxNodes, len(globalIDs))}
	}
	thunks := make([]func() (Node, error), len(globalIDs))
	for i, globalID := range globalIDs {
		thunks[i] = l.nodeThunk(ctx, globalID)
	}
	nodes := make([]Node, len(globalIDs))
	for i, thunk := range thunks {
		node, err := thunk()
		if err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

func (l *loaders) nodeThunk(ctx context.Context, globalID string) func() (Node, error) {
	typeName, id, ok := store.ParseGlobalID(globalID)
	switch {
	case ok && typeName == "User":
		return nodeOf(l.users.LoadThunk(ctx, id))
	case ok && typeName == "Session":
		return nodeOf(l.sessions.LoadThunk(ctx, id))
	case ok:
		if thunk := l.modelLoaders.nodeThunk(ctx, typeName, id); thunk != nil {
			return thunk
		}
	}
	return func() (Node, error) { return nil, nil }
}

// nodeOf makes a Node of what a loader gives, and of its nil pointer a nil Node.
func nodeOf[P interface {
	comparable
	Node
}](thunk func() (P, error)) func() (Node, error) {
	return func() (Node, error) {
		value, err := thunk()
		if none := *new(P); value == none || err != nil {
			return nil, err
		}
		return value, nil
	}
}

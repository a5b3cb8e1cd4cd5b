package gql

import (
	"context"
	"errors"
	"fmt"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// maxNodes is the most ids that `nodes` takes: what a BatchGetItem takes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const maxNodes = 100

// Caller returns who is asking, for the methods of a store; the zero Caller for an anonymous
// request.
func Caller(ctx context.Context) model.Caller { return auth.CallerFromContext(ctx) }

// Page returns the page that a list field's arguments ask for.
func Page(first *int, after *string, last *int, before *string, sortDirection *model.SortDirection) model.Page {
	return model.NewPage(first, after, last, before, sortDirection)
}

// OrNull makes null of what is not there, or may not be known to be.
func OrNull[T any](item *T, err error) (*T, error) {
	if errors.Is(err, model.ErrNotFound) {
		return nil, nil
	}
	return item, err
}

// Node answers `Query.node` with the object of a global id: nil where there is none, where the
// caller may not read it, and where that is no id.
func Node(ctx context.Context, db *model.DB, accounts *auth.Accounts, globalID string) (model.Node, error) {
	wait := loadNode(ctx, db, accounts, globalID)
	model.Asked(ctx)
	return wait()
}

// Nodes answers `Query.nodes` with what Node does for each of the ids, in their order.
func Nodes(ctx context.Context, db *model.DB, accounts *auth.Accounts, globalIDs []string) ([]model.Node, error) {
	if len(globalIDs) > maxNodes {
		model.Asked(ctx)
		return nil, model.BadInput("ids", fmt.Sprintf("nodes takes at most %d ids, not %d", maxNodes, len(globalIDs)))
	}
	waits := make([]func() (model.Node, error), len(globalIDs))
	model.AskTogether(ctx, func() {
		for i, globalID := range globalIDs {
			waits[i] = loadNode(ctx, db, accounts, globalID)
		}
	})
	model.Asked(ctx)
	nodes := make([]model.Node, len(globalIDs))
	for i, wait := range waits {
		node, err := wait()
		if err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

// loadNode begins to read the object of a global id, and returns what waits for it.
func loadNode(ctx context.Context, db *model.DB, accounts *auth.Accounts, globalID string) func() (model.Node, error) {
	typeName, id, ok := model.ParseGlobalID(globalID)
	switch {
	case ok && typeName == "Session":
		return loadOfViewer(ctx, id, accounts.SessionsByID)
	case ok && typeName == "Token":
		return loadOfViewer(ctx, id, accounts.TokensByID)
	case ok:
		return db.LoadNode(ctx, Caller(ctx), typeName, id)
	}
	return func() (model.Node, error) { return nil, nil }
}

// Keys of what a user has, of type T: all of a kind, and one by its id.
type (
	ofViewerKey[T any] struct{}
	ofViewerID[T any]  string
)

// loadOfViewer begins to read a session or a token of the signed-in user; read returns those that there
// are of some ids, by id.
func loadOfViewer[T any, P interface {
	*T
	model.Node
}](ctx context.Context, id string, read func(context.Context, *auth.Identity, []string) (map[string]*T, error)) func() (model.Node, error) {
	none := func() (model.Node, error) { return nil, nil }
	identity := auth.FromContext(ctx)
	if identity == nil {
		return none
	}
	loader := model.Loader(ctx, ofViewerKey[T]{}, func(ctx context.Context, ids []string) (map[string]*T, error) {
		return read(ctx, identity, ids)
	})
	if loader == nil {
		return none
	}
	if err := model.ReadBudgetFrom(ctx).Load(ofViewerID[T](id)); err != nil {
		return func() (model.Node, error) { return nil, err }
	}
	wait := loader.Load(ctx, id)
	return func() (model.Node, error) {
		found, err := wait()
		if found == nil || err != nil {
			return nil, err
		}
		return P(found), nil
	}
}

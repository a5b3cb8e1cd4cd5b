package gql

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	typeName, id, ok := model.ParseGlobalID(globalID)
	of := nodesOfType{typeName: typeName, ids: []string{id}}
	if ok {
		of.load(ctx, db, accounts)
	}
	model.Asked(ctx)
	if !ok {
		return nil, nil
	}
	return of.wait(0)
}

// Nodes answers `Query.nodes` with what Node does for each of the ids, in their order.
func Nodes(ctx context.Context, db *model.DB, accounts *auth.Accounts, globalIDs []string) ([]model.Node, error) {
	if len(globalIDs) > maxNodes {
		model.Asked(ctx)
		return nil, model.BadInput("ids", fmt.Sprintf("nodes takes at most %d ids, not %d", maxNodes, len(globalIDs)))
	}
	asked, places := nodesByType(globalIDs)
	model.AskTogether(ctx, func() {
		for i := range asked {
			asked[i].load(ctx, db, accounts)
		}
	})
	model.Asked(ctx)
	nodes := make([]model.Node, len(globalIDs))
	for i, at := range places {
		if at.of < 0 {
			continue
		}
		node, err := asked[at.of].wait(at.at)
		if err != nil {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

// nodesOfType are nodes of one type that are asked for.
type nodesOfType struct {
	typeName string
	ids      []string
	wait     func(i int) (model.Node, error) // for that which stands at i among them
}

// A nodePlace is where a node is asked for: of which type, and at which place; of is -1 where an id is none.
type nodePlace struct{ of, at int }

// nodesByType returns the nodes with these global ids by their types, and the place of each.
func nodesByType(globalIDs []string) (asked []nodesOfType, places []nodePlace) {
	places = make([]nodePlace, len(globalIDs))
	for i, globalID := range globalIDs {
		typeName, id, ok := model.ParseGlobalID(globalID)
		if !ok {
			places[i].of = -1
			continue
		}
		of := slices.IndexFunc(asked, func(n nodesOfType) bool { return n.typeName == typeName })
		if of < 0 {
			of = len(asked)
			asked = append(asked, nodesOfType{typeName: typeName, ids: make([]string, 0, len(globalIDs)-i)})
		}
		places[i] = nodePlace{of, len(asked[of].ids)}
		asked[of].ids = append(asked[of].ids, id)
	}
	return asked, places
}

// load begins to read the nodes.
func (n *nodesOfType) load(ctx context.Context, db *model.DB, accounts *auth.Accounts) {
	switch n.typeName {
	case "Session":
		n.wait = loadOfViewer(ctx, n.ids, accounts.SessionsByID)
	case "Token":
		n.wait = loadOfViewer(ctx, n.ids, accounts.TokensByID)
	default:
		n.wait = db.LoadNodes(ctx, Caller(ctx), n.typeName, n.ids...)
	}
}

// Keys of what a user has, of type T: all of a kind, and one by its id.
type (
	ofViewerKey[T any] struct{}
	ofViewerID[T any]  string
)

// loadOfViewer begins to read sessions or tokens of the signed-in user, and returns what waits for that which stands at i among
// the ids; read returns those that there are of some, by id.
func loadOfViewer[T any, P interface {
	*T
	model.Node
}](ctx context.Context, ids []string, read func(context.Context, *auth.Identity, []string) (map[string]*T, error)) func(i int) (model.Node, error) {
	none := func(int) (model.Node, error) { return nil, nil }
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
	var (
		waits  = make([]func() (*T, error), len(ids))
		budget = model.ReadBudgetFrom(ctx)
	)
	for i, id := range ids {
		if err := budget.Load(ofViewerID[T](id)); err != nil {
			waits[i] = func() (*T, error) { return nil, err }
		} else {
			waits[i] = loader.Load(ctx, id)
		}
	}
	return func(i int) (model.Node, error) {
		found, err := waits[i]()
		if found == nil || err != nil {
			return nil, err
		}
		return P(found), nil
	}
}

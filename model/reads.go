package model

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// operationReads are what one operation reads by id.
type operationReads struct {
	remembers bool
	isLoading bool // the context is of a loader's fetch or of a transaction, which read together already
	*loadedOnce
}

// loadedOnce is what the reads of an operation share.
type loadedOnce struct {
	mu   sync.Mutex
	of   map[any]any  // by what is read, such as a model; nil: nothing yet
	asks sync.RWMutex // see AskTogether

	expected expectedAsks
}

type readsKey struct{}

// WithReads returns a context in which what is loaded by id, one by one, is read together, as
// far as it is asked for at once: one BatchGetItem for each 100 of a type.
//
// Where it remembers, no item is read by id twice, though it may be the parent of objects in a
// hundred lists, and what the rules want to know of parents is read together, too. That is for
// one query; a mutation must see what has changed meanwhile.
func WithReads(ctx context.Context, remembers bool) context.Context {
	return context.WithValue(ctx, readsKey{}, operationReads{remembers: remembers, loadedOnce: new(loadedOnce)})
}

func readsFrom(ctx context.Context) (reads operationReads, ok bool) {
	reads, ok = ctx.Value(readsKey{}).(operationReads)
	return reads, ok
}

// withoutReads returns a context in which everything is read anew, for a write: what it decides
// by must be as it is now. What the operation has read, it reads anew once forget is called. In a
// transaction that is what the transaction is about to write, which stays.
func withoutReads(ctx context.Context) (writing context.Context, forget func()) {
	reads, ok := readsFrom(ctx)
	if !ok {
		return ctx, func() {}
	}
	return context.WithValue(ctx, readsKey{}, nil), func() {
		if reads.isLoading {
			return
		}
		reads.mu.Lock()
		defer reads.mu.Unlock()
		clear(reads.of)
	}
}

// Loader returns the context's loader of what has that key: fetch returns what there is of
// some ids, by id, and the loader gives nil for the rest. Without WithReads it returns nil.
func Loader[P any](ctx context.Context, key any, fetch func(ctx context.Context, ids []string) (map[string]P, error)) *ByIDOf[P] {
	reads, ok := readsFrom(ctx)
	if !ok {
		return nil
	}
	return loaderOf(reads, key, fetch)
}

func loaderOf[P any](reads operationReads, key any, fetch func(ctx context.Context, ids []string) (map[string]P, error)) *ByIDOf[P] {
	return once(reads, key, func() *ByIDOf[P] {
		return &ByIDOf[P]{reads: reads.loadedOnce, fetch: func(ctx context.Context, ids []string) ([]P, error) {
			found, err := fetch(ctx, ids)
			if err != nil {
				return nil, err
			}
			items := make([]P, len(ids))
			for i, id := range ids {
				items[i] = found[id]
			}
			return items, nil
		}}
	})
}

// once returns what the reads have for the key, which create makes at first.
func once[V any](reads operationReads, key any, create func() V) V {
	reads.mu.Lock()
	defer reads.mu.Unlock()
	if value, ok := reads.of[key].(V); ok {
		return value
	}
	value := create()
	if reads.of == nil {
		reads.of = map[any]any{}
	}
	reads.of[key] = value
	return value
}

// itemMemory is what an operation has read of a model: by id, and nil where there is none.
type itemMemory[P any] struct {
	mu    sync.Mutex
	items map[string]P // nil: nothing was read
}

// memoryIn returns what the context's operation remembers of m, or nil where it does not.
func (m *core) memoryIn(ctx context.Context) *itemMemory[anyItem] {
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers {
		return nil
	}
	return once(reads, m, func() *itemMemory[anyItem] { return &itemMemory[anyItem]{} })
}

// loaderKey tells the loaders of an operation apart.
type loaderKey struct {
	model    anyModel
	op       Operation
	callerID string
	roles    string // sorted
	scopes   string // see Caller.scopeKey
	isSystem bool
}

// loaderIn returns the operation's loader of items to which the caller may do op.
func (m *core) loaderIn(reads operationReads, caller Caller, op Operation) *ByIDOf[anyItem] {
	roles := strings.Join(slices.Sorted(slices.Values(caller.Roles)), "\x00")
	return once(reads, loaderKey{m, op, caller.ID, roles, caller.scopeKey(), caller.isSystem}, func() *ByIDOf[anyItem] {
		return &ByIDOf[anyItem]{reads: reads.loadedOnce, fetch: func(ctx context.Context, ids []string) ([]anyItem, error) {
			loading := reads
			loading.isLoading = true
			return m.permittedOf(context.WithValue(ctx, readsKey{}, loading), caller, op, ids)
		}}
	})
}

// Load is [ModelOf.Load].
func (m *core) Load(ctx context.Context, caller Caller, id string) (anyItem, error) {
	return m.load(ctx, caller, id)()
}

// load begins to read an item, and returns what waits for it.
func (m *core) load(ctx context.Context, caller Caller, id string) func() (anyItem, error) {
	if id == "" {
		return func() (anyItem, error) { return nil, nil }
	}
	if err := ReadBudgetFrom(ctx).loadItem(m, id); err != nil {
		return func() (anyItem, error) { return nil, err }
	}
	if reads, ok := readsFrom(ctx); ok && !reads.isLoading {
		return m.loaderIn(reads, caller, OnRead).Load(ctx, id)
	}
	return func() (anyItem, error) {
		found, err := m.permittedByID(ctx, caller, OnRead, []string{id})
		return found[id], err
	}
}

// loads begins to read items, and returns what waits for that which stands at i among the ids, none of which is empty.
func (m *core) loads(ctx context.Context, caller Caller, ids []string) func(i int) (anyItem, error) {
	if reads, ok := readsFrom(ctx); ok && !reads.isLoading && ReadBudgetFrom(ctx).loadItems(m, ids) {
		return m.loaderIn(reads, caller, OnRead).LoadAll(ctx, ids)
	}
	waits := mapped(ids, func(id string) func() (anyItem, error) { return m.load(ctx, caller, id) })
	return func(i int) (anyItem, error) { return waits[i]() }
}

// loadNodes is loads for any type.
func (m *core) loadNodes(ctx context.Context, caller Caller, ids []string) func(i int) (Node, error) {
	wait := m.loads(ctx, caller, ids)
	return func(i int) (Node, error) {
		item, err := wait(i)
		if err != nil {
			return nil, err
		}
		if item == nil {
			m.refusedNode(ctx, caller, ids[i])
			return nil, nil
		}
		return item, nil
	}
}

// LoadNodes begins to read the objects of that type and these ids, which are not the global ones, and returns what waits for
// that which stands at i among them: nil where there is none that the caller may read, or no such type.
func (db *DB) LoadNodes(ctx context.Context, caller Caller, typeName string, ids ...string) func(i int) (Node, error) {
	for _, model := range db.models {
		if model.isNamed(typeName) {
			return model.loadNodes(ctx, caller, ids)
		}
	}
	if load := db.nodes[typeName]; load != nil {
		waits := mapped(ids, func(id string) func() (Node, error) { return load(ctx, caller, id) })
		return func(i int) (Node, error) { return waits[i]() }
	}
	return func(int) (Node, error) { return nil, nil }
}

// prefetch begins to find out whether the caller may do op to an item.
func (m *core) prefetch(ctx context.Context, caller Caller, op Operation, id string) {
	if reads, ok := readsFrom(ctx); ok && reads.remembers && id != "" && m.admits(caller, op) {
		m.loaderIn(reads, caller, op).Load(ctx, id)
	}
}

// recallTo puts the items that are known into their places among the ids, and returns the ids of the others.
func (k *itemMemory[P]) recallTo(items []P, ids []string) (unknown []string) {
	if k == nil {
		return ids
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.items) == 0 {
		return ids
	}
	for i, id := range ids {
		item, isKnown := k.items[id]
		if isKnown {
			items[i] = item
		} else {
			unknown = append(unknown, id)
		}
	}
	return unknown
}

// keepFrom notes the items that were read of the ids, those that were unknown.
func (k *itemMemory[P]) keepFrom(items []P, ids, unknown []string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.items == nil {
		k.items = make(map[string]P, len(unknown))
	}
	for i, id := range ids {
		if len(unknown) > 0 && unknown[0] == id {
			k.items[id], unknown = items[i], unknown[1:]
		}
	}
}

// recall moves the ids that are known out of wanted, and returns those that there are.
func (k *itemMemory[P]) recall(wanted map[string]bool) map[string]P {
	found := make(map[string]P, len(wanted))
	if k == nil {
		return found
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(wanted, func(id string, _ bool) bool {
		item, isKnown := k.items[id]
		if !isNone(item) {
			found[id] = item
		}
		return isKnown
	})
	return found
}

// keep notes what was found of the ids that were read.
func (k *itemMemory[P]) keep(read map[string]bool, found map[string]P) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.items == nil {
		k.items = make(map[string]P, len(read))
	}
	for id := range read {
		k.items[id] = found[id]
	}
}

// foresee begins to read the parents that the rules may ask for where items have this
// hash key: a hundred lists of a query begin at once, but find their items one by one.
func (m *core) foresee(ctx context.Context, caller Caller, index Index, hash types.AttributeValue) {
	item := m.zero()
	if m.memoryIn(ctx) == nil || dynamo.UnmarshalItem(dynamo.Item{index.Hash: hash}, item) != nil {
		return
	}
	var terms []Term
	for _, rule := range m.definition.Rules {
		if !rule.admits(caller, OnRead) {
			continue
		}
		if caller.isSystem || !slices.ContainsFunc(rule.Terms, Term.isOfItem) {
			return // whatever the item
		}
		terms = append(terms, rule.Terms...)
	}
	for _, term := range terms {
		if a := m.ancestor(term.attribute()); a != nil && a.ID == nil {
			parent := m.parent(a.Parent)
			parent.Of.target().prefetch(ctx, System, OnRead, parent.ID(item))
		}
		switch id := ""; {
		case term.parent != "":
			id = m.above(term.parent).id(item)
			m.above(term.parent).of.prefetch(ctx, caller.unscoped(), term.parentOp, id)
		case term.members != nil:
			id = m.above(term.at).id(item)
			term.members.prefetchRow(ctx, caller.ID, id)
		}
	}
}

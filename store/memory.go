package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/vikstrous/dataloadgen"
)

// gatherWait is how long the first read of a batch waits for further ones.
const gatherWait = time.Millisecond

// A memory keeps what one query has read by id, so that it reads no item twice, though
// it may be the parent of objects in a hundred lists.
type memory struct {
	mu    sync.Mutex
	items map[anyModel]any // an *itemMemory each
}

type memoryKey struct{}

// WithMemory returns a context in which no item is read by id twice, and what the rules
// want to know of parents is read together, as far as it is asked for at once: one
// BatchGetItem for each 100 of a type, instead of one for each list. It is for one
// query; a mutation must see what has changed meanwhile.
func WithMemory(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoryKey{}, &memory{items: map[anyModel]any{}})
}

// itemMemory is what the memory keeps of a model: by id, and nil where there is none.
type itemMemory[T any] struct {
	mu       sync.Mutex
	items    map[string]*T
	gatherer *dataloadgen.Loader[string, *T]
}

// memoryIn returns what the context's memory keeps of m, or nil where it has none.
func (m *model[T, P]) memoryIn(ctx context.Context) *itemMemory[T] {
	memory, ok := ctx.Value(memoryKey{}).(*memory)
	if !ok {
		return nil
	}
	memory.mu.Lock()
	defer memory.mu.Unlock()
	if kept, ok := memory.items[m].(*itemMemory[T]); ok {
		return kept
	}
	kept := &itemMemory[T]{items: map[string]*T{}, gatherer: dataloadgen.NewLoader(
		func(ctx context.Context, ids []string) ([]*T, []error) {
			found, err := m.read(ctx, ids)
			if err != nil {
				return nil, []error{err}
			}
			items := make([]*T, len(ids))
			for i, id := range ids {
				items[i] = found[id]
			}
			return items, nil
		},
		dataloadgen.WithWait(gatherWait), dataloadgen.WithBatchCapacity(maxPageSize))}
	memory.items[m] = kept
	return kept
}

// recall moves the ids that are known out of wanted, and returns those that there are.
func (k *itemMemory[T]) recall(wanted map[string]bool) map[string]*T {
	found := make(map[string]*T, len(wanted))
	if k == nil {
		return found
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(wanted, func(id string, _ bool) bool {
		item, isKnown := k.items[id]
		if item != nil {
			found[id] = item
		}
		return isKnown
	})
	return found
}

// keep notes what was found of the ids that were read.
func (k *itemMemory[T]) keep(read map[string]bool, found map[string]*T) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for id := range read {
		k.items[id] = found[id]
	}
}

// gather begins to read the items with these ids into the context's memory, together
// with what is gathered at the same time, and returns what waits for them. Without a
// memory it does nothing.
func (m *model[T, P]) gather(ctx context.Context, ids []string) (wait func() error) {
	kept := m.memoryIn(ctx)
	if kept == nil {
		return func() error { return nil }
	}
	wanted := wantedOf(ids)
	kept.recall(wanted)
	var gathered []func() (*T, error)
	for id := range wanted {
		gathered = append(gathered, kept.gatherer.LoadThunk(ctx, id))
	}
	return func() error {
		for _, item := range gathered {
			if _, err := item(); err != nil {
				return err
			}
		}
		return nil
	}
}

// foresee begins to gather the parents that the rules may ask for where items have this
// hash key: a hundred lists of a query begin at once, but find their items one by one.
func (m *model[T, P]) foresee(ctx context.Context, caller Caller, index index, hash types.AttributeValue) {
	item := new(T)
	if m.memoryIn(ctx) == nil || dynamo.UnmarshalItem(dynamo.Item{index.hash: hash}, item) != nil {
		return
	}
	looksAt := func(t term[T]) bool { return t.isOwner || t.parent != nil }
	var parents []term[T]
	for _, rule := range m.rules {
		if !rule.admits(caller, onRead) {
			continue
		}
		if !slices.ContainsFunc(rule.terms, looksAt) {
			return // whatever the item
		}
		parents = append(parents, rule.terms...)
	}
	for _, term := range parents {
		if term.parent != nil {
			term.parent.gather(ctx, []string{term.parentID(item)})
		}
	}
}

package model

import (
	"context"
	"fmt"
	"sync"
)

// ReadLimits bound how many items are examined: looked at, hidden ones included.
type ReadLimits struct {
	List      int // by a list, for one page; 0: DefaultReadLimits'
	Operation int // by all lists and loads by id of an operation; 0: DefaultReadLimits'
	Count     int // by all counts of an operation, beside that; 0: DefaultReadLimits'
}

// DefaultReadLimits hold where nothing else is said.
var DefaultReadLimits = ReadLimits{List: 1000, Operation: 10_000, Count: 10_000}

// CodeReadBudget is the code of an operation that has examined as many items as it may.
const CodeReadBudget Code = "READ_BUDGET_EXCEEDED"

// ErrReadBudget is what has the code CodeReadBudget for others to compare with.
var ErrReadBudget = &Error{Code: CodeReadBudget, Message: "the operation has examined as many items as one may"}

// A ReadBudget is how many items an operation may still examine. Its resolvers share it, which may
// run at once. That of nil is not bounded.
type ReadBudget struct {
	limits ReadLimits
	slots  *slots

	mu      sync.Mutex
	left    int // less than 0 where rules had to read what is behind
	isShort bool
	charged map[any]bool     // what was read by id, and is charged once; nil: nothing was
	items   map[itemKey]bool // the same of models' items

	counts   *ReadBudget // of what counts examine
	meanings meanings
}

// slots are made when the first query is: most operations make none.
type slots struct {
	once sync.Once
	of   chan struct{} // has one for each query that is under way
}

func (s *slots) all() chan struct{} {
	s.once.Do(func() { s.of = make(chan struct{}, queriesAtOnce) })
	return s.of
}

// queriesAtOnce is how many queries of an operation's lists are under way at once. More wait, so
// that an operation of thousands of lists does not stand before all others wherever something is
// served in turn.
const queriesAtOnce = 16

type budgetKey struct{}

// WithReadBudget returns a context whose reads are charged to the budget that it returns, too:
// each query of a list with the items that it examines, at least one, and each item that is read
// by id.
//
// Once that is spent, lists end their pages early, as they do where they have examined as many
// as one may, and what is to be read by id is CodeReadBudget. What the rules need to know of the
// parents of what was found is read nevertheless, and charged.
func WithReadBudget(ctx context.Context, limits ReadLimits) (context.Context, *ReadBudget) {
	if limits.List == 0 {
		limits.List = DefaultReadLimits.List
	}
	if limits.Operation == 0 {
		limits.Operation = DefaultReadLimits.Operation
	}
	if limits.Count == 0 {
		limits.Count = DefaultReadLimits.Count
	}
	of := &struct { // made at once
		lists, counts ReadBudget
		slots         slots
	}{
		lists:  ReadBudget{limits: limits, left: limits.Operation},
		counts: ReadBudget{limits: limits, left: limits.Count},
	}
	b := &of.lists
	b.counts, b.slots, of.counts.slots = &of.counts, &of.slots, &of.slots
	return context.WithValue(ctx, budgetKey{}, b), b
}

// ReadBudgetFrom returns the budget of the context; nil: there is none.
func ReadBudgetFrom(ctx context.Context) *ReadBudget {
	b, _ := ctx.Value(budgetKey{}).(*ReadBudget)
	return b
}

// Err returns nil, or CodeReadBudget where a page has ended early for want of the budget.
func (b *ReadBudget) Err() error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.isShort {
		return nil
	}
	return b.exceeded("the rest of the lists that ended early comes after their endCursor, by another request")
}

func (b *ReadBudget) exceeded(advice string) error {
	return &Error{Code: CodeReadBudget, Kind: ErrReadBudget,
		Message: fmt.Sprintf("the operation has examined %d items, and at most that many may be examined at once: %s", b.limits.Operation, advice)}
}

// Take reserves up to n items to examine for a page, at least one where there is any left, and
// returns how many. What is not examined is to be given back.
func (b *ReadBudget) Take(n int) int {
	if b == nil {
		return n
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	granted := max(0, min(n, b.left))
	b.left -= granted
	b.isShort = b.isShort || granted == 0
	return granted
}

// enter waits until a query may be made, and returns what is to be called when it is done.
func (b *ReadBudget) enter(ctx context.Context) (leave func(), err error) {
	if b == nil {
		return func() {}, nil
	}
	slots := b.slots.all()
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// GiveBack returns what was taken and not examined.
func (b *ReadBudget) GiveBack(n int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// Load charges what is to be read by id, which tells what: each once. CodeReadBudget: nothing is left.
func (b *ReadBudget) Load(what any) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 && !b.charged[what] {
		return b.exceeded("ask for less")
	}
	b.charge(what)
	return nil
}

// mustLoad charges what is read by id, whatever is left.
func (b *ReadBudget) mustLoad(what any) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charge(what)
}

func (b *ReadBudget) charge(what any) {
	if !b.charged[what] {
		if b.charged == nil {
			b.charged = map[any]bool{}
		}
		b.charged[what] = true
		b.left--
	}
}

// loadItem is Load of an item.
func (b *ReadBudget) loadItem(of anyParent, id string) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left <= 0 && !b.items[itemKey{of, id}] {
		return b.exceeded("ask for less")
	}
	b.chargeItems(of, id)
	return nil
}

// loadItems is Load of items, all of them or none: false where so much may not be left.
func (b *ReadBudget) loadItems(of anyParent, ids []string) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < len(ids) {
		return false
	}
	b.chargeItems(of, ids...)
	return true
}

// mustLoadItems is mustLoad of the items with these ids, but for empty ones.
func (b *ReadBudget) mustLoadItems(of anyParent, ids []string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.chargeItems(of, ids...)
}

func (b *ReadBudget) chargeItems(of anyParent, ids ...string) {
	if b.items == nil {
		b.items = make(map[itemKey]bool, len(ids))
	}
	for _, id := range ids {
		if key := (itemKey{of, id}); id != "" && !b.items[key] {
			b.items[key] = true
			b.left--
		}
	}
}

// ListLimit is how many items a list may examine for a page of that size. To tell whether there
// is anything at all, it looks at no more than at one page.
func (b *ReadBudget) ListLimit(size int) int {
	most := DefaultReadLimits.List
	if b != nil {
		most = b.limits.List
	}
	if size == 0 {
		return min(most, maxPageSize)
	}
	return most
}

// forCounts returns the budget that counts are charged to. It has none that a page is short of.
func (b *ReadBudget) forCounts() *ReadBudget {
	if b == nil {
		return nil
	}
	return b.counts
}

// countLimit is how many items a count may examine.
func (b *ReadBudget) countLimit() int {
	if b == nil {
		return DefaultReadLimits.Count
	}
	return b.limits.Count
}

// itemKey is an item, for the budget.
type itemKey struct {
	model anyParent
	id    string
}

package model

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// loadWait is how long the first read of a batch waits for further ones.
	loadWait = time.Millisecond
	// expectWaits is how often it waits so long for those that are expected, see ExpectLoads: one long wait
	// might be over before they have run at all, on a machine that has others to run.
	expectWaits = 4
	expectWait  = 5 * time.Millisecond
)

// ByID reads items by id, those together that are asked for at about the same time, and none
// twice. It is of one operation, see [Loader].
type ByID[T any] = ByIDOf[*T]

// ByIDOf is [ByID] by the pointer to its type.
type ByIDOf[P any] struct {
	fetch fetch[P]
	reads *loadedOnce // of the operation

	mu    sync.Mutex
	slots map[string]slot[P] // by each id that was asked for
	open  *batch[P]          // which waits for further ids, or nil
}

// fetch reads items by id, and returns them in the order of the ids, of which none is there twice; nil where there is none.
type fetch[P any] = func(ctx context.Context, ids []string) ([]P, error)

// batch is one call of a ByID's fetch.
type batch[P any] struct {
	ctx     context.Context // of the first who asked
	timer   *time.Timer     // reads it, unless something else does
	isBegun bool
	ids     []string
	done    chan struct{}
	found   []P // in the order of the ids
	err     error
	awaits  bool // those who are expected, and is read once all of them have asked
}

// slot is where a batch has an item.
type slot[P any] struct {
	of *batch[P]
	at int
}

// wait waits for the item: nil where there is none.
func (s slot[P]) wait() (item P, err error) {
	<-s.of.done
	if s.of.err != nil {
		return item, s.of.err
	}
	return s.of.found[s.at], nil
}

// Load begins to read an item, and returns what waits for it: nil where there is none.
func (l *ByIDOf[P]) Load(ctx context.Context, id string) (wait func() (P, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slot := l.slot(ctx, id, 1)
	return func() (P, error) {
		jointPartFrom(ctx).leave(ctx)
		return slot.wait()
	}
}

// LoadAll begins to read several items, and returns what waits for that which stands at i among the ids.
func (l *ByIDOf[P]) LoadAll(ctx context.Context, ids []string) (wait func(i int) (P, error)) {
	slots, part := make([]slot[P], len(ids)), jointPartFrom(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, id := range ids {
		slots[i] = l.slot(ctx, id, len(ids)-i)
	}
	return func(i int) (P, error) {
		part.leave(ctx)
		return slots[i].wait()
	}
}

// loadAll loads several items, together, and returns those that there are, by id.
func (l *ByIDOf[P]) loadAll(ctx context.Context, ids []string) (map[string]P, error) {
	var wait func(int) (P, error)
	AskTogether(ctx, func() { wait = l.LoadAll(ctx, ids) })
	found := make(map[string]P, len(ids))
	for i, id := range ids {
		item, err := wait(i)
		if err != nil {
			return nil, err
		}
		if !isNone(item) {
			found[id] = item
		}
	}
	return found, nil
}

// slot returns the slot of an id, which it puts into the open batch unless it was asked for before. A batch is read when it is
// full, or after a while. At least so many ids are about to be asked for, this one included.
func (l *ByIDOf[P]) slot(ctx context.Context, id string, soon int) slot[P] {
	if known, isKnown := l.slots[id]; isKnown {
		return known
	}
	if l.slots == nil {
		l.slots = make(map[string]slot[P], soon)
	}
	if l.open == nil {
		opened := &batch[P]{ctx: ctx, ids: make([]string, 0, min(soon, maxPageSize)), done: make(chan struct{})}
		l.open = opened
		if l.reads.expected.await(func(part *jointPart) { l.begin(opened, part) }) {
			opened.awaits = true
			l.waitExpected(opened, expectWaits)
		} else {
			opened.timer = time.AfterFunc(loadWait, func() { l.begin(opened, nil) })
		}
	}
	to := l.open
	added := slot[P]{to, len(to.ids)}
	to.ids = append(to.ids, id)
	l.slots[id] = added
	if len(to.ids) == maxPageSize {
		l.open = nil
		if !to.awaits || !l.reads.expected.isLast() {
			to.isBegun = true
			to.timer.Stop()
			go l.read(to, nil)
		}
	}
	return added
}

// waitExpected has a batch read after so many waits, if what it waits for is not asked before.
func (l *ByIDOf[P]) waitExpected(opened *batch[P], waits int) {
	opened.timer = time.AfterFunc(expectWait, func() {
		if waits == 1 {
			l.reads.expected.giveUp()
			l.begin(opened, nil)
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if !opened.isBegun {
			l.waitExpected(opened, waits-1)
		}
	})
}

// begin reads a batch, unless it is read already.
func (l *ByIDOf[P]) begin(opened *batch[P], part *jointPart) {
	defer func() { part.leave(opened.ctx) }()
	if l.close(opened) {
		opened.timer.Stop()
		l.read(opened, part)
	}
}

// close has no further id come to a batch, once nobody is in the middle of asking; false where
// it is begun already.
func (l *ByIDOf[P]) close(opened *batch[P]) bool {
	l.reads.asks.Lock()
	defer l.reads.asks.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if opened.isBegun {
		return false
	}
	opened.isBegun = true
	if l.open == opened {
		l.open = nil
	}
	return true
}

// read reads a batch. A panic is an error of all who wait for it: no goroutine of a resolver is
// there to recover from it.
func (l *ByIDOf[P]) read(closed *batch[P], part *jointPart) {
	defer close(closed.done)
	defer func() {
		if panicked := recover(); panicked != nil {
			closed.err = fmt.Errorf("panic while reading by id: %v", panicked)
		}
	}()
	closed.found, closed.err = l.fetch(part.within(closed.ctx), closed.ids)
}

// AskTogether calls ask, which begins loads one after the other: the operation's loaders read
// none of them before it has returned, however long that takes on a busy machine. ask waits for
// none of them.
func AskTogether(ctx context.Context, ask func()) {
	if reads, ok := readsFrom(ctx); ok {
		reads.asks.RLock()
		defer reads.asks.RUnlock()
	}
	ask()
}

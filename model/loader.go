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
	fetch func(ctx context.Context, ids []string) (map[string]P, error)
	reads *loadedOnce // of the operation

	mu      sync.Mutex
	batches map[string]*batch[P] // by each id that was asked for
	open    *batch[P]            // which waits for further ids, or nil
}

// batch is one call of a ByID's fetch.
type batch[P any] struct {
	ctx   context.Context // of the first who asked
	timer *time.Timer     // reads it, unless something else does
	ids   []string
	done  chan struct{}
	found map[string]P
	err   error
}

// Load begins to read an item, and returns what waits for it: nil where there is none.
func (l *ByIDOf[P]) Load(ctx context.Context, id string) (wait func() (P, error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of := l.batches[id]
	if of == nil {
		of = l.add(ctx, id)
	}
	return func() (P, error) {
		jointPartFrom(ctx).leave(ctx)
		<-of.done
		return of.found[id], of.err
	}
}

// loadAll loads several items, together, and returns those that there are, by id.
func (l *ByIDOf[P]) loadAll(ctx context.Context, ids []string) (map[string]P, error) {
	waits := make([]func() (P, error), len(ids))
	AskTogether(ctx, func() {
		for i, id := range ids {
			waits[i] = l.Load(ctx, id)
		}
	})
	found := map[string]P{}
	for i, wait := range waits {
		item, err := wait()
		if err != nil {
			return nil, err
		}
		if !isNone(item) {
			found[ids[i]] = item
		}
	}
	return found, nil
}

// add puts an id into the open batch, which is read when it is full, or after a while.
func (l *ByIDOf[P]) add(ctx context.Context, id string) *batch[P] {
	if l.open == nil {
		opened := &batch[P]{ctx: ctx, done: make(chan struct{})}
		l.open = opened
		if l.reads.expected.await(func(part *jointPart) { l.begin(opened, part) }) {
			l.waitExpected(opened, expectWaits)
		} else {
			opened.timer = time.AfterFunc(loadWait, func() { l.begin(opened, nil) })
		}
	}
	to := l.open
	to.ids = append(to.ids, id)
	l.batches[id] = to
	if len(to.ids) == maxPageSize {
		l.open = nil
		to.timer.Stop()
		go l.read(to, nil)
	}
	return to
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
		if l.open == opened {
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
// it was closed already.
func (l *ByIDOf[P]) close(opened *batch[P]) bool {
	l.reads.asks.Lock()
	defer l.reads.asks.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != opened {
		return false
	}
	l.open = nil
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

package model

import (
	"context"
	"sync"
	"time"
)

// turns has those who increment numbers of one item in this process do so one after the other, since
// of those who do it at once, each but one has to try again. That nothing is lost is not for the turns
// to see to, but for the item's version; so who has waited too long goes on without one.
type turns struct {
	mu sync.Mutex
	of map[txKey]*turn
}

// A turn is whose turn it is at one item.
type turn struct {
	wanted int           // by how many
	taken  chan struct{} // holds one
}

// maxTurnWait ends the waiting of a hook that increments what waits for that hook.
const maxTurnWait = 3 * time.Second

// isWanted tells whether anybody has or waits for a turn at the item.
func (t *turns) isWanted(key txKey) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.of[key] != nil
}

// take waits until it is the caller's turn at the item, and returns what ends that.
func (t *turns) take(ctx context.Context, key txKey) (leave func()) {
	t.mu.Lock()
	if t.of == nil {
		t.of = map[txKey]*turn{}
	}
	at := t.of[key]
	if at == nil {
		at = &turn{taken: make(chan struct{}, 1)}
		t.of[key] = at
	}
	at.wanted++
	t.mu.Unlock()

	isOurs := false
	tooLong := time.NewTimer(maxTurnWait)
	defer tooLong.Stop()
	select {
	case at.taken <- struct{}{}:
		isOurs = true
	case <-tooLong.C:
	case <-ctx.Done():
	}
	return func() {
		if isOurs {
			<-at.taken
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if at.wanted--; at.wanted == 0 {
			delete(t.of, key)
		}
	}
}

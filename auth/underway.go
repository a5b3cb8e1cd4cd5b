package auth

import (
	"context"
	"sync"
)

// underWay counts what goes on behind answers, such as mails, at most maxPosting at once. The zero value
// has none.
type underWay struct {
	mu    sync.Mutex
	count int
	idle  chan struct{} // closed when there are none any more; nil while there are none
}

// begin counts another one, unless there are too many.
func (m *underWay) begin() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.count == maxPosting {
		return false
	}
	if m.count == 0 {
		m.idle = make(chan struct{})
	}
	m.count++
	return true
}

func (m *underWay) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count--
	if m.count == 0 {
		close(m.idle)
		m.idle = nil
	}
}

// wait returns when there are none, or with the error of ctx when that is done.
func (m *underWay) wait(ctx context.Context) error {
	m.mu.Lock()
	idle := m.idle
	m.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

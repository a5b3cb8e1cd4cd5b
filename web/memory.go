package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/ownql/ownql/model"
)

// What requests hold, in bytes. The first freeHold of each count for nothing, so that small
// requests get their answers while large ones wait for each other.
const (
	freeHold   = 32 << 10
	littleRead = 1 << 20
	holdWait   = 2 * time.Second // for what others hold
	slowClient = time.Second     // after which a client that is waited for may be cut off
)

// Memory bounds what all requests together hold, by estimate: bodies, what is read for them, and
// answers, until the client has taken them.
type Memory struct {
	size int
	room *semaphore.Weighted

	mu    sync.Mutex
	holds map[*Hold]int // what counts, by whose it is
}

// NewMemory returns a Memory of so many bytes.
func NewMemory(size int) *Memory {
	return &Memory{size: size, room: semaphore.NewWeighted(int64(size)), holds: map[*Hold]int{}}
}

// A Hold is what one request holds. The nil Hold counts nothing.
type Hold struct {
	memory     *Memory // nil: nothing is counted
	connection *connection

	mu      sync.Mutex
	bytes   int
	counted int // of them, in the memory
	isOver  bool
}

// WithMemory has requests hold their bytes in memory, until they are answered.
func WithMemory(memory *Memory, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		x.hold.memory, x.hold.connection = memory, connectionFrom(r.Context())
		defer x.hold.end()
		next.ServeHTTP(x, r)
	})
}

// HoldFrom returns what the context's request holds; nil: nobody counts.
func HoldFrom(ctx context.Context) *Hold {
	if x := exchangeFrom(ctx); x != nil {
		return &x.hold
	}
	return nil
}

func (h *Hold) isOff() bool { return h == nil || h.memory == nil }

// errTooMuchAtOnce: a request needs more than one may hold.
var errTooMuchAtOnce = &model.Error{Code: model.CodeTooComplex, Message: "the request needs too much memory at once: ask for less in each"}

// Take holds further bytes, and waits a little where others hold too much. Meanwhile a client that
// is waited for, with the most, is cut off. Errors: [Busy]; QUERY_TOO_COMPLEX: the request would
// hold more than three quarters of all.
func (h *Hold) Take(ctx context.Context, bytes int) error {
	return h.take(bytes, func(bytes int) error { return h.memory.wait(ctx, bytes) })
}

// TakeRead is Take of what is in memory already. So it waits only with little.
func (h *Hold) TakeRead(ctx context.Context, bytes int) error {
	if bytes <= littleRead {
		return h.Take(ctx, bytes)
	}
	return h.take(bytes, func(bytes int) error {
		if !h.memory.room.TryAcquire(int64(bytes)) {
			return Busy(holdWait)
		}
		return nil
	})
}

func (h *Hold) take(bytes int, from func(bytes int) error) error {
	if h.isOff() || bytes <= 0 {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isOver {
		return nil // what goes on behind the answer is not the request's
	}
	wanted := max(h.bytes+bytes-freeHold, 0)
	if wanted > h.memory.size/4*3 {
		return errTooMuchAtOnce
	}
	if more := wanted - h.counted; more > 0 {
		if err := from(more); err != nil {
			return err
		}
		h.memory.note(h, more)
	}
	h.bytes += bytes
	h.counted = wanted
	return nil
}

// Await waits as Take does until there is room for so many bytes, or a quarter of all where that is
// less, and holds none of them.
func (h *Hold) Await(ctx context.Context, bytes int) error {
	if h.isOff() {
		return nil
	}
	bytes = min(bytes, h.Quarter())
	if err := h.memory.wait(ctx, bytes); err != nil {
		return err
	}
	h.memory.room.Release(int64(bytes))
	return nil
}

// Quarter is a quarter of all that there is to be held: what is asked for at once is no more.
func (h *Hold) Quarter() int {
	if h.isOff() {
		return 0
	}
	return h.memory.size / 4
}

// GiveBack holds so many bytes less.
func (h *Hold) GiveBack(bytes int) {
	if h.isOff() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep(max(h.bytes-bytes, 0))
}

// KeepOnly gives back all but so many bytes.
func (h *Hold) KeepOnly(bytes int) {
	if h.isOff() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep(min(bytes, h.bytes))
}

// end gives back everything, and holds nothing from then on.
func (h *Hold) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.keep(0)
	h.isOver = true
}

// keep gives back all but so many bytes. The caller has locked h.
func (h *Hold) keep(bytes int) {
	kept := max(bytes-freeHold, 0)
	if less := h.counted - kept; less > 0 {
		h.memory.room.Release(int64(less))
		h.memory.note(h, -less)
	}
	h.bytes, h.counted = bytes, kept
}

// note counts what h holds more, or less.
func (m *Memory) note(h *Hold, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holds[h] += bytes; m.holds[h] == 0 {
		delete(m.holds, h)
	}
}

// wait takes bytes, once there are enough.
func (m *Memory) wait(ctx context.Context, bytes int) error {
	if m.room.TryAcquire(int64(bytes)) {
		return nil
	}
	const look = holdWait / 8 // somebody may have become slow
	for range holdWait / look {
		if slowest := m.slowest(); slowest != nil {
			slowest.Close() // what waits for it then fails
		}
		looking, stop := context.WithTimeout(ctx, look)
		err := m.room.Acquire(looking, int64(bytes))
		stop()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return Busy(holdWait)
}

// slowest returns the connection, of those whose client has been waited for too long, with the
// largest hold; nil: none.
func (m *Memory) slowest() (slowest *connection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	most := 0
	for hold, bytes := range m.holds {
		if bytes > most && hold.connection.hasWaited(slowClient) {
			slowest, most = hold.connection, bytes
		}
	}
	return slowest
}

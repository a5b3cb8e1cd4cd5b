package web

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// How long a client may take. A body, or a large part of an answer, has clientPatience and, for
// each second beyond that, has to come, or to be taken, at clientRate.
const (
	clientPatience = 5 * time.Second
	clientRate     = 128 << 10 // bytes a second
	slotRetry      = time.Second
	largeWrite     = 4 << 10 // bytes from which on a client may be waited for: less fits into a socket
)

// WithShedding turns away what comes while so many requests are being served, so that
// those get their answers. A request that waits for its client, to send the body or to take the
// answer, does not count: see [clientPatience]. Health checks always get an answer.
func WithShedding(maxRequests int, next http.Handler) http.Handler {
	serving := &slots{most: int64(maxRequests)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		hasBody := r.Body != nil && r.Body != http.NoBody
		control := http.NewResponseController(x.ResponseWriter)
		if hasBody { // that nobody reads, perhaps: net/http waits for the rest of it
			_ = control.SetReadDeadline(time.Now().Add(clientPatience))
		}
		if isHealthCheck(r) {
			next.ServeHTTP(x, r)
			return
		}
		slot := &x.slot
		slot.slots, slot.connection = serving, connectionFrom(r.Context())
		if !slot.enter() {
			slot.close()
			Refuse(x, r, Busy(slotRetry))
			return
		}
		defer slot.end()
		if hasBody {
			r.Body = &slottedBody{ReadCloser: r.Body, slot: slot, control: control}
		}
		next.ServeHTTP(x, r)
	})
}

// slots are how many requests are being served, of the most that may be.
type slots struct {
	most    int64
	serving atomic.Int64
}

// A slot is one request's, which has it or does not.
type slot struct {
	*slots                 // nil: nobody counts requests
	connection *connection // nil: nobody counts connections

	mu     sync.Mutex
	has    bool
	isOver bool // the request is answered, or refused: whoever still reads or writes for it takes no slot
}

// enter takes the slot, unless there is none.
func (s *slot) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver {
		return false
	}
	if !s.has && s.serving.Add(1) > s.most {
		s.serving.Add(-1)
		return false
	}
	s.has = true
	s.connection.setServing(true)
	return true
}

// enterAnyway takes the slot of a request that has begun to be answered.
func (s *slot) enterAnyway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOver {
		return
	}
	if !s.has {
		s.serving.Add(1)
	}
	s.has = true
	s.connection.setServing(true)
}

// leave gives the slot back, if the request has it.
func (s *slot) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.has {
		s.serving.Add(-1)
	}
	s.has = false
	s.connection.setServing(false)
}

// end gives the slot back for good: the request has been answered.
func (s *slot) end() {
	s.leave()
	s.close()
	s.connection.setAnswered()
}

// close has the request take no slot any more. It has none.
func (s *slot) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOver = true
}

// slottedBody is a body whose request has no slot while it is waited for.
type slottedBody struct {
	io.ReadCloser
	slot    *slot
	control *http.ResponseController
	begun   time.Time // when the first byte was asked for
	read    int
}

// Read returns [Busy] where the body is there, but no slot.
func (b *slottedBody) Read(p []byte) (int, error) {
	if b.begun.IsZero() {
		b.begun = time.Now()
	}
	// Not every connection has deadlines: on AWS Lambda the body is there.
	_ = b.control.SetReadDeadline(b.begun.Add(patience(b.read)))
	b.slot.leave()
	n, err := b.ReadCloser.Read(p)
	b.read += n
	if err == io.EOF {
		_ = b.control.SetReadDeadline(time.Time{}) // the client has done its part
	}
	if !b.slot.enter() {
		return 0, Busy(slotRetry)
	}
	return n, err
}

// patience is how long a client may take for so many bytes.
func patience(bytes int) time.Duration {
	return clientPatience + time.Duration(bytes)*time.Second/clientRate
}

// allowWrite gives the client the time that it may take for so many bytes.
func allowWrite(w http.ResponseWriter, bytes int) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience(bytes)))
}

package auth

import (
	"container/heap"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/ownql/ownql/web"
)

const (
	// queueWait is how long anybody waits for a turn before being turned away.
	queueWait = 5 * time.Second

	// addressShare is how many turns a client address has for each that an account has: behind
	// one address there may be an office.
	addressShare = 8
)

// An asker is who has a password checked or hashed, as far as turns go.
type asker struct {
	account string     // the canonical email, whether anybody has it or not
	client  netip.Addr // where the request comes from; the zero Addr where that is not known
}

// A queue gives turns to do work of which only so much is done at once. It is fair between
// accounts and between client addresses, however many tries of one wait: start-time fair
// queueing (Goyal, Vin and Cheng, SIGCOMM 1996), by which a turn starts, in virtual time, when the
// turns before it of the same account and of the same address have had their share.
type queue struct {
	mu       sync.Mutex
	free     int // turns that nobody has
	waiting  waiters
	arrivals int                     // so far
	now      float64                 // in virtual time: when the turn given last started
	accounts map[string]*share       // of which somebody waits
	networks map[netip.Prefix]*share // likewise
}

// A share is what an account, or an address, has had of the turns.
type share struct {
	waiting int
	end     float64 // in virtual time, of the last of those who wait
}

// newQueue returns a queue of which so many have their turn at once.
func newQueue(atOnce int) *queue {
	return &queue{free: atOnce, accounts: map[string]*share{}, networks: map[netip.Prefix]*share{}}
}

// turn waits for a turn; call done after it. web.Busy: there was none in time.
func (q *queue) turn(ctx context.Context, who asker) (done func(), err error) {
	w := q.join(who)
	patience := time.NewTimer(queueWait)
	defer patience.Stop()
	select {
	case <-w.turn:
		return q.next, nil
	case <-patience.C:
		err = web.Busy(queueWait)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !q.leave(w) { // the turn came at this moment
		q.next()
	}
	return nil, err
}

// join lines up, or takes a turn that is free.
func (q *queue) join(who asker) *waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	account, network := shareOf(q.accounts, who.account), shareOf(q.networks, web.ClientPrefix(who.client))
	w := &waiter{who: who, start: max(q.now, account.end, network.end), arrival: q.arrivals, turn: make(chan struct{})}
	q.arrivals++
	account.end = max(q.now, account.end) + 1
	network.end = max(q.now, network.end) + 1.0/addressShare
	heap.Push(&q.waiting, w)
	q.give()
	return w
}

// next gives a turn back.
func (q *queue) next() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free++
	q.give()
}

// give hands out the turns that are free.
func (q *queue) give() {
	for q.free > 0 && len(q.waiting) > 0 {
		w := heap.Pop(&q.waiting).(*waiter)
		q.forget(w.who)
		q.free--
		q.now = max(q.now, w.start)
		close(w.turn)
	}
}

// leave takes one who waits out of the line, false where it has its turn already.
func (q *queue) leave(w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.place < 0 {
		return false
	}
	heap.Remove(&q.waiting, w.place)
	q.forget(w.who)
	return true
}

// forget counts one who waits no more. A share of which nobody waits is over: who never has two
// tries at once pays for none.
func (q *queue) forget(who asker) {
	endShare(q.accounts, who.account)
	endShare(q.networks, web.ClientPrefix(who.client))
	if len(q.waiting) == 0 {
		q.now = 0
	}
}

// shareOf returns the share of one more who waits.
func shareOf[K comparable](shares map[K]*share, key K) *share {
	found := shares[key]
	if found == nil {
		found = new(share)
		shares[key] = found
	}
	found.waiting++
	return found
}

func endShare[K comparable](shares map[K]*share, key K) {
	if shares[key].waiting--; shares[key].waiting == 0 {
		delete(shares, key)
	}
}

// A waiter waits for its turn.
type waiter struct {
	who     asker
	start   float64 // in virtual time
	arrival int
	turn    chan struct{} // closed when it comes
	place   int           // in the heap; -1: in none any more
}

// waiters is a heap of those whose turn is to come, the next one first.
type waiters []*waiter

func (w waiters) Len() int { return len(w) }

func (w waiters) Less(i, j int) bool {
	if w[i].start != w[j].start {
		return w[i].start < w[j].start
	}
	return w[i].arrival < w[j].arrival
}

func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

func (w *waiters) Push(x any) {
	added := x.(*waiter)
	added.place = len(*w)
	*w = append(*w, added)
}

func (w *waiters) Pop() any {
	last := (*w)[len(*w)-1]
	(*w)[len(*w)-1] = nil
	*w = (*w)[:len(*w)-1]
	last.place = -1
	return last
}

package model

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/guregu/dynamo/v2"
)

const (
	// outboxPoll is how often RunOutbox looks for what another process has promised.
	outboxPoll = 30 * time.Second

	// A message is worked at by one process at a time: it leases the message for outboxLease, and
	// its handler has outboxPatience, which is shorter, so that two never work at the same one.
	outboxLease    = 60 * time.Second
	outboxPatience = 45 * time.Second

	// A message whose handler failed is due again after a wait that doubles each time.
	outboxFirstWait = 2 * time.Second
	outboxLongest   = 30 * time.Minute

	// outboxAtOnce is how many messages of one kind are worked at at once.
	outboxAtOnce = 4
)

// ErrOutboxMore is what a handler returns that has made progress, and has more to do: it is called
// again at once, and then as for a new message.
var ErrOutboxMore = errors.New("there is more to do")

// A Promise is a message in the outbox: work that was promised by the write that put it there.
type Promise struct {
	ID       string
	MadeAt   time.Time
	Failures int // how often the handler has failed, since it last made progress
	payload  []byte

	outbox outbox
	lease  string
	term   time.Duration // of the lease
}

// Read decodes the payload into v.
func (p *Promise) Read(v any) error {
	if err := json.Unmarshal(p.payload, v); err != nil {
		return fmt.Errorf("read message %s of the outbox: %w", p.ID, err)
	}
	return nil
}

// An OutboxHandler does what was promised. It is called at least once, and may be called again
// after it has done so, where the process ended before that was written down. Nil: it is done.
// [ErrOutboxMore]: it is to go on. Any other error: it is to be tried again later.
type OutboxHandler func(context.Context, *Promise) error

// An outbox is the table of what changes have promised: each message is written in the transaction
// of its change, and stays until its handler has done the work, in whichever process that is.
// https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/transactional-outbox.html
type outbox struct {
	table    dynamo.Table
	handlers map[string]OutboxHandler // by kind
	woken    chan struct{}            // has a value while there may be something new
}

// outboxMessage is an item of the outbox.
type outboxMessage struct {
	ID       string   `dynamo:"id,hash"`
	Kind     string   `dynamo:"kind"`
	Payload  []byte   `dynamo:"payload"` // JSON
	MadeAt   DateTime `dynamo:"madeAt"`
	DueAt    DateTime `dynamo:"dueAt"` // nobody works at it before
	Failures int      `dynamo:"failures"`
	Lease    string   `dynamo:"lease,omitempty"` // of whoever took it last
}

func newOutbox(table dynamo.Table) outbox {
	return outbox{table, map[string]OutboxHandler{}, make(chan struct{}, 1)}
}

// OnOutbox says how what is promised under a kind is done. It is called before the DB is used.
func (db *DB) OnOutbox(kind string, handle OutboxHandler) { db.outbox.handlers[kind] = handle }

// Promise returns the write that promises work of a kind, for the transaction of the change that
// it is part of. When that is done, [DB.WakeOutbox] has the work begin. The payload is kept as JSON.
func (db *DB) Promise(kind string, payload any) *dynamo.Put {
	return db.outbox.table.Put(newMessage(kind, payload))
}

func newMessage(kind string, payload any) outboxMessage {
	text, err := json.Marshal(payload)
	if err != nil {
		panic(fmt.Sprintf("promise %s: %v", kind, err))
	}
	now := Now()
	return outboxMessage{ID: NewID(), Kind: kind, Payload: text, MadeAt: now, DueAt: now}
}

// IsUntried tells whether something is promised under one of the kinds that nobody has tried to do yet.
func (db *DB) IsUntried(ctx context.Context, kinds ...string) (bool, error) {
	messages, err := db.outbox.read(ctx)
	return slices.ContainsFunc(messages, func(m outboxMessage) bool {
		return m.Failures == 0 && slices.Contains(kinds, m.Kind)
	}), err
}

// WakeOutbox has [DB.RunOutbox], if it runs in this process, look for work now.
func (db *DB) WakeOutbox() {
	select {
	case db.outbox.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// OutboxWoken tells whether the outbox was woken since it was last asked. It is for a process in
// which RunOutbox does not run.
func (db *DB) OutboxWoken() bool {
	select {
	case <-db.outbox.woken:
		return true
	default:
		return false
	}
}

// RunOutbox does what is promised, until ctx is done. The kinds do not wait for each other: a notice
// goes out while a deletion takes its hours.
func (db *DB) RunOutbox(ctx context.Context) error {
	var (
		working sync.WaitGroup
		lock    sync.Mutex
		busy    = map[string]bool{} // kinds that are worked at
	)
	defer working.Wait()
	begin := func(kind string, messages []outboxMessage) {
		lock.Lock()
		defer lock.Unlock()
		if busy[kind] {
			return // whoever is at it looks again
		}
		busy[kind] = true
		working.Go(func() {
			if next := db.outbox.workAll(ctx, messages); !next.IsZero() {
				// Perhaps the store takes no lease: then it is not asked again at once.
				pause(ctx, min(time.Until(next), outboxFirstWait))
			}
			lock.Lock()
			delete(busy, kind)
			lock.Unlock()
			db.WakeOutbox()
		})
	}
	for {
		due, next, err := db.promised(ctx)
		if err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "the outbox cannot be read", "error", err)
		}
		for kind, messages := range due {
			begin(kind, messages)
		}
		wait := time.NewTimer(untilNext(next))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-db.outbox.woken:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// pause waits, unless ctx is done.
func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// untilNext returns how long to wait for what is due next: with some chance in it, so that many
// processes do not all ask at once.
func untilNext(next time.Time) time.Duration {
	wait := outboxPoll/2 + rand.N(outboxPoll)
	if !next.IsZero() {
		wait = min(wait, max(time.Until(next), 0))
	}
	return max(wait, 100*time.Millisecond)
}

// WorkOutbox does what is promised and due, and returns when something that is left is due next; the
// zero time where nothing is left. What it has no handler for, it leaves to another version.
func (db *DB) WorkOutbox(ctx context.Context) (next time.Time, err error) {
	due, next, err := db.promised(ctx)
	if err != nil {
		return next, err
	}
	var lock sync.Mutex // of next
	var working sync.WaitGroup
	for _, messages := range due {
		working.Go(func() {
			again := db.outbox.workAll(ctx, messages)
			lock.Lock()
			defer lock.Unlock()
			next = sooner(next, again)
		})
	}
	working.Wait()
	return next, nil
}

// promised returns what is promised and due, by kind, as far as there are handlers for it, and when
// something else is due next; the zero time where nothing is.
func (db *DB) promised(ctx context.Context) (due map[string][]outboxMessage, next time.Time, err error) {
	messages, err := db.outbox.read(ctx)
	due = map[string][]outboxMessage{}
	for _, message := range messages {
		switch at := message.DueAt.Time(); {
		case db.outbox.handlers[message.Kind] == nil:
		case at.After(time.Now()):
			next = sooner(next, at)
		default:
			due[message.Kind] = append(due[message.Kind], message)
		}
	}
	return due, next, err
}

// workAll does what messages of one kind promise, and returns when one that is left is due next; the
// zero time where none is.
func (o outbox) workAll(ctx context.Context, messages []outboxMessage) (next time.Time) {
	queue := make(chan outboxMessage, len(messages))
	for _, message := range messages {
		queue <- message
	}
	close(queue)
	var lock sync.Mutex // of next
	var working sync.WaitGroup
	for range min(outboxAtOnce, len(messages)) {
		working.Go(func() {
			for message := range queue {
				due := o.work(ctx, message)
				lock.Lock()
				next = sooner(next, due)
				lock.Unlock()
			}
		})
	}
	working.Wait()
	return next
}

// sooner returns the earlier of two times, of which the zero one is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// read returns the messages, those that are due the longest first.
func (o outbox) read(ctx context.Context) (messages []outboxMessage, err error) {
	if err := o.table.Scan().Consistent(true).All(ctx, &messages); err != nil {
		return nil, fmt.Errorf("read table %s: %w", o.table.Name(), err)
	}
	slices.SortFunc(messages, func(a, b outboxMessage) int {
		return cmp.Or(a.DueAt.Time().Compare(b.DueAt.Time()), cmp.Compare(a.ID, b.ID))
	})
	return messages, nil
}

// work does what one message promises, if it is due, and returns when it is due next; the zero time
// where it is done.
func (o outbox) work(ctx context.Context, message outboxMessage) (due time.Time) {
	for {
		if due := message.DueAt.Time(); due.After(time.Now()) || ctx.Err() != nil {
			return due
		}
		isOurs, err := o.lease(ctx, &message)
		if err != nil {
			slog.ErrorContext(ctx, "a message of the outbox cannot be taken", "kind", message.Kind, "error", err)
		}
		if !isOurs {
			return time.Now().Add(outboxFirstWait) // another process has it
		}
		err = o.handle(ctx, message)
		if err == nil {
			err = o.table.Delete("id", message.ID).If("lease = ?", message.Lease).Run(context.WithoutCancel(ctx))
			if err == nil || dynamo.IsCondCheckFailed(err) {
				return time.Time{}
			}
		}
		if err := o.postpone(ctx, &message, err); err != nil {
			slog.ErrorContext(ctx, "a message of the outbox cannot be put back", "kind", message.Kind, "error", err)
			return time.Now().Add(outboxLease)
		}
	}
}

// lease takes the message, unless another has, and makes its lease ours.
func (o outbox) lease(ctx context.Context, message *outboxMessage) (isOurs bool, err error) {
	asRead := message.DueAt
	message.Lease, message.DueAt = NewID(), NewDateTime(time.Now().Add(outboxLease))
	err = o.table.Update("id", message.ID).
		Set("lease", message.Lease).Set("dueAt", message.DueAt).
		If("dueAt = ? OR lease = ?", asRead, message.Lease).Run(ctx) // the latter, where it is tried again after a lost answer
	if dynamo.IsCondCheckFailed(err) {
		return false, nil
	}
	return err == nil, err
}

// handle calls the message's handler, whose panic is an error.
func (o outbox) handle(ctx context.Context, message outboxMessage) (err error) {
	ctx, cancel := context.WithTimeout(ctx, outboxPatience)
	defer cancel()
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v\n%s", value, debug.Stack())
		}
	}()
	return o.handlers[message.Kind](ctx, &Promise{
		ID: message.ID, MadeAt: message.MadeAt.Time(), Failures: message.Failures, payload: message.Payload,
		outbox: o, lease: message.Lease, term: outboxLease,
	})
}

// postpone gives the message back, to be worked at again: at once where the handler made progress or
// the process is about to end, later where it failed.
func (o outbox) postpone(ctx context.Context, message *outboxMessage, why error) error {
	lease := message.Lease
	switch {
	case errors.Is(why, ErrOutboxMore):
		message.Failures, message.DueAt = 0, Now()
	case ctx.Err() != nil:
		message.DueAt = Now()
	default:
		wait := min(outboxFirstWait<<min(message.Failures, 16), outboxLongest)
		message.Failures, message.DueAt = message.Failures+1, NewDateTime(time.Now().Add(wait))
		slog.WarnContext(ctx, "a message of the outbox is to be tried again", "kind", message.Kind, "id", message.ID, "in", wait, "error", why)
	}
	err := o.table.Update("id", message.ID).
		Set("failures", message.Failures).Set("dueAt", message.DueAt).
		If("lease = ?", lease).Run(context.WithoutCancel(ctx))
	if dynamo.IsCondCheckFailed(err) {
		return nil // another process has it
	}
	return err
}

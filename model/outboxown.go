package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"
)

// ownLease is how long a promise is its maker's alone, since it was made or last saved: longer
// than a request takes, and no longer than others should wait where the process ends.
const ownLease = 15 * time.Second

// errLeaseLost ends work at a message that another process has taken over.
var errLeaseLost = errors.New("another process has taken over the message of the outbox")

// promiseOwn is Promise for whoever begins with the work at once. The write that it returns is for
// the transaction of the change, and after that fulfilled or passOn follows.
func (db *DB) promiseOwn(kind string, payload any) (*Promise, *dynamo.Put) {
	message := newMessage(kind, payload)
	message.Lease, message.DueAt = NewID(), NewDateTime(time.Now().Add(ownLease))
	promise := &Promise{
		ID: message.ID, MadeAt: message.MadeAt.Time(), payload: message.Payload,
		outbox: db.outbox, lease: message.Lease, term: ownLease,
	}
	return promise, db.outbox.table.Put(message)
}

// Save replaces the payload by what is left of the work, and renews the lease. errLeaseLost: see
// there.
func (p *Promise) Save(ctx context.Context, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("save message %s of the outbox: %w", p.ID, err)
	}
	err = p.outbox.table.Update("id", p.ID).
		Set("payload", text).Set("dueAt", NewDateTime(time.Now().Add(p.term))).
		If("lease = ?", p.lease).Run(ctx)
	if dynamo.IsCondCheckFailed(err) {
		return errLeaseLost
	}
	if err == nil {
		p.payload = text
	}
	return err
}

// fulfilled takes the message out of the outbox, unless another process has taken it over.
func (p *Promise) fulfilled(ctx context.Context) error {
	err := p.outbox.table.Delete("id", p.ID).If("lease = ?", p.lease).Run(context.WithoutCancel(ctx))
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return err
}

// passOn leaves the message to whoever works at the outbox, from now on.
func (p *Promise) passOn(ctx context.Context) error {
	err := p.outbox.table.Update("id", p.ID).Set("dueAt", Now()).
		If("lease = ?", p.lease).Run(context.WithoutCancel(ctx))
	if dynamo.IsCondCheckFailed(err) {
		return nil
	}
	return err
}

package model

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"
)

// clearingKind is what clearings are promised under.
const clearingKind = "clearing"

// A clearing is what becomes of the items that belong to a user who leaves with SET_NULL, as the outbox
// keeps it: they belong to nobody from then on.
type clearing struct {
	User    string `json:"user"`
	IsAgain bool   `json:"isAgain,omitempty"` // it is looked for what an index did not show
}

// promiseClearing promises the clearing of a user, for whoever begins with it at once: see promiseOwn.
// nil: no type of the schema has any.
func (db *DB) promiseClearing(userID string) (*Promise, *dynamo.Put) {
	for _, child := range db.users.children {
		if child.onDelete == SetNull {
			return db.promiseOwn(clearingKind, clearing{User: userID})
		}
	}
	return nil, nil
}

// beginClearing works at a clearing that was just promised, for as long as a request has time for it.
// What is left, it leaves to the outbox.
func (db *DB) beginClearing(ctx context.Context, promise *Promise, userID string) (isDone bool, err error) {
	isDone, err = db.workClearing(removing(ctx), clearing{User: userID}, shareOf(ctx))
	if isDone {
		return true, promise.fulfilled(ctx)
	}
	err = errors.Join(err, promise.passOn(ctx))
	db.WakeOutbox()
	return false, err
}

// handleClearing is the outbox's handler of clearings.
func (db *DB) handleClearing(ctx context.Context, promise *Promise) error {
	var c clearing
	if err := promise.Read(&c); err != nil {
		return err
	}
	isDone, err := db.workClearing(ctx, c, time.Now().Add(outboxPatience/2))
	if !isDone && err == nil {
		return ErrOutboxMore
	}
	return err
}

// workClearing clears what there is time for, and tells whether that is all. What an index did not show
// it looks for once more later.
func (db *DB) workClearing(ctx context.Context, c clearing, until time.Time) (isDone bool, err error) {
	var left []error
	for _, child := range db.users.children {
		if child.onDelete != SetNull {
			continue
		}
		for ids, err := range child.model.idsOf(ctx, child.index, c.User) {
			if err != nil {
				return false, err
			}
			for _, id := range ids {
				if isOver(until) { // what is cleared is in the index no more
					return false, nil
				}
				if err := child.model.clear(ctx, id, child.index.Hash, c.User); err != nil {
					left = append(left, err) // it keeps no other
				}
			}
		}
	}
	if c.IsAgain || len(left) > 0 {
		return len(left) == 0, errors.Join(left...)
	}
	again := newMessage(clearingKind, clearing{User: c.User, IsAgain: true})
	again.DueAt = NewDateTime(time.Now().Add(lookAgainAfter))
	if err := db.outbox.table.Put(again).Run(ctx); err != nil {
		return false, fmt.Errorf("write to table %s: %w", db.outbox.table.Name(), err)
	}
	db.WakeOutbox()
	return true, nil
}

// clear has an item belong to nothing by a Parent's field, if that has the value; it is one that
// somebody else has changed then, whose version is another.
func (m *core) clear(ctx context.Context, id, field, value string) error {
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return err
		}
		reading, forget := passing(ctx)
		found, err := m.read(reading, []string{id})
		forget(0)
		if err != nil {
			return err
		}
		before := found[id]
		if before == nil || before.base().deleting != "" || !m.isIn(before, field, value) {
			return nil // Sweep sees to it, should it be there again
		}
		attributes, err := dynamo.MarshalItem(before)
		if err != nil {
			return err
		}
		delete(attributes, field)
		after, err := m.decode(attributes)
		if err != nil {
			return err
		}
		isWritten, err := m.write(ctx, before, after, false)
		if isWritten || err != nil {
			return err
		}
	}
	return fmt.Errorf("clear %s of an item of %s: %w", field, m.table.Name(), ErrConflict)
}

package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/guregu/dynamo/v2"
)

// keepingKind is what keepings are promised under. Servers that would delete what is kept know of none.
const keepingKind = "keeping"

// A keeping is what becomes of the items of a user who leaves that do not go with the account, as the outbox
// keeps it. It is written with the account's end, which decides; an owner who is gone is nobody to anyone
// meanwhile.
type keeping struct {
	User  string   `json:"user"`
	Types []string `json:"types,omitempty"`
	// Last are items of which the user may have been the last member.
	Last    []lastMember `json:"last,omitempty"`
	IsAgain bool         `json:"isAgain,omitempty"` // it is looked for what an index did not show
}

// A lastMember is an item of which a user who leaves may be the last member.
type lastMember struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// beginKeeping works at a keeping that was just promised, for as long as a request has time for it. What is
// left, it leaves to the outbox.
func (db *DB) beginKeeping(ctx context.Context, promise *Promise, k keeping) (isDone bool, err error) {
	isDone, err = db.workKeeping(removing(ctx), k, shareOf(ctx))
	if isDone {
		return true, promise.fulfilled(ctx)
	}
	err = errors.Join(err, promise.passOn(ctx))
	db.WakeOutbox()
	return false, err
}

// handleKeeping is the outbox's handler of keepings.
func (db *DB) handleKeeping(ctx context.Context, promise *Promise) error {
	var k keeping
	if err := promise.Read(&k); err != nil {
		return err
	}
	isDone, err := db.workKeeping(ctx, k, time.Now().Add(outboxPatience/2))
	if !isDone && err == nil {
		return ErrOutboxMore
	}
	return err
}

// workKeeping does what there is time for, and tells whether that is all. What an index did not show, and what
// the user was making when the account went, it looks for once more later.
func (db *DB) workKeeping(ctx context.Context, k keeping, until time.Time) (isDone bool, err error) {
	var left []error
	for _, typeName := range k.Types {
		model := db.modelOf(typeName)
		if model == nil {
			continue // the schema has the type no more
		}
		for ids, err := range model.idsOf(ctx, ByOwner, k.User) {
			if err != nil {
				return false, err
			}
			for some := range slices.Chunk(ids, readTogether) {
				if isOver(until) { // what is nobody's is in the index no more
					return false, errors.Join(left...)
				}
				if err := model.part(ctx, some, k.User); err != nil {
					left = append(left, err) // it keeps no other
				}
			}
		}
	}
	for _, last := range k.Last {
		if isOver(until) {
			return false, errors.Join(left...)
		}
		if model := db.modelOf(last.Type); model != nil {
			left = append(left, model.goWithoutMembers(ctx, last.ID, k.User))
		}
	}
	if err := errors.Join(left...); k.IsAgain || err != nil {
		return err == nil, err
	}
	again := newMessage(keepingKind, keeping{User: k.User, Types: k.Types, Last: k.Last, IsAgain: true})
	again.DueAt = NewDateTime(time.Now().Add(lookAgainAfter))
	if err := db.outbox.table.Put(again).Run(ctx); err != nil {
		return false, fmt.Errorf("write to table %s: %w", db.outbox.table.Name(), err)
	}
	db.WakeOutbox()
	return true, nil
}

func (m *core) onOwnerDelete() OnOwnerDelete { return m.definition.OnOwnerDelete }

// needsMembers tells whether nobody may read an item but its owner, and its members.
func (m *core) needsMembers() bool {
	isTheirs := func(t Term) bool { return t.isOwner || t.members != nil && t.at == ownID }
	return len(m.memberships) > 0 && !slices.ContainsFunc(m.definition.Rules, func(r Rule) bool {
		return r.Operations&OnRead != 0 && !slices.ContainsFunc(r.Terms, isTheirs)
	})
}

// part has items that a user owns who is gone be nobody's, or a successor's. Those that have no other members, and that only members
// may read, are deleted, with what belongs to them.
func (m *core) part(ctx context.Context, ids []string, userID string) error {
	reading, forget := passing(ctx)
	defer forget(0)
	items, err := m.read(reading, ids)
	if err != nil {
		return err
	}
	var goes []string
	var left []error
	for _, id := range ids {
		item := items[id]
		if item == nil || item.base().OwnerID != userID {
			continue
		}
		isTaken, err := m.passToSuccessor(ctx, item)
		if isTaken || err != nil {
			left = append(left, err)
			continue
		}
		if m.needsMembers() {
			isLast, err := m.db.hasNoMembersBeside(ctx, m, id, userID)
			if err != nil {
				return err
			}
			if isLast {
				goes = append(goes, id)
				continue
			}
		}
		if err := m.disown(ctx, item, userID); err != nil {
			left = append(left, err)
		}
	}
	if len(goes) > 0 {
		left = append(left, m.db.remove(ctx, []frame{{Type: m.name(), Field: ByOwner.Hash, Value: userID, IDs: goes}}))
	}
	return errors.Join(left...)
}

// disown has an item belong to nobody, if it is the user's still. It is one that has changed then, whose version
// is another; the time of its last change stays, as it is no change of what it says.
func (m *core) disown(ctx context.Context, item anyItem, userID string) error {
	for try := range maxTries {
		if err := Pause(ctx, try); err != nil {
			return err
		}
		if try > 0 {
			reading, forget := passing(ctx)
			found, err := m.read(reading, []string{item.base().ID})
			forget(0)
			if err != nil {
				return err
			}
			again := found[item.base().ID]
			if again == nil || again.base().OwnerID != userID {
				return nil
			}
			item = again
		}
		attributes, err := dynamo.MarshalItem(item)
		if err != nil {
			return err
		}
		delete(attributes, ByOwner.Hash)
		after, err := m.decode(attributes)
		if err != nil {
			return err
		}
		isWritten, err := m.writeAt(ctx, item, after, false, item.base().UpdatedAt)
		if isWritten || err != nil {
			return err
		}
	}
	return fmt.Errorf("take the owner from an item of %s: %w", m.table.Name(), ErrConflict)
}

// goWithoutMembers deletes an item, with what belongs to it, if nobody is left who could reach it: a user who is
// gone was its last member, and its owner is nobody, or is gone, too.
func (m *core) goWithoutMembers(ctx context.Context, id, userID string) error {
	if !m.needsMembers() {
		return nil
	}
	isLast, err := m.db.hasNoMembersBeside(ctx, m, id, userID)
	if !isLast || err != nil {
		return err
	}
	reading, forget := passing(ctx)
	defer forget(0)
	items, err := m.read(reading, []string{id})
	item := items[id]
	if item == nil || err != nil {
		return err
	}
	if owner := item.base().OwnerID; owner != "" {
		if owner == userID || m.onOwnerDelete() == GoesToSuccessor {
			return nil // what becomes of what somebody owns who leaves, part decides
		}
		there, err := m.db.users.there(ctx, []string{owner})
		if there[owner] || err != nil {
			return err
		}
	}
	return m.db.remove(ctx, []frame{{Type: m.name(), IDs: []string{id}}})
}

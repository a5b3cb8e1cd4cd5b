package model

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// Swept is what Sweep has come upon.
type Swept struct {
	Unfinished int // items that were half deleted; each is gone now, or, where it is held, as it was
	Orphans    int // items whose owner is gone, or with CASCADE a parent, and invitations that are over; they have been deleted
	Kept       int // items whose owner is gone, and that are kept; they are nobody's now
	Rows       int // of members whose membership is gone; they have been deleted
	Held       int // others that lack a parent to which they belong with RESTRICT; they are left
}

// Sweep finishes the deletions of items and of users that were interrupted, and deletes
// what they overlooked, or has it be nobody's where it is kept: on AWS an index lags behind a write for a moment. It reads every
// table of the schema's types, whole, and the parents and owners of what is there.
//
// It may run beside anything else. An item is made only where its parent is, and by a
// user who is there, and neither ever comes back under its id: what has gone when the
// item is read has gone for good, and the item with it, unless it has moved meanwhile. The exception is an import, before it is whole.
//
// It does nothing while there is a table of a type that the schema has no more, and that
// holds items: those may be the parents, under another name.
func (db *DB) Sweep(ctx context.Context) (swept Swept, err error) {
	dropped, err := db.droppedTypes(ctx)
	if err != nil {
		return swept, err
	}
	for _, step := range dropped {
		if step.Action == StepOrphan {
			return swept, fmt.Errorf("%s; nothing was swept", step)
		}
	}
	for _, model := range db.models {
		of, err := model.sweep(ctx)
		swept.Unfinished += of.Unfinished
		swept.Orphans += of.Orphans
		swept.Kept += of.Kept
		swept.Held += of.Held
		if err != nil {
			return swept, fmt.Errorf("sweep %s: %w", model.layout().Name(), err)
		}
	}
	swept.Rows, err = db.sweepMembers(ctx)
	return swept, err
}

func (m *core) sweep(ctx context.Context) (swept Swept, err error) {
	for items, err := range m.scan(ctx) {
		if err != nil {
			return swept, err
		}
		var whole []anyItem
		for _, item := range items {
			switch mark := item.base().deleting; {
			case mark == "":
				whole = append(whole, item)
				continue
			case strings.HasPrefix(mark, bulkMarkPrefix): // the outbox sees to it with others
				continue
			}
			_, err := m.deleteItem(ctx, item, nil)
			switch {
			case errors.Is(err, ErrHeld):
				whole = append(whole, item) // it is restored
			case err != nil:
				return swept, err
			}
			swept.Unfinished++
		}
		orphans, left, held, err := m.orphans(ctx, whole)
		if err != nil {
			return swept, err
		}
		swept.Held += held
		for owner, ids := range left {
			if err := m.part(ctx, ids, owner); err != nil {
				slog.WarnContext(ctx, "an object is still of an owner who is gone", "type", m.typeName, "owner", owner, "error", err)
				continue
			}
			swept.Kept += len(ids)
		}
		if len(orphans) == 0 {
			continue
		}
		if err := m.db.remove(ctx, orphans); err != nil {
			return swept, err
		}
		for _, f := range orphans {
			swept.Orphans += len(f.IDs)
		}
	}
	return swept, nil
}

// orphans returns, in the lists of whom they lack, those of the items whose owner is gone, or with CASCADE a parent, or that are
// invitations which are over; those whose owner is gone and that are kept, by the owner; and how many others lack a
// parent with RESTRICT. One that is gone with SET_NULL it takes from the item. What an anonymous caller made has no
// owner who could be gone.
func (m *core) orphans(ctx context.Context, items []anyItem) (orphans []frame, left map[string][]string, held int, err error) {
	lacks, isLeft, isHeld := make([]*frame, len(items)), make([]bool, len(items)), make([]bool, len(items))
	of := make([]string, len(items))
	for i, item := range items {
		of[i] = item.base().OwnerID
	}
	there, err := m.db.users.there(ctx, of)
	if err != nil {
		return nil, nil, 0, err
	}
	for i, owner := range of {
		isGone := owner != "" && !there[owner]
		isLeft[i] = isGone && m.onOwnerDelete() != GoesWithOwner
		switch {
		case m.isExpired(items[i]):
			lacks[i] = &frame{}
		case isGone && !isLeft[i]:
			lacks[i] = &frame{Field: ByOwner.Hash, Value: owner}
		}
	}
	for _, parent := range m.definition.Parents {
		for i, item := range items {
			of[i] = parent.ID(item)
		}
		there, err := parent.Of.target().there(ctx, of)
		if err != nil {
			return nil, nil, 0, err
		}
		for i, id := range of {
			switch {
			case id == "" || there[id]:
			case parent.OnDelete == Cascade:
				lacks[i] = cmp.Or(lacks[i], &frame{Field: parent.Field, Value: id})
			case parent.OnDelete == Restrict:
				isHeld[i] = true
			default:
				if err := m.clear(ctx, items[i].base().ID, parent.Field, id); err != nil {
					slog.WarnContext(ctx, "an object still names a user who is gone", "type", m.typeName, "id", items[i].base().ID, "error", err)
				}
			}
		}
	}
	left = map[string][]string{}
	for i, item := range items {
		base := item.base()
		if list := lacks[i]; list != nil {
			if !m.mayLeave(list.Field) { // then it needs no looking at again
				list.Field, list.Value = "", ""
			}
			isSame := func(f frame) bool { return f.Field == list.Field && f.Value == list.Value }
			at := slices.IndexFunc(orphans, isSame)
			if at < 0 {
				at, orphans = len(orphans), append(orphans, frame{Type: m.name(), Field: list.Field, Value: list.Value})
			}
			orphans[at].IDs = append(orphans[at].IDs, base.ID)
			continue
		}
		if isHeld[i] {
			held++
		}
		if isLeft[i] {
			left[base.OwnerID] = append(left[base.OwnerID], base.ID)
		}
	}
	return orphans, left, held, nil
}

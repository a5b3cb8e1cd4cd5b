package model

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxLooked is how many items are looked at to see whether something holds one of them. What is
// larger, or too entangled to write down how far that has come, is not deleted where RESTRICT is
// in its types; what is in it can be.
const maxLooked = 1_000_000

// look sees whether something belongs with RESTRICT to the removal's root, or to what would be
// deleted with it, until that is known, or the time is up: then it is written down how far it is.
// Each item is looked at once, and none where the schema has no RESTRICT below.
func (w *remover) look(ctx context.Context, until time.Time) (isHeld, isLooked bool, err error) {
	for len(w.Frames) > 0 {
		if isOver(until) || ctx.Err() != nil {
			if w.bytes() > maxRemovalBytes {
				return true, false, nil
			}
			w.isSaved = false
			return false, false, w.save(ctx)
		}
		last := len(w.Frames) - 1
		f := &w.Frames[last]
		model := w.db.modelOf(f.Type)
		switch {
		case model == nil || len(f.IDs) == 0 && !f.IsOpen:
			w.Frames = w.Frames[:last]
			continue
		case len(f.IDs) == 0:
			ids, isAll, err := model.listIDs(ctx, f.index(), f.Value, f.After, maxPageSize)
			if err != nil {
				return false, false, err
			}
			if f.IDs, f.IsOpen = ids, !isAll; len(ids) > 0 {
				f.After = ids[len(ids)-1]
			}
			continue
		}
		id, list := f.IDs[0], frame{Field: f.Field, Value: f.Value}
		if f.IDs = f.IDs[1:]; len(f.IDs) == 0 && !f.IsOpen {
			w.Frames = w.Frames[:last]
		}
		key := txKey{model, id}
		if w.known[key] {
			continue
		}
		w.known[key] = true
		if w.Looked++; w.Looked > maxLooked {
			return true, false, nil
		}
		if mayLose(model, list) {
			isIn, err := model.stillIn(ctx, []string{id}, func(string) (field, value string) { return list.Field, list.Value })
			if err != nil {
				return false, false, err
			}
			if !isIn[id] {
				continue // it is gone, or the index has it from before it moved
			}
		}
		if isHeld, err := holdsDirectly(ctx, model, id); isHeld || err != nil {
			return isHeld, false, err
		}
		for _, below := range framesBelow(model, id) {
			if mayBeHeld(w.db.modelOf(below.Type)) {
				w.Frames = append(w.Frames, below)
			}
		}
	}
	return false, true, nil
}

// mayBeHeld tells whether the schema has a RESTRICT at the type, or below.
func mayBeHeld(model anyModel) bool {
	seen := map[anyModel]bool{}
	var may func(anyModel) bool
	may = func(model anyModel) bool {
		if seen[model] {
			return false
		}
		seen[model] = true
		return slices.ContainsFunc(model.childTypes(), func(c child) bool {
			return c.onDelete == Restrict || may(c.model)
		})
	}
	return may(model)
}

// holdsDirectly tells whether something belongs with RESTRICT to the item itself.
func holdsDirectly(ctx context.Context, model anyModel, id string) (isHeld bool, err error) {
	for _, child := range model.childTypes() {
		if child.onDelete != Restrict {
			continue
		}
		in := func(string) (field, value string) { return child.index.Hash, id }
		for after, isAll := "", false; !isAll; {
			var ids []string
			if ids, isAll, err = child.model.listIDs(ctx, child.index, id, after, maxPageSize); err != nil {
				return false, err
			}
			for some := range slices.Chunk(ids, readTogether) {
				there, err := child.model.stillIn(ctx, some, in) // the index may have some that are gone, or have moved
				for _, isIn := range there {
					isHeld = isHeld || isIn
				}
				if isHeld || err != nil {
					return err == nil, err
				}
			}
			if len(ids) > 0 {
				after = ids[len(ids)-1]
			}
		}
	}
	return false, nil
}

// listIDs returns the ids of the items whose attribute index.Hash is hash, in their order, which
// the index is sorted by; at most limit, of those after an id. On AWS the index may lag behind a
// write for a moment.
func (m *core) listIDs(ctx context.Context, index Index, hash, after string, limit int) (ids []string, isAll bool, err error) {
	w := walk{table: m.table, index: index, hash: &types.AttributeValueMemberS{Value: hash}, ascending: true}
	if after != "" {
		w.at = &position{sort: &types.AttributeValueMemberS{Value: after}, id: after}
	}
	reading, forget := passing(ctx)
	defer forget(0)
	items, err := w.next(reading, limit)
	if err != nil {
		return nil, false, fmt.Errorf("list what belongs to an item: %w", err)
	}
	for _, item := range items {
		ids = append(ids, item.at.id)
	}
	return ids, w.isOver, nil
}

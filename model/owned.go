package model

import (
	"context"
	"errors"
	"slices"
)

// IsHeld tells whether something of another owner belongs with RESTRICT to something of
// the user's, or to what would be deleted with it.
func (db *DB) IsHeld(ctx context.Context, ownerID string) (bool, error) {
	seen := map[string]bool{}
	for _, model := range db.models {
		if !model.mayBeHeld(map[anyModel]bool{}) {
			continue
		}
		for ids, err := range model.idsOf(ctx, ByOwner, ownerID) {
			if err != nil {
				return false, err
			}
			for _, id := range ids {
				if isHeld, err := model.isHeld(ctx, id, ownerID, seen); isHeld || err != nil {
					return isHeld, err
				}
			}
		}
	}
	return false, nil
}

// RemoveOwned deletes what the user owns of every type. What is held by something else
// of the user's may go once that is gone. [ErrHeld]: something of another's holds the rest.
func (db *DB) RemoveOwned(ctx context.Context, ownerID string) error {
	for {
		removed, isHeld := 0, false
		for _, model := range db.models {
			for ids, err := range model.idsOf(ctx, ByOwner, ownerID) {
				if err != nil {
					return err
				}
				for batch := range slices.Chunk(ids, batchSize(model)) {
					err := model.remove(ctx, batch, false)
					switch {
					case errors.Is(err, ErrHeld):
						isHeld = true
					case err != nil:
						return err
					default:
						removed += len(batch)
					}
				}
			}
		}
		switch {
		case !isHeld:
			return nil
		case removed == 0:
			return ErrHeld
		}
	}
}

// batchSize is how many items go together: one where that one may be held, and the
// others are to go nevertheless.
func batchSize(model anyModel) int {
	if model.hasChildren() {
		return 1
	}
	return maxPageSize
}

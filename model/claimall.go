package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// A notUniqueError is why a field of items that are there cannot become @unique. It
// names the items by their ids, and never says a value.
type notUniqueError struct {
	field, why string
}

func (e *notUniqueError) Error() string { return e.field + " cannot be unique: " + e.why }

func notUnique(field, id, other string) error {
	return &notUniqueError{field, fmt.Sprintf("the items %s and %s have the same", id, other)}
}

// claimAll goes through the table, and enters into the uniques table the values that
// are not there yet: a field's that became @unique when there were items already.
// Where isDry it only returns which fields have such; meanwhile it keeps these values in
// memory, to compare them. A *notUniqueError: see there.
func (m *core) claimAll(ctx context.Context, isDry bool) (fields []string, err error) {
	if len(m.definition.Uniques) == 0 {
		return nil, nil
	}
	met := map[string]string{} // whose values are that nobody has claimed
	for items, err := range m.scan(ctx) {
		if err != nil {
			return fields, err
		}
		unclaimed, claimants, err := m.unclaimed(ctx, items)
		if err != nil {
			return fields, err
		}
		for _, claim := range unclaimed {
			if !slices.Contains(fields, shown(claim.of)) {
				fields = append(fields, shown(claim.of))
			}
			if isDry {
				err = m.compare(ctx, claim, claimants, met)
			} else {
				err = m.enter(ctx, claim)
			}
			if err != nil {
				return fields, err
			}
		}
	}
	return fields, nil
}

// unclaimed returns the claims that the items would make and have not made, and the
// items that have made them instead, by the ids of claims.
func (m *core) unclaimed(ctx context.Context, items []anyItem) (unclaimed []claim, claimants map[string]string, err error) {
	wanted := map[string]dynamo.Keyed{}
	for _, item := range items {
		if item.base().deleting != "" {
			continue
		}
		for _, unique := range m.definition.Uniques {
			value, owner := unique.Value(item), item.base().ID
			if value == "" || unique.now != "" { // by a former name, those claim who know it
				continue
			}
			if !m.canClaim(unique, value) {
				return nil, nil, &notUniqueError{shown(unique), fmt.Sprintf("the item %s has one that is too long for it", owner)}
			}
			unclaimed = append(unclaimed, claim{of: unique, value: value, owner: owner})
			id := m.uniqueID(unique.Field, value)
			wanted[id] = dynamo.Keys{id}
		}
	}
	if len(wanted) == 0 {
		return nil, nil, nil
	}
	var made []unique
	err = m.db.uniques.Batch("id").Get(slices.Collect(maps.Values(wanted))...).Consistent(true).All(ctx, &made)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, nil, fmt.Errorf("read %d items of %s: %w", len(wanted), m.db.uniques.Name(), err)
	}
	claimants = make(map[string]string, len(made))
	for _, claim := range made {
		claimants[claim.ID] = claim.Owner
	}
	return slices.DeleteFunc(unclaimed, func(claim claim) bool {
		return claimants[m.uniqueID(claim.of.Field, claim.value)] == claim.owner
	}), claimants, nil
}

// compare adds the claim to those met. A *notUniqueError: it is among them, or its
// claimant has that value.
func (m *core) compare(ctx context.Context, claim claim, claimants, met map[string]string) error {
	id := m.uniqueID(claim.of.Field, claim.value)
	if other, isMet := met[id]; isMet {
		return notUnique(shown(claim.of), other, claim.owner)
	}
	met[id] = claim.owner
	other := claimants[id]
	if other == "" {
		return nil
	}
	found, err := m.read(ctx, []string{other})
	if err != nil {
		return err
	}
	if item := found[other]; item != nil && item.base().deleting == "" && claim.of.Value(item) == claim.value {
		return notUnique(shown(claim.of), other, claim.owner)
	}
	return nil
}

// enter makes the claim, if the item still is there with that value.
func (m *core) enter(ctx context.Context, c claim) error {
	for range maxTries {
		found, err := m.read(ctx, []string{c.owner})
		if err != nil {
			return err
		}
		item := found[c.owner]
		if item == nil || item.base().deleting != "" || c.of.Value(item) != c.value {
			return nil // whoever changed it knows that the field is unique, or the next run finds out
		}
		asRead, arguments := item.base().unchanged()
		err = m.transact(ctx, []claim{c}, func(tx *dynamo.WriteTx) {
			tx.Check(m.table.Check("id", c.owner).If(asRead, arguments...))
		})
		if errors.Is(err, ErrTaken) {
			other, err := m.claimant(ctx, c.of.Field, c.value)
			if err != nil {
				return err
			}
			return notUnique(shown(c.of), other, c.owner)
		}
		if !dynamo.IsCondCheckFailed(err) {
			return err
		}
	}
	return fmt.Errorf("enter the %s of %s: %w: others keep changing it", shown(c.of), c.owner, ErrConflict)
}

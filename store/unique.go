package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// unique is an item of the uniques table: a value of a @unique field, and whose it
// is. It is written in one transaction with that item.
type unique struct {
	ID    string `dynamo:"id,hash"` // Type#field#value
	Owner string `dynamo:"owner"`   // the item's id
}

// A uniqueField is a @unique field. Any number of items may have an empty value.
type uniqueField[T any] struct {
	field string
	value func(*T) string
}

func (m *model[T, P]) uniqueID(field, value string) string {
	return m.typeName + "#" + field + "#" + value
}

// uniqueWrites adds to tx what a change of the item's unique values takes, and
// returns which field each write is of. before is nil for a new item, after for one
// that goes. An *InputError: a value is too long for a key.
func (m *model[T, P]) uniqueWrites(tx *dynamo.WriteTx, before, after *T) (fields []string, err error) {
	for _, unique := range m.uniques {
		var from, to string
		if before != nil {
			from = unique.value(before)
		}
		if after != nil {
			to = unique.value(after)
		}
		if from == to {
			continue
		}
		if to != "" {
			put, err := m.claim(unique.field, to, after)
			if err != nil {
				return nil, err
			}
			tx.Put(put)
			fields = append(fields, unique.field)
		}
		if from != "" {
			tx.Delete(m.store.uniques.Delete("id", m.uniqueID(unique.field, from)).
				If("attribute_not_exists(id) OR 'owner' = ?", *P(before).record().id))
			fields = append(fields, unique.field)
		}
	}
	return fields, nil
}

func (m *model[T, P]) claim(field, value string, item *T) (*dynamo.Put, error) {
	id := m.uniqueID(field, value)
	if len(id) > maxKeySize {
		return nil, &InputError{field, fmt.Sprintf("%s is too long to be unique", field)}
	}
	return m.store.uniques.Put(unique{id, *P(item).record().id}).If("attribute_not_exists(id)"), nil
}

// byUnique returns the item that has the value in a @unique field, in two strongly
// consistent reads. ErrNotFound: there is none that the caller may read.
func (m *model[T, P]) byUnique(ctx context.Context, caller Caller, field, value string) (*T, error) {
	id := m.uniqueID(field, value)
	if value == "" || len(id) > maxKeySize {
		return nil, ErrNotFound
	}
	var claim unique
	err := m.store.uniques.Get("id", id).Consistent(true).One(ctx, &claim)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("read %s of %s: %w", field, m.table.Name(), err)
	}
	found, err := m.byID(ctx, caller, []string{claim.Owner})
	if err != nil {
		return nil, err
	}
	item := found[claim.Owner]
	for _, unique := range m.uniques {
		if item == nil || unique.field == field && unique.value(item) != value {
			return nil, ErrNotFound // it changed between the reads
		}
	}
	return item, nil
}

// claimAll goes through the table, and enters into the uniques table the values that
// are not there yet: a field's that became @unique when there were items already.
// Where isDry it only returns which fields have such. A *ConflictError: two items have
// the same value.
func (m *model[T, P]) claimAll(ctx context.Context, isDry bool) (fields []string, err error) {
	if len(m.uniques) == 0 {
		return nil, nil
	}
	items := m.table.Scan().Consistent(true).Iter()
	for raw := (dynamo.Item{}); items.Next(ctx, &raw); raw = nil {
		item, err := m.decode(raw)
		if err != nil {
			return fields, err
		}
		for _, unique := range m.uniques {
			value := unique.value(item)
			if value == "" || isDry && slices.Contains(fields, unique.field) {
				continue
			}
			isNew, err := m.claimOne(ctx, unique.field, value, item, isDry)
			if err != nil {
				return fields, err
			}
			if isNew && !slices.Contains(fields, unique.field) {
				fields = append(fields, unique.field)
			}
		}
	}
	return fields, items.Err()
}

// claimOne enters the item's value, unless isDry, and tells whether it was not there.
func (m *model[T, P]) claimOne(ctx context.Context, field, value string, item *T, isDry bool) (isNew bool, err error) {
	var there unique
	err = m.store.uniques.Get("id", m.uniqueID(field, value)).Consistent(true).One(ctx, &there)
	switch {
	case err == nil && there.Owner == *P(item).record().id:
		return false, nil
	case err == nil:
		return true, &ConflictError{field}
	case !errors.Is(err, dynamo.ErrNotFound):
		return false, err
	case isDry:
		return true, nil
	}
	put, err := m.claim(field, value, item)
	if err != nil {
		return true, err
	}
	return true, put.Run(ctx)
}

package model

import (
	"cmp"
	"context"
)

// A Creation is an object that is to be made among others.
type Creation[T any] = CreationOf[*T]

// CreationOf is [Creation] by the pointer to its type.
type CreationOf[P any] struct {
	Set              func(P)
	Given            Given   // the fields with rules of their own that the input gives
	ClientMutationID *string // which no object has of its own
}

// CreateAll is [ModelOf.CreateAll].
func (m *core) CreateAll(ctx context.Context, caller Caller, key *string, creations []CreationOf[anyItem]) (items []anyItem, err error) {
	list := m.definition.Bulk.List
	if err := checkLength(list, len(creations), m.definition.Bulk.Create); err != nil {
		return nil, err
	}
	err = m.db.transactOften(ctx, maxTries, func(tx *Tx) error {
		items = make([]anyItem, len(creations))
		known, err := m.knownIn(ctx, tx, caller, key, creations)
		if err != nil {
			return err
		}
		return tx.each(list, len(creations), func(i int) error {
			if creations[i].ClientMutationID != nil {
				return errOwnMutationID
			}
			isMade := false
			items[i], isMade, err = m.In(tx).createPart(ctx, caller, known[i], creations[i])
			if isMade && tx.joining != nil {
				tx.madeAlready()
			}
			return err
		})
	})
	return itemsUnless(err, items)
}

// knownIn returns how each creation is known again by a key, and reads at once what was made by it.
func (m *core) knownIn(ctx context.Context, tx *Tx, caller Caller, key *string, creations []CreationOf[anyItem]) ([]*creation, error) {
	known, ids := make([]*creation, len(creations)), []string(nil)
	for i, c := range creations {
		part, err := m.creationOf(caller, key, c.Set, bulkPart{i, len(creations)})
		if err != nil {
			return nil, placed(err, placeIn(m.definition.Bulk.List, i))
		}
		if part != nil {
			known[i], ids = part, append(ids, part.ids...)
		}
	}
	_, err := m.read(tx.within(ctx), ids)
	return known, err
}

// createPart creates the item of a creation, unless an earlier try of that has made it. c is nil where it is
// not known again.
func (w writer) createPart(ctx context.Context, caller Caller, c *creation, of CreationOf[anyItem]) (item anyItem, isMade bool, err error) {
	within := w.tx.within(ctx)
	if c != nil {
		if _, isTwice := w.tx.byKey[txKey{w.model, c.ids[0]}]; isTwice {
			return nil, false, c.twice()
		}
		if first, err := w.model.first(within, caller, c); first != nil || err != nil {
			return first, err == nil, err
		}
	}
	if item, err = w.model.created(within, caller, c, of); err != nil {
		return nil, false, err
	}
	if c != nil && c.isByID { // which was read just now
		if found, err := w.model.read(within, c.ids); err != nil || found[c.ids[0]] != nil {
			return nil, false, cmp.Or(err, error(errIDTaken))
		}
	}
	return item, false, w.create(ctx, caller, item)
}

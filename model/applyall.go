package model

import (
	"context"
)

// ApplyAll is [ModelOf.ApplyAll].
func (m *core) ApplyAll(ctx context.Context, caller Caller, changes []ChangeOf[anyItem]) (items []anyItem, err error) {
	list, tries := m.definition.Bulk.List, maxTries
	if err := checkLength(list, len(changes), m.definition.Bulk.Update); err != nil {
		return nil, err
	}
	globals := make([]string, len(changes))
	for i, change := range changes {
		globals[i] = change.ID
		if change.Increment.isCounting() {
			tries = maxCountTries
		}
	}
	ids, err := m.distinctIDs(globals, func(i int) string { return placeIn(list, i) + ".id" })
	if err != nil {
		return nil, err
	}
	err = m.db.transactOften(ctx, tries, func(tx *Tx) error {
		items = make([]anyItem, len(changes))
		if _, err := m.read(tx.within(ctx), ids); err != nil {
			return err
		}
		return tx.each(list, len(changes), func(i int) error {
			if changes[i].ClientMutationID != nil {
				return errOwnMutationID
			}
			items[i], err = m.In(tx).Apply(ctx, caller, changes[i])
			return err
		})
	})
	return itemsUnless(err, items)
}

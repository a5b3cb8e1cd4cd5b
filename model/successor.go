package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// passToSuccessor gives an item, whose owner is gone, to its successor, if there is one, who gets the highest role
// there by the same transaction.
func (m *core) passToSuccessor(ctx context.Context, item anyItem) (isTaken bool, err error) {
	if m.onOwnerDelete() != GoesToSuccessor || m.definition.Successor == nil {
		return false, nil
	}
	id, before := item.base().ID, item.base().OwnerID
	successor, err := m.definition.Successor(ctx, item)
	if err != nil {
		return false, fmt.Errorf("find who is to own an item of %s: %w", m.table.Name(), err)
	}
	there, err := m.db.users.there(ctx, []string{successor})
	if err != nil || successor == "" || !there[successor] {
		return false, err
	}
	err = m.db.Transact(ctx, func(tx *Tx) error {
		found, err := m.read(tx.within(ctx), []string{id})
		is := found[id]
		if err != nil || is == nil || is.base().OwnerID != before || is.base().deleting != "" {
			return err
		}
		after := m.copied(is)
		after.base().OwnerID = successor
		_, err = m.In(tx).give(ctx, is, after)
		return err
	})
	if refused := new(Error); errors.Is(err, ErrTaken) || errors.As(err, &refused) && (refused.Code == CodeBadUserInput || refused.Code == CodeForbidden) {
		slog.WarnContext(ctx, "a successor cannot own an object, which is nobody's now", "type", m.typeName, "id", id, "successor", successor, "error", err)
		return false, nil
	}
	return true, err
}

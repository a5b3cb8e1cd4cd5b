package model

import (
	"context"
	"fmt"
	"slices"
)

// A TransferInput says what a mutation gives to whom.
type TransferInput struct {
	ID               string // global
	To               string // the global id of a user
	ExpectedVersion  *int
	ClientMutationID *string
}

// Transfer is [ModelOf.Transfer].
func (m *core) Transfer(ctx context.Context, caller Caller, input TransferInput) (item anyItem, err error) {
	err = m.db.Transact(ctx, func(tx *Tx) (err error) {
		item, err = m.In(tx).Transfer(ctx, caller, input)
		return err
	})
	return item, err
}

// Transfer is [WriterOf.Transfer].
func (w writer) Transfer(ctx context.Context, caller Caller, input TransferInput) (anyItem, error) {
	m, within := w.model, w.tx.within(ctx)
	if caller.isSystem && !m.isTransferable() { // whoever deletes what a user leaves would not look for it
		return nil, fmt.Errorf("transfer an item of %s: no rule of the type has the operation transfer", m.table.Name())
	}
	before, err := w.read(within, caller, OnTransfer, input.ID, input.ExpectedVersion)
	if err != nil {
		return nil, err
	}
	to := LocalID("User", input.To)
	nameable, err := m.db.users.allowed(within, caller.unscoped(), OnRead, []string{to})
	if err != nil {
		return nil, err
	}
	if !nameable[to] {
		return nil, noParent(transferField)
	}
	after, err := m.changed(within, caller, before, ChangeOf[anyItem]{Set: func(item anyItem) { item.base().OwnerID = to }, op: OnTransfer})
	if err != nil {
		return nil, err
	}
	written, err := w.give(ctx, before, after)
	if err != nil {
		return nil, err
	}
	written.caller = &caller
	return after, nil
}

// transferField is what inputs call the user whom an item is given to.
const transferField = "to"

// give notes that an item becomes after, whose owner is another, and who must have an account then. The owner
// has the highest role of its members.
func (w writer) give(ctx context.Context, before, after anyItem) (*writtenItem, error) {
	to := after.base().OwnerID
	written := w.put(ctx, before, after)
	written.owner = to
	if to == "" || to == before.base().OwnerID { // a hook may have left it with nobody
		return written, nil
	}
	for _, by := range w.model.memberships {
		if err := by.raiseIn(ctx, w.tx, after.base().ID, to); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// planOwner has the plan check that whoever was given the item has an account.
func (w *writtenItem) planOwner(tx *Tx, plan *txPlan) {
	if w.owner != "" && w.after != nil {
		plan.addCheck(txKey{&tx.db.users, w.owner}, placed(noParent(transferField), w.at))
	}
}

// isTransferable tells whether there is a rule by which items get another owner.
func (m *core) isTransferable() bool {
	return slices.ContainsFunc(m.definition.Rules, func(r Rule) bool { return r.Operations&OnTransfer != 0 })
}

// addOwner adds that whoever is given an item has an account, and has the highest role of its members.
func (p *WritePlan) addOwner(memberships []anyMembership) {
	p.Actions++
	for _, by := range memberships { // with the counter of the item, which is written anyway
		first := by.WriteOf(OnCreate)
		p.Actions, p.Indexes = p.Actions+first.Actions-1, p.Indexes+first.Indexes
		p.Members += 3 // the row, the membership, and the counter of its role
	}
}

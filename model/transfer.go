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

// Transfer gives the item with this global id to a user, who owns it from then on, and returns it as it is
// after that. It is a write of its own: no rule allows it beside what it says of OnTransfer. The user is one
// whom the caller may name, as for what belongs to a user: the caller, or somebody whom the caller may see.
// The new owner has the highest role of the members that the item has, by the same transaction, as who makes
// one has. The hooks are those of an update.
//
// What the caller may do to the item from then on, the rules say again: the caller may have lost it.
//
// [ErrNotFound], [ErrForbidden], [ErrConflict]: see Update. [ErrNoParent], of the field to: there is no such
// user, or the caller may not know of them. [ErrTaken]: the user has one already that has the same values
// of what is unique for each owner.
func (m *ModelOf[P]) Transfer(ctx context.Context, caller Caller, input TransferInput) (item P, err error) {
	err = m.db.Transact(ctx, func(tx *Tx) (err error) {
		item, err = m.In(tx).Transfer(ctx, caller, input)
		return err
	})
	return item, err
}

// Transfer is [Model.Transfer] in the transaction. What it returns is what will be written: leave it as it is.
// Its version is that of before until the transaction is done.
func (w WriterOf[P]) Transfer(ctx context.Context, caller Caller, input TransferInput) (P, error) {
	m, within := w.model, w.tx.within(ctx)
	if caller.isSystem && !m.isTransferable() { // whoever deletes what a user leaves would not look for it
		return none[P](), fmt.Errorf("transfer an item of %s: no rule of the type has the operation transfer", m.table.Name())
	}
	before, err := w.read(within, caller, OnTransfer, input.ID, input.ExpectedVersion)
	if err != nil {
		return none[P](), err
	}
	to := LocalID("User", input.To)
	nameable, err := m.db.users.allowed(within, caller.unscoped(), OnRead, []string{to})
	if err != nil {
		return none[P](), err
	}
	if !nameable[to] {
		return none[P](), noParent(transferField)
	}
	after, err := m.changed(within, caller, before, ChangeOf[P]{Set: func(item P) { m.base(item).OwnerID = to }, op: OnTransfer})
	if err != nil {
		return none[P](), err
	}
	written, err := w.give(ctx, before, after)
	if err != nil {
		return none[P](), err
	}
	written.caller = &caller
	return after, nil
}

// transferField is what inputs call the user whom an item is given to.
const transferField = "to"

// give notes that an item becomes after, whose owner is another, and who must have an account then. The owner
// has the highest role of its members.
func (w WriterOf[P]) give(ctx context.Context, before, after P) (*writtenItem[P], error) {
	to := w.model.base(after).OwnerID
	written := w.put(ctx, before, after)
	written.owner = to
	if to == "" || to == w.model.base(before).OwnerID { // a hook may have left it with nobody
		return written, nil
	}
	for _, by := range w.model.memberships {
		if err := by.raiseIn(ctx, w.tx, w.model.base(after).ID, to); err != nil {
			return nil, err
		}
	}
	return written, nil
}

// planOwner has the plan check that whoever was given the item has an account.
func (w *writtenItem[P]) planOwner(tx *Tx, plan *txPlan) {
	if w.owner != "" && !isNone(w.after) {
		plan.addCheck(txKey{&tx.db.users, w.owner}, placed(noParent(transferField), w.at))
	}
}

// isTransferable tells whether there is a rule by which items get another owner.
func (m *ModelOf[P]) isTransferable() bool {
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

package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// A Parent is what items of T belong to by @belongsTo.
type Parent[T any] = ParentOf[*T]

// ParentOf is [Parent] by the pointer to its type.
type ParentOf[P any] struct {
	Of       Target         // a *Model, or [DB.Users]
	Field    string         // of the table and of the create input: it has the parent's id
	ID       func(P) string // not global; empty: the item has no such parent
	OnDelete OnParentDelete
	Movable  bool // an update may give the item another, which the caller may update
}

// listedBy lists what belongs to one parent, by its Field.
func listedBy(field string) Index { return Index{field, "id"} }

// parent returns the parent whose Field that is.
func (m *core) parent(field string) ParentOf[anyItem] {
	i := slices.IndexFunc(m.definition.Parents, func(p ParentOf[anyItem]) bool { return p.Field == field })
	return m.definition.Parents[i]
}

// Create is [ModelOf.Create].
func (m *core) Create(ctx context.Context, caller Caller, set func(anyItem)) (anyItem, error) {
	if tx := joinedTx(ctx); tx != nil {
		return m.In(tx).Create(ctx, caller, set)
	}
	ctx, forget := withoutReads(ctx)
	defer forget()
	return m.create(ctx, caller, CreationOf[anyItem]{Set: set})
}

// create is Create of what may set fields that have rules of their own.
func (m *core) create(ctx context.Context, caller Caller, c CreationOf[anyItem]) (anyItem, error) {
	if m.isWrittenWithOthers() {
		return m.createWithOthers(ctx, caller, CreationOf[anyItem]{Set: c.Set, Given: c.Given})
	}
	item, err := m.created(ctx, caller, nil, c)
	if err != nil {
		return nil, err
	}
	if err := m.put(ctx, item); err != nil {
		if err == errMade {
			err = errIDTaken // the client gave it: no other can be there already
		}
		return nil, m.db.tellTaken(ctx, caller, err)
	}
	return item, runHook(ctx, caller, m.definition.Hooks.AfterCreate, item)
}

// created returns a new item, which the caller may create, and that is not kept yet. creation is nil
// where it is not to be known again.
func (m *core) created(ctx context.Context, caller Caller, creation *creation, c CreationOf[anyItem]) (anyItem, error) {
	if err := m.inScope(ctx, caller, OnCreate, ""); err != nil {
		return nil, err
	}
	if !m.admits(caller, OnCreate) {
		return nil, m.refused(ctx, caller, OnCreate, nil, ErrForbidden)
	}
	ctx = m.remembering(ctx)
	item := m.new()
	c.Set(item)
	if base := item.base(); creation == nil && base.givenID != nil {
		var err error
		if creation, err = m.creationByID(caller, item); err != nil {
			return nil, err
		}
	}
	m.begin(item, caller)
	base := item.base()
	if creation != nil {
		base.ID, base.inputTag = creation.ids[0], string(m.db.sealer.tag(creation.scope, creation.input))
	}
	base.givenID = nil
	if err := m.mayCreate(ctx, caller, item); err != nil {
		return nil, err
	}
	if err := m.mayGive(ctx, caller, OnCreate, c.Given, item); err != nil {
		return nil, err
	}
	if m.definition.Hooks.BeforeCreate != nil {
		if err := m.definition.Hooks.BeforeCreate(ctx, caller.unscoped(), item); err != nil {
			return nil, m.refused(ctx, caller, OnCreate, item, err)
		}
		if err := m.mayCreate(ctx, caller, item); err != nil { // the hook may have changed it
			return nil, err
		}
		if err := m.mayGive(ctx, caller, OnCreate, c.Given, item); err != nil {
			return nil, err
		}
	}
	if err := m.countInvitation(ctx, caller); err != nil {
		return nil, err
	}
	if creation != nil && creation.isByID {
		return item, m.checkFree(ctx, creation.ids[0])
	}
	return item, nil
}

// begin makes an item, which has its fields, one that the caller creates now.
func (m *core) begin(item anyItem, caller Caller) {
	base, now := item.base(), Now()
	base.ID, base.OwnerID, base.Version = NewID(), caller.ID, 1
	base.CreatedAt, base.UpdatedAt = now, now
}

// remembering returns a context in which what an item is to belong to is read once, for its ancestors and for the
// rules, where the type has both.
func (m *core) remembering(ctx context.Context) context.Context {
	if _, isIn := readsFrom(ctx); isIn || len(m.definition.Ancestors) == 0 {
		return ctx
	}
	return m.db.newTx().within(ctx)
}

// mayCreate tells whether the item is one to create, as it is, and the caller may: nil, or an
// error as of Create.
func (m *core) mayCreate(ctx context.Context, caller Caller, item anyItem) error {
	if m.definition.Membership != nil {
		item.base().OwnerID = m.userOf(item)
	}
	if err := m.setEmail(item); err != nil {
		return err
	}
	if err := m.check(item); err != nil {
		return err
	}
	if err := m.setAncestors(ctx, item); err != nil {
		return err
	}
	if err := m.mayBelong(ctx, caller, nil, item); err != nil {
		return err
	}
	isPermitted, err := m.isPermitted(ctx, caller, OnCreate, item)
	switch {
	case err != nil:
		return err
	case !isPermitted:
		return m.refused(ctx, caller, OnCreate, item, ErrForbidden)
	}
	if err := m.mayGrant(ctx, caller, nil, item); err != nil {
		return m.refused(ctx, caller, OnCreate, item, err)
	}
	if err := m.mayInvite(ctx, caller, item); err != nil {
		return m.refused(ctx, caller, OnCreate, item, err)
	}
	return m.mayTake(ctx, caller, nil, item)
}

// mayBelong tells whether the caller may read what the item belongs to, beside what it has belonged to
// before, and may update it where the item moves there, or what it leaves for nothing: nil, ErrNoParent, or ErrForbidden with the field. before is
// nil for a new item. By a service token it is a matter of the rules alone, as in Via: see Caller.unscoped.
func (m *core) mayBelong(ctx context.Context, caller Caller, before, item anyItem) error {
	for _, parent := range m.newParents(before, item) {
		id := parent.ID(item)
		readable, err := parent.Of.target().allowed(ctx, caller.unscoped(), OnRead, []string{id})
		if err != nil {
			return err
		}
		if !readable[id] {
			return noParent(parent.Field)
		}
	}
	if before == nil {
		return nil
	}
	for _, parent := range m.definition.Parents {
		from, to := parent.ID(before), parent.ID(item)
		if !parent.Movable || from == to {
			continue
		}
		id, why := to, "you may not move it there, since you may not update what it would belong to"
		if to == "" {
			id, why = from, "you may not take it away from what it belongs to, since you may not update that"
		}
		updatable, err := parent.Of.target().allowed(ctx, caller.unscoped(), OnUpdate, []string{id})
		if err != nil {
			return err
		}
		if !updatable[id] {
			return m.refused(ctx, caller, OnUpdate, before, forbiddenField(parent.Field, why))
		}
	}
	return nil
}

// put writes a new item. errMade: one with its id is there.
func (m *core) put(ctx context.Context, item anyItem) error {
	put, err := m.putOf(ctx, item, nil)
	if err != nil {
		return m.writeError("create", err)
	}
	claims, err := m.claims(nil, item)
	if err != nil {
		return err
	}
	parents := m.newParents(nil, item)
	if len(claims) == 0 && len(parents) == 0 {
		err := put.Run(ctx)
		if IsDoubtful(err) {
			if item.base().inputTag == "" { // the id is new: it is this very item
				return nil
			}
			isOurs, err := m.settle(ctx, item.base().ID, func(is anyItem) bool { return m.isMadeBy(is, item) })
			if err == nil && !isOurs {
				err = errMade
			}
			return err
		}
		if dynamo.IsCondCheckFailed(err) {
			return errMade
		}
		return m.writeError("create", err)
	}
	err = m.transact(ctx, claims, func(tx *dynamo.WriteTx) {
		for _, parent := range parents {
			tx.Check(parent.Of.target().ifExists(parent.ID(item)))
		}
		tx.Put(put)
	})
	switch failed := FailedConditions(err); {
	case slices.Contains(failed, len(parents)):
		return errMade
	case len(failed) > 0: // a parent has gone meanwhile
		return noParent(parents[failed[0]].Field)
	}
	return m.writeError("create", err)
}

// newParents returns what the item belongs to and did not before, which is nil for a new item. By two
// fields it may belong to one thing, which a transaction can name only once.
func (m *core) newParents(before, item anyItem) (distinct []ParentOf[anyItem]) {
	for _, p := range m.definition.Parents {
		isKnown := slices.ContainsFunc(distinct, func(other ParentOf[anyItem]) bool {
			return other.Of.target() == p.Of.target() && other.ID(item) == p.ID(item)
		})
		if before != nil && p.ID(before) == p.ID(item) {
			isKnown = true
		}
		if p.ID(item) != "" && !isKnown {
			distinct = append(distinct, p)
		}
	}
	return distinct
}

// ifExists holds where the item with this id is there, and is not being deleted.
func (m *core) ifExists(id string) *dynamo.ConditionCheck {
	return m.table.Check("id", id).If("attribute_exists(id) AND attribute_not_exists(deleting)")
}

// writeError says what a write was tried on; nil stays nil.
func (m *core) writeError(verb string, err error) error {
	switch {
	case err == nil:
		return nil
	case isBeyondLimits(err):
		return beyondLimits()
	default:
		return fmt.Errorf("%s an item of %s: %w", verb, m.table.Name(), err)
	}
}

// beyondLimits refuses what DynamoDB does not take, see isBeyondLimits.
func beyondLimits() error {
	return BadInput("", "this is more than an object can hold: 400 KB in all, 1 KB in a field that a list is ordered by, numbers of a size from 1E-130 to 1E+126")
}

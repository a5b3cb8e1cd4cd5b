package model

import (
	"context"
	"slices"
)

// An Operation is what @auth allows. Several are or-ed.
type Operation uint8

const (
	OnCreate Operation = 1 << iota
	OnRead
	OnUpdate
	OnDelete
	OnTransfer // to another owner
)

// A Rule of @auth allows operations where all of its terms hold. Whatever no rule
// allows is denied.
type Rule struct {
	Operations Operation
	Terms      []Term

	of []string // the type whose rule it is, by the names that it has and had
}

// Allow returns the rule that allows operations where all of the terms hold.
func Allow(operations Operation, terms ...Term) Rule {
	return Rule{Operations: operations, Terms: terms}
}

// A Term is a condition on the caller and, where it says so, on the item.
type Term struct {
	admits    func(Caller) bool
	groups    []string  // of which the caller is to be in one; nil: it asks for none
	isOwner   bool      // the caller owns the item
	namedBy   string    // the item names the caller by that field, see OwnerBy; empty: it is not asked
	isInvited bool      // the item is an invitation of the caller's
	parent    string    // the Field of a Parent of the type; empty: it is about the caller alone
	parentOp  Operation // the caller may do this to the item's parent

	members anyMembership // nil: it asks for no membership
	at      string        // of what, see Members
	roles   []string

	where *whereTerm // nil: it says nothing of the item's fields
}

// isOfItem tells whether the term is a condition on the item.
func (t Term) isOfItem() bool {
	return t.isOwners() || t.isInvited || t.parent != "" || t.members != nil || t.where != nil
}

var (
	// Anyone holds for every caller, anonymous ones included.
	Anyone = Term{admits: func(Caller) bool { return true }}
	// Authenticated holds for every signed-in caller.
	Authenticated = Term{admits: Caller.isSignedIn}
	// Owner holds for whoever owns the item; on create, for every signed-in caller, who
	// becomes the owner.
	Owner = Term{admits: Caller.isSignedIn, isOwner: true}
)

// Groups holds for a signed-in caller who has one of the roles.
func Groups(names ...string) Term {
	return Term{groups: names, admits: func(caller Caller) bool {
		return caller.isSignedIn() && slices.ContainsFunc(caller.Roles, func(role string) bool { return slices.Contains(names, role) })
	}}
}

// Via holds for whoever may do op to the item's parent, which is the Field of a [Parent] or an [Ancestor]
// of the type. It costs one BatchGetItem of parents for all items that are asked for together; in
// a query, see [WithReads].
func Via(parent string, op Operation) Term {
	return Term{admits: func(Caller) bool { return true }, parent: parent, parentOp: op}
}

func (c Caller) isSignedIn() bool { return c.ID != "" }

// admits tells whether the rule may allow op to the caller, for some items at least. Everything that
// is read or written goes by this, and so what a service token has no scope of is to it as if no rule
// allowed it.
func (r Rule) admits(caller Caller, op Operation) bool {
	return r.Operations&op != 0 && caller.scopes.have(op, r.of...) &&
		!slices.ContainsFunc(r.Terms, func(t Term) bool { return !t.admits(caller) })
}

// admits tells whether the caller may do op to some items at least.
func (m *core) admits(caller Caller, op Operation) bool {
	return caller.isSystem || slices.ContainsFunc(m.definition.Rules, func(r Rule) bool { return r.admits(caller, op) })
}

// permitted tells to which of the items the caller may do op, in their order.
func (m *core) permitted(ctx context.Context, caller Caller, op Operation, items []anyItem) ([]bool, error) {
	return m.permittedBy(ctx, caller, op, m.definition.Rules, items)
}

// isPermitted is permitted of one item.
func (m *core) isPermitted(ctx context.Context, caller Caller, op Operation, item anyItem) (bool, error) {
	permitted, err := m.permitted(ctx, caller, op, []anyItem{item})
	return err == nil && permitted[0], err
}

// permittedBy tells to which of the items one of the rules allows the caller to do op, in their order.
func (m *core) permittedBy(ctx context.Context, caller Caller, op Operation, rules []Rule, items []anyItem) ([]bool, error) {
	permitted := make([]bool, len(items))
	if caller.isSystem {
		for i := range permitted {
			permitted[i] = true
		}
		return permitted, nil
	}
	for _, rule := range rules {
		if !rule.admits(caller, op) {
			continue
		}
		open := make([]anyItem, 0, len(items))
		for i, item := range items {
			if !permitted[i] && !m.isExpired(item) {
				open = append(open, item)
			}
		}
		for _, term := range rule.Terms {
			var err error
			if open, err = m.holding(ctx, caller, term, open); err != nil {
				return nil, err
			}
		}
		for i, item := range items {
			if len(open) > 0 && open[0] == item {
				permitted[i], open = true, open[1:]
			}
		}
	}
	return permitted, nil
}

// holding returns those of the items for which the term holds, in their order.
func (m *core) holding(ctx context.Context, caller Caller, term Term, items []anyItem) ([]anyItem, error) {
	switch {
	case len(items) == 0:
		return nil, nil
	case term.isOwner:
		return slices.DeleteFunc(items, func(item anyItem) bool { return item.base().OwnerID != caller.ID }), nil
	case term.namedBy != "":
		return m.named(caller, term.namedBy, items), nil
	case term.isInvited:
		return slices.DeleteFunc(items, func(item anyItem) bool { return !m.isInvited(caller, item) }), nil
	case term.where != nil:
		return m.holdsWhere(term, items)
	case term.members != nil, term.parent != "":
		ids, err := m.idsAbove(ctx, term.attribute(), items)
		if err != nil {
			return nil, err
		}
		granted, err := m.granted(ctx, caller, term, ids)
		var held []anyItem
		for i, item := range items {
			if granted[ids[i]] {
				held = append(held, item)
			}
		}
		return held, err
	default:
		return items, nil
	}
}

// granted tells for which ids of what items belong to, or are, a term about that holds.
func (m *core) granted(ctx context.Context, caller Caller, term Term, ids []string) (map[string]bool, error) {
	if term.members != nil {
		return term.amongMembers(ctx, caller, ids)
	}
	return m.above(term.parent).of.allowed(ctx, caller.unscoped(), term.parentOp, ids)
}

// allowed tells to which of the items with these ids the caller may do op.
func (m *core) allowed(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]bool, error) {
	allowed := make(map[string]bool, len(ids))
	if !m.admits(caller, op) {
		return allowed, nil
	}
	m.mustLoad(ctx, ids)
	if reads, ok := readsFrom(ctx); ok && reads.remembers && !reads.isLoading {
		items, err := m.loaderIn(reads, caller, op).loadAll(ctx, distinctIDs(ids))
		for id := range items {
			allowed[id] = true
		}
		return allowed, err
	}
	items, err := m.permittedByID(ctx, caller, op, ids)
	for id := range items {
		allowed[id] = true
	}
	return allowed, err
}

// authorize tells whether the caller may do op to the item: nil, ErrForbidden, or
// ErrNotFound where the caller may not read it either.
func (m *core) authorize(ctx context.Context, caller Caller, op Operation, item anyItem) error {
	for _, need := range []struct {
		op      Operation
		refusal error
	}{{OnRead, ErrNotFound}, {op, ErrForbidden}} {
		isPermitted, err := m.isPermitted(ctx, caller, need.op, item)
		if err != nil {
			return err
		}
		if !isPermitted {
			return m.refused(ctx, caller, op, item, need.refusal)
		}
	}
	if op == OnDelete {
		return m.refused(ctx, caller, op, item, m.mayGrant(ctx, caller, item, nil))
	}
	return nil
}

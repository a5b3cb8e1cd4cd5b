package store

import (
	"context"
	"slices"
)

// An operation is what @auth allows. Several are or-ed.
type operation uint8

const (
	onCreate operation = 1 << iota
	onRead
	onUpdate
	onDelete
)

// A rule of @auth allows operations where all of its terms hold. Whatever no rule
// allows is denied.
type rule[T any] struct {
	operations operation
	terms      []term[T]
}

func allow[T any](operations operation, terms ...term[T]) rule[T] {
	return rule[T]{operations, terms}
}

// A term is a condition on the caller and, where it says so, on the item.
type term[T any] struct {
	admits   func(Caller) bool
	isOwner  bool // the caller owns the item
	parent   anyModel
	parentOp operation // the caller may do this to the item's parent
	parentID func(*T) string
}

// anyone holds for every caller, anonymous ones included.
func anyone[T any]() term[T] {
	return term[T]{admits: func(Caller) bool { return true }}
}

// authenticated holds for every signed-in caller.
func authenticated[T any]() term[T] {
	return term[T]{admits: Caller.isSignedIn}
}

// owner holds for whoever owns the item; on create, for every signed-in caller, who
// becomes the owner.
func owner[T any]() term[T] {
	return term[T]{admits: Caller.isSignedIn, isOwner: true}
}

// groups holds for a signed-in caller who has one of the roles.
func groups[T any](names ...string) term[T] {
	return term[T]{admits: func(caller Caller) bool {
		return caller.isSignedIn() && slices.ContainsFunc(caller.Roles, func(role string) bool { return slices.Contains(names, role) })
	}}
}

// via holds for whoever may do op to the item's parent. It costs one BatchGetItem of
// parents for all items that are asked for together; in a query, see [WithMemory].
func via[T any](parent anyModel, op operation, parentID func(*T) string) term[T] {
	return term[T]{admits: func(Caller) bool { return true }, parent: parent, parentOp: op, parentID: parentID}
}

func (c Caller) isSignedIn() bool { return c.ID != "" }

// admits tells whether the rule may allow op to the caller, for some items at least.
func (r rule[T]) admits(caller Caller, op operation) bool {
	return r.operations&op != 0 &&
		!slices.ContainsFunc(r.terms, func(t term[T]) bool { return !t.admits(caller) })
}

// admits tells whether the caller may do op to some items at least.
func (m *model[T, P]) admits(caller Caller, op operation) bool {
	return slices.ContainsFunc(m.rules, func(r rule[T]) bool { return r.admits(caller, op) })
}

// permitted returns those of the items to which the caller may do op.
func (m *model[T, P]) permitted(ctx context.Context, caller Caller, op operation, items []*T) (map[*T]bool, error) {
	permitted := make(map[*T]bool, len(items))
	for _, rule := range m.rules {
		if !rule.admits(caller, op) {
			continue
		}
		open := slices.DeleteFunc(slices.Clone(items), func(item *T) bool { return permitted[item] })
		for _, term := range rule.terms {
			var err error
			if open, err = m.holding(ctx, caller, term, open); err != nil {
				return nil, err
			}
		}
		for _, item := range open {
			permitted[item] = true
		}
	}
	return permitted, nil
}

// holding returns those of the items for which the term holds.
func (m *model[T, P]) holding(ctx context.Context, caller Caller, term term[T], items []*T) ([]*T, error) {
	switch {
	case len(items) == 0:
		return nil, nil
	case term.isOwner:
		return slices.DeleteFunc(items, func(item *T) bool { return *P(item).record().ownerID != caller.ID }), nil
	case term.parent != nil:
		ids := make([]string, len(items))
		for i, item := range items {
			ids[i] = term.parentID(item)
		}
		allowed, err := term.parent.allowed(ctx, caller, term.parentOp, ids)
		return slices.DeleteFunc(items, func(item *T) bool { return !allowed[term.parentID(item)] }), err
	default:
		return items, nil
	}
}

// allowed tells to which of the items with these ids the caller may do op.
func (m *model[T, P]) allowed(ctx context.Context, caller Caller, op operation, ids []string) (map[string]bool, error) {
	if m.admits(caller, op) {
		if err := m.gather(ctx, ids)(); err != nil {
			return nil, err
		}
	}
	items, err := m.permittedByID(ctx, caller, op, ids)
	allowed := make(map[string]bool, len(items))
	for id := range items {
		allowed[id] = true
	}
	return allowed, err
}

// authorize tells whether the caller may do op to the item: nil, ErrForbidden, or
// ErrNotFound where the caller may not read it either.
func (m *model[T, P]) authorize(ctx context.Context, caller Caller, op operation, item *T) error {
	for _, need := range []struct {
		op      operation
		refusal error
	}{{onRead, ErrNotFound}, {op, ErrForbidden}} {
		permitted, err := m.permitted(ctx, caller, need.op, []*T{item})
		if err != nil {
			return err
		}
		if !permitted[item] {
			return need.refusal
		}
	}
	return nil
}

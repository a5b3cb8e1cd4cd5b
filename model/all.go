package model

import (
	"context"
	"fmt"
	"slices"
)

// OfAll is the index of all items of a type, by id, which is by age.
var OfAll = Joined{}

// isOfAll tells whether the index has all items of the type.
func (j *Joined) isOfAll() bool { return j != nil && len(j.Hash) == 0 }

// All is List of all that the caller may read, by id, which is by age. Whom the rules let read nothing
// but their own gets what ByOwner gives, and passes over nobody else's. A page of all others costs a
// Query for each of 8 parts of the index, at the same time.
//
// An error: the type's Definition has no OfAll.
func (m *Model[T]) All(ctx context.Context, caller Caller, page Page) (*Connection[T], error) {
	if m.readsOwnAlone(caller) && m.hasOrder(ByOwner, page.Order) {
		return m.ByOwner(ctx, caller, caller.ID, page)
	}
	if m.joinedOf(OfAll.Index()) == nil {
		return nil, fmt.Errorf("list all of %s: it has no index of all: write @model(list: true), and a rule by which others than its owner read a %s", m.table.Name(), m.typeName)
	}
	return m.List(ctx, caller, OfAll.Index(), nil, page)
}

// readsOwnAlone tells whether the rules let the caller read nothing but what it owns.
func (m *Model[T]) readsOwnAlone(caller Caller) bool {
	return !caller.isSystem && !slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && !slices.ContainsFunc(rule.Terms, func(term Term) bool { return term.isOwner })
	})
}

// hasOrder tells whether the lists of an index have an order; all have the empty one, their own.
func (m *Model[T]) hasOrder(index Index, name string) bool {
	return name == "" || m.ordered(index, name) != nil
}

// ordered returns the Joined that gives the lists of an index an order; nil: none does.
func (m *Model[T]) ordered(index Index, name string) *Joined {
	i := slices.IndexFunc(m.definition.Joined, func(j Joined) bool { return j.Name == name && slices.Equal(j.Hash, m.boundBy(index)) })
	if i < 0 {
		return nil
	}
	return &m.definition.Joined[i]
}

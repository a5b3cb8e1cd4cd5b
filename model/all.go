package model

import (
	"context"
	"slices"
)

// OfAll is the index of all items of a type, by id, which is by age.
var OfAll = Joined{}

// isOfAll tells whether the index has all items of the type.
func (j *Joined) isOfAll() bool { return j != nil && len(j.Hash) == 0 }

// All is [ModelOf.All].
func (m *core) All(ctx context.Context, caller Caller, page Page) (*ConnectionOf[anyItem], error) {
	if own, ok := m.ownList(caller); ok && m.hasOrder(own, page.Order) {
		return m.List(ctx, caller, own, caller.ID, page)
	}
	if terms, ok := m.readTerms(caller); ok {
		if order, ok := m.orderOfAll(terms, page.Order); ok {
			return m.merged(ctx, caller, terms, order, page)
		}
	}
	if m.joinedOf(OfAll.Index()) == nil && !m.admits(caller, OnRead) {
		page.Order = "" // of nothing there is any
		return m.List(ctx, caller, ByOwner, caller.ID, page)
	}
	return m.List(ctx, caller, OfAll.Index(), nil, page)
}

// hasOrder tells whether the lists of an index have an order; all have the empty one, their own.
func (m *core) hasOrder(index Index, name string) bool {
	return name == "" || m.ordered(index, name) != nil
}

// ordered returns the Joined that gives the lists of an index an order; nil: none does.
func (m *core) ordered(index Index, name string) *Joined {
	i := slices.IndexFunc(m.definition.Joined, func(j Joined) bool { return j.Name == name && slices.Equal(j.Hash, m.boundBy(index)) })
	if i < 0 {
		return nil
	}
	return &m.definition.Joined[i]
}

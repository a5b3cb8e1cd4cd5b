package model

import (
	"context"
	"slices"
)

// OfAll is the index of all items of a type, by id, which is by age.
var OfAll = Joined{}

// isOfAll tells whether the index has all items of the type.
func (j *Joined) isOfAll() bool { return j != nil && len(j.Hash) == 0 }

// All is List of all that the caller may read, by id, which is by age. Whom the rules let read nothing
// but their own, see OwnerBy, gets what ByOwner or ByParent gives, and passes over nobody else's. So does whom
// they let read what is their own, or of what they are a member of: a page is merged of those lists, for a Query
// of each, of the first MaxTogether that the caller has become a member of. A page of all others costs a
// Query for each of 8 parts of the index, at the same time.
//
// An error: the type's Definition has no OfAll, and the caller, such as System, may read more than that.
func (m *ModelOf[P]) All(ctx context.Context, caller Caller, page Page) (*ConnectionOf[P], error) {
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
func (m *ModelOf[P]) hasOrder(index Index, name string) bool {
	return name == "" || m.ordered(index, name) != nil
}

// ordered returns the Joined that gives the lists of an index an order; nil: none does.
func (m *ModelOf[P]) ordered(index Index, name string) *Joined {
	i := slices.IndexFunc(m.definition.Joined, func(j Joined) bool { return j.Name == name && slices.Equal(j.Hash, m.boundBy(index)) })
	if i < 0 {
		return nil
	}
	return &m.definition.Joined[i]
}

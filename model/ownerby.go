package model

import "slices"

// This file has owners by a field: whom an item names as a user that it belongs to owns it for a rule that says
// so, beside whoever has made it or instead.

// OwnerBy holds for the user whom an item names by a field, which is the Field of a [Parent] that is a user and
// never changes; on create, for who names themselves. It reads nothing.
func OwnerBy(field string) Term {
	return Term{admits: Caller.isSignedIn, namedBy: field}
}

// named returns those of the items that name the caller by a field.
func (m *core) named(caller Caller, field string, items []anyItem) []anyItem {
	parent := m.parent(field)
	return slices.DeleteFunc(items, func(item anyItem) bool { return parent.ID(item) != caller.ID })
}

// isOwners tells whether the term is of one user alone, whom the item itself has.
func (t Term) isOwners() bool { return t.isOwner || t.namedBy != "" }

// ownList returns the index by which the rules let the caller read nothing but its own: what it owns, or what
// names it by one field that it may read. It is not ok where they let it read more.
func (m *core) ownList(caller Caller) (own Index, ok bool) {
	if caller.isSystem {
		return ByOwner, false
	}
	if m.readsAloneBy(caller, func(t Term) bool { return t.isOwner }) {
		return ByOwner, true
	}
	for _, parent := range m.definition.Parents {
		isNamed := func(t Term) bool { return t.namedBy == parent.Field }
		if m.readsAloneBy(caller, isNamed) && m.unseenIn(caller, listedBy(parent.Field)) == "" {
			return listedBy(parent.Field), true
		}
	}
	return ByOwner, false
}

// readsAloneBy tells whether each rule by which the caller may read has such a term.
func (m *core) readsAloneBy(caller Caller, isSuch func(Term) bool) bool {
	return !slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && !slices.ContainsFunc(rule.Terms, isSuch)
	})
}

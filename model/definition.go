package model

import "context"

// A Definition is what the schema says of a type.
type Definition[T any] = DefinitionOf[*T]

// DefinitionOf is [Definition] by the pointer to its type.
type DefinitionOf[P any] struct {
	Required []string // attributes of non-null fields that have no @default
	// Enums has, by attribute, the values that the schema gives a field of an enum, or of a list
	// of them; by `address.kind`, those of a field of an object inside.
	Enums  map[string][]string
	Fields []Field // that are kept, for filters
	// Counters are the numbers that an update may increment, by field: each is a pointer to an int, a
	// float64 or a Decimal or, where it may be null, to such a pointer.
	Counters map[string]func(P) any
	Defaults func(P) // sets what @default says; nil: nothing
	// Validate returns what is wrong by each @validate, nil where it holds; nil: there is none.
	Validate func(P) []*Error
	// Formerly is the name that the type had before, which stays in its global ids, and in what is kept
	// of its unique values; empty: none.
	Formerly string
	Renames  []Rename
	Uniques  []UniqueOf[P]
	Indexes  []Index // beside ByOwner, and those of Parents
	Joined   []Joined
	Parents  []ParentOf[P]
	// OnOwnerDelete is what becomes of an item when the account of its owner is deleted.
	OnOwnerDelete OnOwnerDelete
	// Successor returns the id, which is not global, of the user who is to own an item whose owner's account is
	// gone; empty: nobody. It is called with GoesToSuccessor, again where something came between.
	Successor  func(ctx context.Context, item P) (userID string, err error)
	Ancestors  []AncestorOf[P]
	Membership *MembershipOf[P] // nil: its items make nobody a member of anything
	Invitation *InvitationOf[P] // nil: its items invite nobody
	Links      []Link           // that filters have conditions on
	Rules      []Rule
	// FieldRules are those of fields that have some of their own, by their names in the schema.
	FieldRules map[string][]Rule
	Hooks      HooksOf[P]
	Bulk       Bulk // zero: nothing is written several at once
}

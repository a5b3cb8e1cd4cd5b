package model

import "context"

// What a project says of its own types, and what it is given of them, is here made into what a core knows, and back.

// isNone tells whether there is no item.
func isNone[P any](item P) bool { return any(item) == any(*new(P)) }

// untyped returns an item as a core knows it: nil for nil.
func untyped[P any](item P) anyItem {
	if isNone(item) {
		return nil
	}
	return any(item).(anyItem)
}

// typed returns an item of a core's as a project knows it: nil for nil.
func typed[P any](item anyItem) (typed P) {
	if item != nil {
		typed = any(item).(P)
	}
	return typed
}

func typedItem[P any](item anyItem, err error) (P, error) { return typed[P](item), err }

func typedItems[P any](items []anyItem, err error) ([]P, error) { return mapped(items, typed[P]), err }

func typedEdge[P any](edge *EdgeOf[anyItem]) *EdgeOf[P] {
	return &EdgeOf[P]{edge.Cursor, typed[P](edge.Node)}
}

func typedConnection[P any](c *ConnectionOf[anyItem], err error) (*ConnectionOf[P], error) {
	if c == nil {
		return nil, err
	}
	edges := make([]EdgeOf[P], len(c.Edges))
	typedEdges := make([]*EdgeOf[P], len(c.Edges))
	for i, edge := range c.Edges {
		edges[i] = EdgeOf[P]{edge.Cursor, typed[P](edge.Node)}
		typedEdges[i] = &edges[i]
	}
	return &ConnectionOf[P]{typedEdges, c.PageInfo, c.count}, err
}

// mapped returns what each value becomes; nil for nil.
func mapped[A, B any](values []A, becomes func(A) B) []B {
	if values == nil {
		return nil
	}
	all := make([]B, len(values))
	for i, value := range values {
		all[i] = becomes(value)
	}
	return all
}

// untypedOf returns a function of an item as a core calls it; nil for nil.
func untypedOf[P, R any](function func(P) R) func(anyItem) R {
	if function == nil {
		return nil
	}
	return func(item anyItem) R { return function(typed[P](item)) }
}

func untypedSet[P any](set func(P)) func(anyItem) {
	if set == nil {
		return nil
	}
	return func(item anyItem) { set(typed[P](item)) }
}

func untypedDefinition[P any](d DefinitionOf[P]) DefinitionOf[anyItem] {
	u := DefinitionOf[anyItem]{
		Required: d.Required, Enums: d.Enums, Fields: d.Fields, Defaults: untypedSet(d.Defaults), Validate: untypedOf(d.Validate),
		Formerly: d.Formerly, Renames: d.Renames, Uniques: mapped(d.Uniques, untypedUnique[P]), Indexes: d.Indexes,
		Joined: d.Joined, Parents: mapped(d.Parents, untypedParent[P]), OnOwnerDelete: d.OnOwnerDelete,
		Ancestors: mapped(d.Ancestors, untypedAncestor[P]), Links: d.Links, Rules: d.Rules, FieldRules: d.FieldRules,
		Hooks: untypedHooks(d.Hooks), Bulk: d.Bulk,
	}
	if d.Counters != nil {
		u.Counters = make(map[string]func(anyItem) any, len(d.Counters))
		for field, counter := range d.Counters {
			u.Counters[field] = untypedOf(counter)
		}
	}
	if d.Successor != nil {
		u.Successor = func(ctx context.Context, item anyItem) (string, error) { return d.Successor(ctx, typed[P](item)) }
	}
	if by := d.Membership; by != nil {
		u.Membership = &MembershipOf[anyItem]{Of: by.Of, Field: by.Field, User: by.User, Role: untypedOf(by.Role), Roles: by.Roles,
			Set: func(item anyItem, object, user, role string) { by.Set(typed[P](item), object, user, role) }}
	}
	if by := d.Invitation; by != nil {
		u.Invitation = &InvitationOf[anyItem]{To: by.To, Field: by.Field, Email: untypedOf(by.Email), Role: untypedOf(by.Role)}
	}
	return u
}

func untypedUnique[P any](u UniqueOf[P]) UniqueOf[anyItem] {
	return UniqueOf[anyItem]{Field: u.Field, Together: u.Together, Formerly: u.Formerly, Value: untypedOf(u.Value), now: u.now}
}

func untypedParent[P any](p ParentOf[P]) ParentOf[anyItem] {
	return ParentOf[anyItem]{Of: p.Of, Field: p.Field, ID: untypedOf(p.ID), OnDelete: p.OnDelete, Movable: p.Movable}
}

func untypedAncestor[P any](a AncestorOf[P]) AncestorOf[anyItem] {
	return AncestorOf[anyItem]{Field: a.Field, ID: untypedOf(a.ID), Of: a.Of, Parent: a.Parent, From: a.From}
}

func untypedCreation[P any](c CreationOf[P]) CreationOf[anyItem] {
	return CreationOf[anyItem]{Set: untypedSet(c.Set), Given: c.Given, ClientMutationID: c.ClientMutationID}
}

func untypedChange[P any](c ChangeOf[P]) ChangeOf[anyItem] {
	return ChangeOf[anyItem]{ID: c.ID, ExpectedVersion: c.ExpectedVersion, Set: untypedSet(c.Set), Increment: c.Increment,
		IsSet: c.IsSet, Given: c.Given, ClientMutationID: c.ClientMutationID, op: c.op}
}

func untypedHooks[P any](h HooksOf[P]) HooksOf[anyItem] {
	hook := func(hook func(context.Context, Caller, P) error) func(context.Context, Caller, anyItem) error {
		if hook == nil {
			return nil
		}
		return func(ctx context.Context, caller Caller, item anyItem) error { return hook(ctx, caller, typed[P](item)) }
	}
	updateHook := func(hook func(_ context.Context, _ Caller, before, after P) error) func(_ context.Context, _ Caller, before, after anyItem) error {
		if hook == nil {
			return nil
		}
		return func(ctx context.Context, caller Caller, before, after anyItem) error {
			return hook(ctx, caller, typed[P](before), typed[P](after))
		}
	}
	return HooksOf[anyItem]{
		BeforeCreate: hook(h.BeforeCreate), AfterCreate: hook(h.AfterCreate),
		BeforeUpdate: updateHook(h.BeforeUpdate), AfterUpdate: updateHook(h.AfterUpdate),
		BeforeDelete: hook(h.BeforeDelete), AfterDelete: hook(h.AfterDelete),
	}
}

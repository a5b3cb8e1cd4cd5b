package model

import (
	"context"
	"errors"
)

// A Refusal is that the rules of a type, or a hook, did not let a caller do something to an
// object. Where the caller may not know of the object, it was told that there is none.
type Refusal struct {
	Caller    Caller
	Operation Operation // one
	Type      string
	ID        string // global; empty: the object was to be created
	IsHidden  bool   // the caller may not read the object either
	IsScope   bool   // the caller comes by a service token that has no scope of it, whatever the rules say
}

// OnRefusal has tell called at each refusal; it must not wait for anything. What lists leave out
// is none, since nobody asked for it by its id.
func (db *DB) OnRefusal(tell func(context.Context, Refusal)) { db.tellRefusal = tell }

// refused tells of err, where that refuses the caller to do op to the item, and returns it.
func (m *core) refused(ctx context.Context, caller Caller, op Operation, item anyItem, err error) error {
	if err == nil {
		return nil
	}
	isHidden := err == ErrNotFound
	if !isHidden && !errors.Is(err, ErrForbidden) {
		return err
	}
	refusal := Refusal{Caller: caller, Operation: op, Type: m.typeName, IsHidden: isHidden}
	if item != nil && op != OnCreate {
		refusal.ID = item.GlobalID()
	}
	m.db.tellRefusal(ctx, refusal)
	return err
}

// inScope tells whether the scopes of a token let the caller do op to the item with this id, which is empty
// for a new one: nil, or ErrForbidden, whether there is one or not. To change one it must read it, too, since
// that is what the caller is answered.
func (m *core) inScope(ctx context.Context, caller Caller, op Operation, id string) error {
	for _, need := range []Operation{op, OnRead} {
		if caller.scopes.have(need, m.typeName, m.name()) || op == OnCreate && need != op {
			continue
		}
		refusal := Refusal{Caller: caller, Operation: op, Type: m.typeName, IsScope: true}
		if id != "" {
			refusal.ID = GlobalID(m.name(), id)
		}
		m.db.tellRefusal(ctx, refusal)
		return outOfScope(need, m.typeName)
	}
	return nil
}

// refusedNode tells that the caller may not read the item with this id, if the operation has come
// upon one.
func (m *core) refusedNode(ctx context.Context, caller Caller, id string) {
	known := m.memoryIn(ctx)
	if known == nil {
		return
	}
	if item := known.recall(map[string]bool{id: true})[id]; item != nil && item.base().deleting == "" {
		m.refused(ctx, caller, OnRead, item, ErrNotFound)
	}
}

// String returns the operations as @auth names them.
func (op Operation) String() string {
	text := ""
	for _, one := range []struct {
		op   Operation
		name string
	}{{OnCreate, "create"}, {OnRead, "read"}, {OnUpdate, "update"}, {OnDelete, "delete"}, {OnTransfer, "transfer"}} {
		if op&one.op == 0 {
			continue
		}
		if text != "" {
			text += ","
		}
		text += one.name
	}
	return text
}

package model

import "context"

// Hooks are the project's own functions around the writes of a type; each may be nil.
//
// A Before runs once the rules allow the write and before anything is written. It may change
// the object that is to be written, and an error of it ends the write; make one by [BadInput],
// or return [ErrForbidden] or another [Error] for the client to be told. Where others write the
// same object at once, it runs again for each try. An After runs once the write is done, which
// its error does not undo.
//
// They run for the writes that callers ask for, and not for what goes with something else: what
// CASCADE deletes, and what a user owned who is deleted. By a service token, the caller that they get is the
// user, without the token's scopes: what they do is part of what the token has the scope of.
type Hooks[T any] = HooksOf[*T]

// HooksOf is [Hooks] by the pointer to its type.
type HooksOf[P any] struct {
	BeforeCreate, AfterCreate func(ctx context.Context, caller Caller, item P) error
	BeforeUpdate, AfterUpdate func(ctx context.Context, caller Caller, before, after P) error
	BeforeDelete, AfterDelete func(ctx context.Context, caller Caller, item P) error
}

// runHook runs the hook of an item, if there is one.
func runHook(ctx context.Context, caller Caller, hook func(context.Context, Caller, anyItem) error, item anyItem) error {
	if hook == nil {
		return nil
	}
	return hook(ctx, caller.unscoped(), item)
}

// runUpdateHook runs the hook of an update, if there is one.
func runUpdateHook(ctx context.Context, caller Caller, hook func(_ context.Context, _ Caller, before, after anyItem) error, before, after anyItem) error {
	if hook == nil {
		return nil
	}
	return hook(ctx, caller.unscoped(), before, after)
}

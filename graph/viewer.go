package graph

import (
	"context"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// updateViewer changes the signed-in user.
func (r *Resolver) updateViewer(ctx context.Context, input UpdateViewerInput) (*store.User, error) {
	caller, err := auth.RequireCaller(ctx)
	if err != nil {
		return nil, err
	}
	change, err := input.update()
	if err != nil {
		return nil, err
	}
	return r.Store.UpdateUser(ctx, caller, caller.ID, change)
}

// update returns the change that the input asks for. An *store.InputError: a name is
// not one.
func (input UpdateViewerInput) update() (store.UserUpdate, error) {
	change := store.UserUpdate{ExpectedVersion: input.ExpectedVersion}
	if input.FirstName != nil {
		name, err := auth.CheckName("firstName", *input.FirstName, 1)
		if err != nil {
			return store.UserUpdate{}, err
		}
		change.FirstName = &name
	}
	if input.LastName != nil {
		name, err := auth.CheckName("lastName", *input.LastName, 0)
		if err != nil {
			return store.UserUpdate{}, err
		}
		change.LastName = &name
	}
	return change, nil
}

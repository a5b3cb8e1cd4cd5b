package graph

import (
	"context"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// updateViewer changes the signed-in user.
func (r *Resolver) updateViewer(ctx context.Context, input UpdateViewerInput) (*store.User, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	change, err := input.update()
	if err != nil {
		return nil, err
	}
	user, err := r.Store.UpdateUser(ctx, identity.User.Caller(), identity.User.ID, change)
	if err != nil {
		return nil, err
	}
	identity.User = user // for what the same request does next
	return user, nil
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

// changePassword changes the password of the signed-in user.
func (r *Resolver) changePassword(ctx context.Context, input ChangePasswordInput) (*ChangePasswordPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Accounts.ChangePassword(ctx, identity, input.CurrentPassword, input.NewPassword); err != nil {
		return nil, err
	}
	return &ChangePasswordPayload{User: identity.User, ClientMutationID: input.ClientMutationID}, nil
}

// changeEmail changes the address of the signed-in user.
func (r *Resolver) changeEmail(ctx context.Context, input ChangeEmailInput) (*ChangeEmailPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	user, err := r.Accounts.ChangeEmail(ctx, identity, input.Password, input.Email)
	if err != nil {
		return nil, err
	}
	return &ChangeEmailPayload{User: user, ClientMutationID: input.ClientMutationID}, nil
}

// deleteViewer deletes the signed-in user.
func (r *Resolver) deleteViewer(ctx context.Context, input DeleteViewerInput) (*DeleteViewerPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Accounts.Delete(ctx, identity, input.Password); err != nil {
		return nil, err
	}
	return &DeleteViewerPayload{DeletedUserID: identity.User.GlobalID(), ClientMutationID: input.ClientMutationID}, nil
}

// sendVerificationEmail mails the signed-in user a link that verifies the email.
func (r *Resolver) sendVerificationEmail(ctx context.Context, input SendVerificationEmailInput) (*SendVerificationEmailPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Accounts.SendVerificationEmail(ctx, identity); err != nil {
		return nil, err
	}
	return &SendVerificationEmailPayload{User: identity.User, ClientMutationID: input.ClientMutationID}, nil
}

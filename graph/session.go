package graph

import (
	"context"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// sessions lists where the user is signed in.
func (r *Resolver) sessions(ctx context.Context, user *store.User, first *int, after *string) (*store.SessionConnection, error) {
	return r.Store.Sessions(ctx, auth.CallerFromContext(ctx), user, store.Page{First: first, After: after})
}

// isCurrent tells whether the request comes by the session.
func isCurrent(ctx context.Context, session *store.Session) bool {
	identity := auth.FromContext(ctx)
	return identity != nil && identity.Session.ID == session.ID
}

// revokeSession ends a session of the signed-in user.
func (r *Resolver) revokeSession(ctx context.Context, input RevokeSessionInput) (*RevokeSessionPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Store.RevokeSession(ctx, identity.User, input.SessionID); err != nil {
		return nil, err
	}
	return &RevokeSessionPayload{RevokedSessionID: input.SessionID, ClientMutationID: input.ClientMutationID}, nil
}

// revokeOtherSessions ends every session of the signed-in user but this one.
func (r *Resolver) revokeOtherSessions(ctx context.Context, input RevokeOtherSessionsInput) (*RevokeOtherSessionsPayload, error) {
	identity, err := auth.RequireIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Store.EndOtherSessions(ctx, identity.User, identity.Session); err != nil {
		return nil, err
	}
	return &RevokeOtherSessionsPayload{User: identity.User, ClientMutationID: input.ClientMutationID}, nil
}

package auth

import (
	"context"

	"github.com/ownql/ownql/store"
)

// Identity is who is asking: the signed-in user and the session it came by.
type Identity struct {
	User    *store.User
	Session *store.Session

	cookie *presentedCookie // that it came by, or nil
	isGone bool             // the request has deleted the user
}

type identityKey struct{}

// NewContext returns a context that carries who is asking.
func NewContext(ctx context.Context, identity *Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, identity)
}

// FromContext returns who is asking, or nil for an anonymous request.
func FromContext(ctx context.Context) *Identity {
	identity, _ := ctx.Value(identityKey{}).(*Identity)
	if identity == nil || identity.isGone {
		return nil
	}
	return identity
}

// CallerFromContext returns who is asking as the store wants to know it; the zero
// Caller for an anonymous request.
func CallerFromContext(ctx context.Context) store.Caller {
	if identity := FromContext(ctx); identity != nil {
		return identity.User.Caller()
	}
	return store.Caller{}
}

type seenKey struct{}

// Seen is what a request turns out to come from, for those who wait around its handlers.
type Seen struct {
	UserID string // empty where nobody is signed in
}

// WithSeen returns a context whose request fills in what it returns.
func WithSeen(ctx context.Context) (context.Context, *Seen) {
	seen := new(Seen)
	return context.WithValue(ctx, seenKey{}, seen), seen
}

// see fills in the user of the request.
func see(ctx context.Context, userID string) {
	if seen, ok := ctx.Value(seenKey{}).(*Seen); ok {
		seen.UserID = userID
	}
}

// RequireIdentity is FromContext for what an anonymous request may not do:
// ErrUnauthenticated.
func RequireIdentity(ctx context.Context) (*Identity, error) {
	identity := FromContext(ctx)
	if identity == nil {
		return nil, ErrUnauthenticated
	}
	return identity, nil
}

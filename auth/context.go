package auth

import (
	"context"
	"errors"
	"net/netip"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// Identity is who is asking: the signed-in user and the session it came by.
type Identity struct {
	User    *account.User
	Session *account.Session
	Client  netip.Addr // where the request comes from, see web.TrustedProxies; the zero Addr where that is not known

	cookie *presentedCookie // that it came by, or nil
}

// event returns an event for the record as one of who is asking.
func (i *Identity) event(e audit.Event) audit.Event {
	e.UserID, e.SessionID = i.User.ID, i.Session.ID
	return e
}

type identityKey struct{}

// NewContext returns a context that carries who is asking; nil: nobody does.
func NewContext(ctx context.Context, identity *Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, identity)
}

// FromContext returns who is asking, or nil for an anonymous request.
func FromContext(ctx context.Context) *Identity {
	identity, _ := ctx.Value(identityKey{}).(*Identity)
	return identity
}

// CallerFromContext returns who is asking as the store wants to know it; the zero
// Caller for an anonymous request.
func CallerFromContext(ctx context.Context) model.Caller {
	if identity := FromContext(ctx); identity != nil {
		return identity.User.Caller()
	}
	return model.Caller{}
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

// Renew returns a context in which who is asking is read anew, as of now: an earlier mutation of
// the request may have changed the user, or ended the session.
func (a *Accounts) Renew(ctx context.Context) (context.Context, error) {
	identity := FromContext(ctx)
	if identity == nil {
		return ctx, nil
	}
	user, session, err := a.store.Session(ctx, identity.User.ID, identity.Session.ID)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return NewContext(ctx, nil), nil
	case err != nil:
		return ctx, err
	}
	renewed := *identity
	renewed.User, renewed.Session = user, session
	return NewContext(ctx, &renewed), nil
}

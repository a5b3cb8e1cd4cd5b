package auth

import (
	"context"
	"errors"
	"net/netip"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// Identity is who is asking: the user, and what it came by, which is a session or a service token.
type Identity struct {
	User    *account.User
	Session *account.Session // nil: it came by Token
	Token   *account.Token   // nil: it came by Session
	Client  netip.Addr       // where the request comes from, see web.TrustedProxies; the zero Addr where that is not known

	cookie *presentedCookie // that it came by, or nil
}

// event returns an event for the record as one of who is asking.
func (i *Identity) event(e audit.Event) audit.Event {
	e.UserID = i.User.ID
	if i.Session != nil {
		e.SessionID = i.Session.ID
	}
	if i.Token != nil {
		e.TokenID = i.Token.ID
	}
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

// CallerFromContext returns who is asking as the store wants to know it, by a service token within its
// scopes; the zero Caller for an anonymous request.
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
	renewed, err := a.renewed(ctx, *identity)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return NewContext(ctx, nil), nil
	case err != nil:
		return ctx, err
	}
	return NewContext(ctx, &renewed), nil
}

// renewed returns who is asking as it is now. model.ErrNotFound: the session or the token has ended.
func (a *Accounts) renewed(ctx context.Context, is Identity) (Identity, error) {
	var err error
	if is.Token != nil {
		is.User, is.Token, err = a.store.Token(ctx, is.User.ID, is.Token.ID)
	} else {
		is.User, is.Session, err = a.store.Session(ctx, is.User.ID, is.Session.ID)
	}
	return is, err
}

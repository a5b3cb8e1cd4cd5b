package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// Authenticator finds out who sends a request.
type Authenticator struct {
	store    *account.Store
	verifier *Verifier
	cookies  *Cookies
	proxies  web.TrustedProxies
	tokens   *serviceTokens
	admit    func(context.Context, *account.User) error // refuses who is signed in, but may do nothing; nil: nobody
}

// NewAuthenticator returns an Authenticator of the sessions that s keeps. Service tokens are none to it: see
// New.
func NewAuthenticator(s *account.Store, verifier *Verifier, cookies *Cookies, proxies web.TrustedProxies) *Authenticator {
	return &Authenticator{store: s, verifier: verifier, cookies: cookies, proxies: proxies}
}

// Middleware puts who is asking into the request's context, for one strongly
// consistent DynamoDB round trip, which a service token costs likewise. A request without an Authorization header and
// without a cookie that is good passes as an anonymous one; with a header that is not
// good, refuse answers it, with an error that wraps ErrInvalidToken or ErrCrossOrigin, or is
// ErrUnverified, or has the code RATE_LIMITED, or tells why the store did not say.
func (a *Authenticator) Middleware(next http.Handler, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, err := a.Authenticate(r)
		if identity != nil && a.admit != nil {
			err = a.admit(r.Context(), identity.User)
		}
		switch {
		case err != nil:
			refuse(w, r, err)
		case identity != nil:
			web.NoteUser(w, identity.User.ID)
			a.cookies.prolong(w, r, a.store, identity)
			next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), identity)))
		default:
			if a.cookies.value(r) != "" {
				a.cookies.clear(w, r) // it is of a session that has ended
			}
			next.ServeHTTP(w, r)
		}
	})
}

// Authenticate returns who sends the request, nil where it does not say. A token or a
// cookie counts only while its session is there, of the user's present epoch; a service token, while it
// is there. An Authorization header wins over a cookie.
func (a *Authenticator) Authenticate(r *http.Request) (*Identity, error) {
	identity, err := a.authenticate(r)
	if identity != nil {
		identity.Client = a.proxies.ClientAddress(r)
	}
	return identity, err
}

func (a *Authenticator) authenticate(r *http.Request) (*Identity, error) {
	headers := r.Header.Values("Authorization")
	switch len(headers) {
	case 0:
		return a.byCookie(r)
	case 1:
		return a.byToken(r, headers[0])
	default:
		return nil, fmt.Errorf("%w: %d Authorization headers", ErrInvalidToken, len(headers))
	}
}

func (a *Authenticator) byToken(r *http.Request, header string) (*Identity, error) {
	token, ok := parseAuthorization(header)
	if !ok {
		return nil, fmt.Errorf("%w: the Authorization header is not `Bearer` or `JWT` and a token", ErrInvalidToken)
	}
	if isServiceToken(token) {
		return a.byServiceToken(r, header, token)
	}
	claims, err := a.verifier.Verify(token)
	if err != nil {
		return nil, err
	}
	user, session, err := a.store.Session(r.Context(), claims.UserID, claims.SessionID)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return nil, fmt.Errorf("%w: the session has ended", ErrInvalidToken)
	case err != nil:
		return nil, err
	}
	return &Identity{User: user, Session: session}, nil
}

func (a *Authenticator) byServiceToken(r *http.Request, header, token string) (*Identity, error) {
	if scheme, _, _ := strings.Cut(header, " "); a.tokens == nil || !strings.EqualFold(scheme, "Bearer") {
		return nil, fmt.Errorf("%w: a service token comes by `Authorization: Bearer`", ErrInvalidToken)
	}
	return a.tokens.authenticate(r, token)
}

func (a *Authenticator) byCookie(r *http.Request) (*Identity, error) {
	value := a.cookies.value(r)
	if value == "" {
		return nil, nil
	}
	identity, err := a.cookies.authenticate(r.Context(), a.store, value, r)
	if errors.Is(err, model.ErrNotFound) {
		return nil, nil
	}
	return identity, err
}

// parseAuthorization takes the token out of an Authorization header: `Bearer`
// (RFC 6750, section 2.1) or the older `JWT`, in any letter case (RFC 9110, section 11.1).
func parseAuthorization(header string) (token string, ok bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	if !ok || token == "" {
		return "", false
	}
	return token, strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "JWT")
}

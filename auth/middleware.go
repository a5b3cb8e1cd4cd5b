package auth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ownql/ownql/store"
)

// Authenticator finds out who sends a request.
type Authenticator struct {
	store    *store.Store
	verifier *Verifier
}

// NewAuthenticator returns an Authenticator of the sessions that s keeps.
func NewAuthenticator(s *store.Store, verifier *Verifier) *Authenticator {
	return &Authenticator{s, verifier}
}

// Middleware puts who is asking into the request's context, for one strongly
// consistent DynamoDB round trip. A request without an Authorization header passes
// as an anonymous one; with a header that is not good, refuse answers it, with an
// error that wraps ErrInvalidToken or tells why the store did not say.
func (a *Authenticator) Middleware(next http.Handler, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, err := a.Authenticate(r)
		switch {
		case err != nil:
			refuse(w, r, err)
		case identity == nil:
			next.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r.WithContext(NewContext(r.Context(), identity)))
		}
	})
}

// Authenticate returns who sends the request, nil where it does not say. A token
// counts only while its session is there, of the user's present epoch.
func (a *Authenticator) Authenticate(r *http.Request) (*Identity, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, nil
	}
	if len(headers) > 1 {
		return nil, fmt.Errorf("%w: %d Authorization headers", ErrInvalidToken, len(headers))
	}
	token, ok := parseAuthorization(headers[0])
	if !ok {
		return nil, fmt.Errorf("%w: the Authorization header is not `Bearer` or `JWT` and a token", ErrInvalidToken)
	}
	claims, err := a.verifier.Verify(token)
	if err != nil {
		return nil, err
	}
	user, session, err := a.store.Session(r.Context(), claims.UserID, claims.SessionID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, fmt.Errorf("%w: the session has ended", ErrInvalidToken)
	case err != nil:
		return nil, err
	}
	return &Identity{user, session}, nil
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

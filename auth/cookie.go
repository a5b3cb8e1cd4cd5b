package auth

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// The session cookie's name: with the prefix that makes browsers want Secure, Path=/ and
// no Domain, so that no other host can set it, or plain on this machine without TLS.
// https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2
const (
	cookieName      = "__Host-ownql"
	localCookieName = "ownql"
)

// prolongAfter is how long a cookie's session goes on before its life begins anew.
const prolongAfter = 24 * time.Hour

// Cookies prove sessions of browsers that handle no tokens. A cookie is a credential
// that stays the same as long as its session lasts.
type Cookies struct {
	credentials *Credentials
	protection  *http.CrossOriginProtection
	isTLS       bool // the server is known by https, whatever a request looks like behind a proxy
}

// NewCookies returns the cookies of credentials. origin, such as
// `https://api.example.com`, is the server's own where a proxy hides it; it may be empty.
func NewCookies(credentials *Credentials, origin string) *Cookies {
	protection := http.NewCrossOriginProtection()
	if origin != "" {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic(err) // it is no origin
		}
	}
	return &Cookies{credentials, protection, strings.HasPrefix(origin, "https:")}
}

// check refuses what a page of another origin has sent. ErrCrossOrigin.
func (c *Cookies) check(r *http.Request) error {
	if c.protection.Check(r) != nil {
		return ErrCrossOrigin
	}
	return nil
}

// isPlain tells whether the cookie goes by its plain name.
func (c *Cookies) isPlain(r *http.Request) bool { return !c.isTLS && r.TLS == nil && web.IsLocal(r) }

// value returns the cookie of the request; empty: it has none.
func (c *Cookies) value(r *http.Request) string {
	name := cookieName
	if c.isPlain(r) {
		name = localCookieName
	}
	cookie, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// set gives the browser the cookie of a session.
func (c *Cookies) set(w http.ResponseWriter, r *http.Request, session *account.Session, s secret) error {
	value, err := c.credentials.of(session, s)
	if err != nil {
		return err
	}
	http.SetCookie(w, c.cookie(r, value, SessionLife))
	return nil
}

// clear takes the cookie from the browser.
func (c *Cookies) clear(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, c.cookie(r, "", -time.Second))
}

func (c *Cookies) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	cookie := &http.Cookie{
		Name: cookieName, Value: value,
		Path: "/", MaxAge: int(life.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if c.isPlain(r) {
		cookie.Name, cookie.Secure = localCookieName, false
	}
	return cookie
}

// authenticate returns whose session the cookie is. ErrNotFound: it is none, or the
// session has ended. ErrCrossOrigin: see check.
func (c *Cookies) authenticate(ctx context.Context, s *account.Store, value string, r *http.Request) (*Identity, error) {
	presented, key, err := c.credentials.parse(value)
	if err != nil {
		return nil, model.ErrNotFound
	}
	if err := c.check(r); err != nil {
		return nil, err
	}
	user, session, err := s.Session(ctx, presented.userID.String(), presented.sessionID.String())
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(session.Secret, presented.secret.hash()) {
		return nil, model.ErrNotFound
	}
	return &Identity{User: user, Session: session, cookie: &presentedCookie{presented.secret, c.credentials.isLatest(key)}}, nil
}

// presentedCookie is the cookie that a request came by.
type presentedCookie struct {
	secret   secret
	isLatest bool // made by the key that makes new ones
}

// prolong lets the session of a cookie, used after a day, live on from now, and replaces a
// cookie of a key that may be taken out. Where the store does not take it, the next request
// will.
func (c *Cookies) prolong(w http.ResponseWriter, r *http.Request, s *account.Store, identity *Identity) {
	if identity.cookie == nil {
		return
	}
	isDue := time.Since(identity.Session.LastUsedAt.Time()) >= prolongAfter
	if !isDue && identity.cookie.isLatest {
		return
	}
	if isDue {
		if err := s.ProlongSession(r.Context(), identity.Session, SessionLife); err != nil {
			slog.WarnContext(r.Context(), "a session was not prolonged", "err", err)
			return
		}
	}
	if err := c.set(w, r, identity.Session, identity.cookie.secret); err != nil {
		slog.WarnContext(r.Context(), "a cookie was not prolonged", "err", err)
	}
}

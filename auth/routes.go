package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

const (
	maxBody      = 64 << 10 // bytes of a request
	maxUserAgent = 256      // bytes of a User-Agent header that a session keeps
)

// tokenAnswer is the body that opens a session, of the form of RFC 6749, section 5.1.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
}

// cookieAnswer is the body where a cookie opens a session.
type cookieAnswer struct {
	ExpiresIn int `json:"expires_in"` // seconds, from the last use
}

// Routes are the REST side of accounts.
type Routes struct {
	store         *account.Store
	accounts      *Accounts
	issuer        *Issuer
	refreshTokens *Credentials
	cookies       *Cookies
	authenticator *Authenticator
	signupClosed  bool
}

// NewRoutes returns the routes to accounts. Where sign-up is closed, the operator makes
// them.
func NewRoutes(accounts *Accounts, issuer *Issuer, refreshTokens *Credentials, authenticator *Authenticator, signupClosed bool) *Routes {
	return &Routes{
		store:    accounts.store,
		accounts: accounts, issuer: issuer,
		refreshTokens: refreshTokens, cookies: authenticator.cookies,
		authenticator: authenticator,
		signupClosed:  signupClosed,
	}
}

// Signup answers POST /signup {email, password, firstName, lastName, cookie}: 201, or 202
// where the email has to be verified before a session opens.
func (routes *Routes) Signup(w http.ResponseWriter, r *http.Request) error {
	var input struct {
		SignupInput
		Cookie bool `json:"cookie"`
	}
	if err := web.ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if routes.signupClosed {
		return ErrSignupClosed
	}
	if err := routes.checkCookie(r, input.Cookie); err != nil {
		return err
	}
	session, secret := newSession(r)
	input.Client = routes.authenticator.proxies.ClientAddress(r)
	err := routes.accounts.SignUp(r.Context(), input.SignupInput, session)
	if errors.Is(err, ErrUnverified) {
		return answerAccepted(w, "the account is made: follow the link in the mail that was sent to its email, then sign in")
	}
	if err != nil {
		return err
	}
	return routes.answer(w, r, http.StatusCreated, session, secret, input.Cookie)
}

// Login answers POST /login {email, password, cookie}: 200.
func (routes *Routes) Login(w http.ResponseWriter, r *http.Request) error {
	var credentials struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		Cookie   bool   `json:"cookie"`
	}
	if err := web.ReadJSON(w, r, maxBody, &credentials); err != nil {
		return err
	}
	if err := checkPassword("password", credentials.Password); err != nil {
		return err
	}
	email, err := account.CanonicalEmail(credentials.Email)
	if err != nil {
		return err
	}
	if err := routes.checkCookie(r, credentials.Cookie); err != nil {
		return err
	}
	session, secret := newSession(r)
	key := routes.attemptKey(r, email)
	client := routes.authenticator.proxies.ClientAddress(r)
	if err := routes.accounts.LogIn(r.Context(), email, credentials.Password, key, client, session); err != nil {
		return err
	}
	return routes.answer(w, r, http.StatusOK, session, secret, credentials.Cookie)
}

// checkCookie refuses to give a page of another origin a cookie, which would sign the
// browser in as somebody else. ErrCrossOrigin.
func (routes *Routes) checkCookie(r *http.Request, isWanted bool) error {
	if !isWanted {
		return nil
	}
	return routes.cookies.check(r)
}

// attemptKey returns what to count a sign-in's attempts on: see [account.NewAttemptKey].
func (routes *Routes) attemptKey(r *http.Request, email string) account.AttemptKey {
	identity, err := routes.authenticator.Authenticate(r)
	if err != nil || identity == nil || identity.Session == nil || identity.User.Email != email {
		return account.NewAttemptKey(email, "")
	}
	return account.NewAttemptKey(email, identity.Session.ID)
}

// Logout answers POST /logout: it ends the session that the request comes by, 204. ErrByToken: it comes by a
// service token, which is revoked by the user alone.
func (routes *Routes) Logout(w http.ResponseWriter, r *http.Request) error {
	identity, err := routes.authenticator.Authenticate(r)
	if err != nil {
		return err
	}
	if identity == nil {
		if routes.cookies.value(r) != "" {
			routes.cookies.clear(w, r)
		}
		return ErrUnauthenticated
	}
	if err := routes.accounts.requireSession(r.Context(), identity, "logout"); err != nil {
		return err
	}
	if err := routes.store.DeleteSession(r.Context(), identity.User.ID, identity.Session.ID); err != nil {
		return err
	}
	routes.accounts.record.Write(r.Context(), identity.event(audit.Event{Name: audit.SessionEnded, Reason: "signed out"}))
	if identity.cookie != nil {
		routes.cookies.clear(w, r)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// newSession returns a session for the client that sends the request, and its secret.
func newSession(r *http.Request) (*account.Session, secret) {
	userAgent := r.UserAgent()
	if len(userAgent) > maxUserAgent {
		userAgent = userAgent[:maxUserAgent]
	}
	session, secret := account.NewSession(SessionLife, strings.ToValidUTF8(userAgent, "")), newSecret()
	session.Secret = secret.hash()
	return session, secret
}

// answer gives the client what proves its session: a cookie, or tokens.
func (routes *Routes) answer(w http.ResponseWriter, r *http.Request, status int, session *account.Session, s secret, cookie bool) error {
	web.NoteUser(w, session.UserID)
	if !cookie {
		access, err := routes.issue(r.Context(), session)
		if err != nil { // a session that nobody has a token of is of no use
			return errors.Join(err, routes.store.DeleteSession(r.Context(), session.UserID, session.ID))
		}
		return routes.answerTokens(w, status, session, s, access)
	}
	if err := routes.cookies.set(w, r, session, s); err != nil {
		return err
	}
	routes.endReplaced(r, session)
	return web.WriteJSON(w, status, cookieAnswer{int(SessionLife.Seconds())})
}

// endReplaced ends the session whose cookie the request came by, which the browser is now given
// another in the place of. Where the store does not take it, the old one ends by itself.
func (routes *Routes) endReplaced(r *http.Request, by *account.Session) {
	value := routes.cookies.value(r)
	if value == "" {
		return
	}
	former, err := routes.cookies.authenticate(r.Context(), routes.store, value, r)
	if errors.Is(err, model.ErrNotFound) || err == nil && former.Session.ID == by.ID {
		return
	}
	if err == nil {
		err = routes.store.DeleteSession(r.Context(), former.User.ID, former.Session.ID)
	}
	if err != nil {
		slog.WarnContext(r.Context(), "the session of a replaced cookie was not ended", "err", err)
		return
	}
	routes.accounts.record.Write(r.Context(), former.event(audit.Event{Name: audit.SessionEnded, Reason: "signed in again in the same browser"}))
}

// issue returns an access token of a session.
func (routes *Routes) issue(ctx context.Context, session *account.Session) (string, error) {
	return routes.issuer.Issue(ctx, Claims{UserID: session.UserID, SessionID: session.ID})
}

func (routes *Routes) answerTokens(w http.ResponseWriter, status int, session *account.Session, s secret, access string) error {
	refresh, err := routes.refreshTokens.of(session, s)
	if err != nil {
		return err
	}
	return web.WriteJSON(w, status, tokenAnswer{access, "Bearer", int(TokenLife.Seconds()), refresh})
}

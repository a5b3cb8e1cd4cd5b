package auth

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ownql/ownql/store"
)

const (
	maxBody      = 64 << 10 // bytes of a request
	maxUserAgent = 256      // bytes of a User-Agent header that a session keeps
)

// tokenAnswer is the body that opens a session, of the form of RFC 6749, section 5.1.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

// Routes are the REST side of accounts.
type Routes struct {
	accounts      *Accounts
	issuer        *Issuer
	authenticator *Authenticator
	signupClosed  bool
}

// NewRoutes returns the routes to accounts. Where sign-up is closed, the operator makes
// them.
func NewRoutes(accounts *Accounts, issuer *Issuer, authenticator *Authenticator, signupClosed bool) *Routes {
	return &Routes{accounts, issuer, authenticator, signupClosed}
}

// Signup answers POST /signup {email, password, firstName, lastName}: 201.
func (routes *Routes) Signup(w http.ResponseWriter, r *http.Request) error {
	var input SignupInput
	if err := ReadJSON(w, r, maxBody, &input); err != nil {
		return err
	}
	if routes.signupClosed {
		return ErrSignupClosed
	}
	session := newSession(r)
	if err := routes.accounts.SignUp(r.Context(), input, session); err != nil {
		return err
	}
	return routes.answerToken(w, http.StatusCreated, session)
}

// Login answers POST /login {email, password}: 200.
func (routes *Routes) Login(w http.ResponseWriter, r *http.Request) error {
	var credentials struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := ReadJSON(w, r, maxBody, &credentials); err != nil {
		return err
	}
	if strings.ContainsRune(credentials.Password, 0) {
		return &store.InputError{Field: "password", Message: "a password has no NUL character"}
	}
	if len(credentials.Password) > 4*maxPasswordLength {
		return &store.InputError{Field: "password", Message: "a password has at most 256 characters"}
	}
	email, err := CanonicalEmail(credentials.Email)
	if err != nil {
		return err
	}
	session := newSession(r)
	key := routes.attemptKey(r, email)
	if err := routes.accounts.LogIn(r.Context(), email, credentials.Password, key, session); err != nil {
		return err
	}
	return routes.answerToken(w, http.StatusOK, session)
}

// attemptKey returns what to count a sign-in's attempts on: see [store.NewAttemptKey].
func (routes *Routes) attemptKey(r *http.Request, email string) store.AttemptKey {
	identity, err := routes.authenticator.Authenticate(r)
	if err != nil || identity == nil || identity.User.Email != email {
		return store.NewAttemptKey(email, "")
	}
	return store.NewAttemptKey(email, identity.Session.ID)
}

// Logout answers POST /logout: it ends the session that the request comes by, 204.
func (routes *Routes) Logout(w http.ResponseWriter, r *http.Request) error {
	identity, err := routes.authenticator.Authenticate(r)
	if err != nil {
		return err
	}
	if identity == nil {
		return ErrUnauthenticated
	}
	if err := routes.accounts.store.DeleteSession(r.Context(), identity.User.ID, identity.Session.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func newSession(r *http.Request) *store.Session {
	userAgent := r.UserAgent()
	if len(userAgent) > maxUserAgent {
		userAgent = userAgent[:maxUserAgent]
	}
	return store.NewSession(TokenLife, strings.ToValidUTF8(userAgent, ""))
}

func (routes *Routes) answerToken(w http.ResponseWriter, status int, session *store.Session) error {
	token, err := routes.issuer.Issue(Claims{UserID: session.UserID, SessionID: session.ID})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(tokenAnswer{token, "Bearer", int(TokenLife.Seconds())})
}

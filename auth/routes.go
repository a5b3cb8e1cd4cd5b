package auth

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/ownql/ownql/store"
)

// maxUserAgent is how much of a User-Agent header a session keeps, in bytes.
const maxUserAgent = 256

// tokenAnswer is the body that opens a session, of the form of RFC 6749, section 5.1.
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

// Signup answers POST /signup {email, password, firstName, lastName}: 201.
func (a *Accounts) Signup(w http.ResponseWriter, r *http.Request) error {
	var account NewAccount
	if err := ReadJSON(w, r, &account); err != nil {
		return err
	}
	session := newSession(r)
	if err := a.signUp(r.Context(), account, session); err != nil {
		return err
	}
	return a.answerToken(w, http.StatusCreated, session)
}

// Login answers POST /login {email, password}: 200.
func (a *Accounts) Login(w http.ResponseWriter, r *http.Request) error {
	var credentials struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := ReadJSON(w, r, &credentials); err != nil {
		return err
	}
	if strings.ContainsRune(credentials.Password, 0) {
		return &InputError{"password", "a password has no NUL character"}
	}
	if len(credentials.Password) > 4*maxPasswordLength {
		return &InputError{"password", "a password has at most 256 characters"}
	}
	email, err := CanonicalEmail(credentials.Email)
	if err != nil {
		return err
	}
	session := newSession(r)
	if err := a.logIn(r.Context(), email, credentials.Password, a.account(r, email), session); err != nil {
		return err
	}
	return a.answerToken(w, http.StatusOK, session)
}

// account returns what to count a sign-in's attempts on: see [store.NewAccount].
func (a *Accounts) account(r *http.Request, email string) store.Account {
	identity, err := a.Authenticator.Authenticate(r)
	if err != nil || identity == nil || identity.User.Email != email {
		return store.NewAccount(email, "")
	}
	return store.NewAccount(email, identity.Session.ID)
}

// Logout answers POST /logout: it ends the session that the request comes by, 204.
func (a *Accounts) Logout(w http.ResponseWriter, r *http.Request) error {
	identity, err := a.Authenticator.Authenticate(r)
	if err != nil {
		return err
	}
	if identity == nil {
		return ErrUnauthenticated
	}
	if err := a.Store.DeleteSession(r.Context(), identity.User.ID, identity.Session.ID); err != nil {
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

func (a *Accounts) answerToken(w http.ResponseWriter, status int, session *store.Session) error {
	token, err := a.Issuer.Issue(Claims{UserID: session.UserID, SessionID: session.ID})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(tokenAnswer{token, "Bearer", int(TokenLife.Seconds())})
}

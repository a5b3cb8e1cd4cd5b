package auth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/web"
)

// Options are what an operator, and a project, decide about signing in.
type Options struct {
	Keys         *Keys
	Issuer       string // the claim iss
	Origin       string // the server's own, such as https://api.example.com; may be empty
	URL          string // the server's public address, which links in mails lead to
	Mailer       Mailer // nil: no mail is sent
	NeedVerified bool   // nobody signs in before the email is verified
	SignupClosed bool   // the operator makes the accounts
	RateLimited  bool   // sign-ins are limited by the client's address
	TokenRate    int    // requests a minute by a service token; 0: any number
	Proxies      web.TrustedProxies
	MaxSession   time.Duration // from sign-in, however much it is used; 0: account.MaxSession
	Record       *audit.Log    // what matters about accounts; nil: nowhere

	// Claims returns what the user's access tokens are to say beside what ownql has them say;
	// nil: nothing.
	Claims func(ctx context.Context, userID string) (map[string]any, error)
	Hooks  Hooks
}

// Hooks are called when accounts come and go; each may be nil. An error is logged: what has been
// done stays done.
type Hooks struct {
	SignedUp func(context.Context, *account.User) error // an account has been made
	Deleted  func(context.Context, *account.User) error // an account, and what it owned, are gone
}

// Auth is everything about who is asking, assembled.
type Auth struct {
	Accounts *Accounts
	Post     *Post

	keys          *Keys
	authenticator *Authenticator
	routes        *Routes
	recovery      *Recovery
	limit, light  func(web.HandlerFunc) web.HandlerFunc
}

// New assembles what signs in as the accounts that store keeps.
func New(store *account.Store, o Options) *Auth {
	if o.MaxSession > 0 {
		store.LimitSessions(o.MaxSession)
	}
	undos := newUndoTokens(o.Keys)
	post := NewPost(store, o.Mailer, o.URL)
	post.deliverNotices(undos)
	invitations := newInvitationTokens(o.Keys)
	post.deliverInvitations(invitations)
	accounts := NewAccounts(store, NewPasswords(), post, o.Record, o.NeedVerified, o.Hooks)
	cookies := NewCookies(NewCredentials(o.Keys, "cookie"), o.Origin)
	authenticator := NewAuthenticator(store, NewVerifier(o.Keys, o.Issuer), cookies, o.Proxies)
	accounts.undos, accounts.invitations, authenticator.admit = undos, invitations, accounts.Admit
	issuer := NewIssuer(o.Keys, o.Issuer)
	issuer.more = o.Claims
	a := &Auth{
		Accounts:      accounts,
		Post:          post,
		keys:          o.Keys,
		authenticator: authenticator,
		routes:        NewRoutes(accounts, issuer, NewCredentials(o.Keys, "refresh"), authenticator, o.SignupClosed),
		recovery:      NewRecovery(accounts, authenticator, o.SignupClosed),
		limit:         unlimited,
		light:         unlimited,
	}
	var addresses, tokens *RateLimit
	if o.RateLimited {
		addresses = NewRateLimit(o.Proxies, takenBurst, takenRate)
		tokens = NewRateLimit(o.Proxies, signInBurst, signInRate)
		a.limit = NewRateLimit(o.Proxies, signInBurst, signInRate).Limit
		a.light = NewRateLimit(o.Proxies, lightBurst, lightRate).Limit
		accounts.confirmations = NewRateLimit(o.Proxies, signInBurst, signInRate) // its own: who is signed in keeps nobody from signing in
	}
	authenticator.tokens = newServiceTokens(store, o.Record, o.TokenRate, tokens)
	store.DB().LimitTaken(newTakenLimit(store, addresses))
	store.DB().LimitInvitations(accounts.limitInvitations)
	return a
}

// Middleware is [Authenticator.Middleware].
func (a *Auth) Middleware(next http.Handler, refuse func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return a.authenticator.Middleware(next, refuse)
}

// Wait returns when nothing is under way behind the answers, or ctx is done: then it returns its error. Where
// a process may stop once it has answered, as on AWS Lambda, call it before.
func (a *Auth) Wait(ctx context.Context) error {
	if err := a.authenticator.tokens.noting.wait(ctx); err != nil {
		return fmt.Errorf("the use of service tokens is still being noted: %w", err)
	}
	return a.Post.Wait(ctx)
}

// Light limits what needs no account, and costs little, by the client's address.
func (a *Auth) Light(next web.HandlerFunc) web.HandlerFunc { return a.light(next) }

// unlimited limits nothing.
func unlimited(next web.HandlerFunc) web.HandlerFunc { return next }

// Handle adds the REST side of accounts to mux. Whoever signs in, or has signed in, uses it: a service token is
// refused by all that does anything.
func (a *Auth) Handle(mux *http.ServeMux) {
	mux.Handle("/signup", web.REST("POST", a.limit(signedInOnly(a.routes.Signup))))
	mux.Handle("/login", web.REST("POST", a.limit(signedInOnly(a.routes.Login))))
	mux.Handle("/refresh", web.REST("POST", a.light(signedInOnly(a.routes.Refresh))))
	mux.Handle("/logout", web.REST("POST", a.light(a.routes.Logout)))
	mux.Handle("/.well-known/jwks.json", web.REST("GET", a.light(a.keys.ServePublic)))
	mux.Handle("/password/forgot", web.REST("POST", a.limit(signedInOnly(a.recovery.Forgot))))
	mux.Handle("/password/reset", web.REST("POST", a.limit(signedInOnly(a.recovery.Reset))))
	mux.Handle("GET /password/reset", web.REST("GET", a.light(a.recovery.ResetPage)))
	mux.Handle("/email/verify", web.REST("POST", a.limit(signedInOnly(a.recovery.Verify))))
	mux.Handle("GET /email/verify", web.REST("GET", a.light(a.recovery.VerifyPage)))
	mux.Handle("/account/undo", web.REST("POST", a.limit(signedInOnly(a.recovery.Undo))))
	mux.Handle("GET /account/undo", web.REST("GET", a.light(a.recovery.UndoPage)))
	mux.Handle("/invitation", web.REST("POST", a.limit(signedInOnly(a.recovery.AcceptInvitation))))
	mux.Handle("GET /invitation", web.REST("GET", a.light(a.recovery.InvitationPage)))
}

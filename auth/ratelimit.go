package auth

import (
	"net/http"
	"net/netip"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// A client address may send signInBurst sign-ins and sign-ups at once, and
// signInRate a second after that. Generous, for an office behind one address:
// guesses at one account are bounded by [account.Store.ReserveAttempt].
const (
	signInBurst      = 600
	signInRate       = 10
	rememberedClient = 10_000 // addresses
)

// RateLimit bounds, in this process, what each client address sends.
type RateLimit struct {
	clients *lru.Cache[netip.Prefix, *rate.Limiter]
	proxies web.TrustedProxies
}

// NewRateLimit returns a RateLimit that has seen nobody.
func NewRateLimit(proxies web.TrustedProxies) *RateLimit {
	clients, err := lru.New[netip.Prefix, *rate.Limiter](rememberedClient)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &RateLimit{clients, proxies}
}

// Limit returns next behind the limit; over it, the code is RATE_LIMITED.
func (l *RateLimit) Limit(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		reservation := l.client(r).Reserve()
		if wait := reservation.Delay(); wait > 0 {
			reservation.Cancel()
			return &model.Error{Code: model.CodeRateLimited, Message: "too many requests from this address", RetryAfter: wait}
		}
		return next(w, r)
	}
}

// client returns the limiter of the client's address; of IPv6 all that share a /64,
// which is what one client is given.
func (l *RateLimit) client(r *http.Request) *rate.Limiter {
	address := l.proxies.ClientAddress(r)
	prefix, _ := address.Prefix(min(address.BitLen(), 64)) // of none: the zero Prefix
	if known, ok := l.clients.Get(prefix); ok {
		return known
	}
	limiter := rate.NewLimiter(signInRate, signInBurst)
	if known, ok, _ := l.clients.PeekOrAdd(prefix, limiter); ok {
		return known
	}
	return limiter
}

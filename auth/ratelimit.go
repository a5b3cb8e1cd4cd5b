package auth

import (
	"net/http"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// A client address may send signInBurst sign-ins and sign-ups at once, and
// signInRate a second after that. Generous, for an office behind one address:
// guesses at one account are bounded by [store.Store.ReserveAttempt].
const (
	signInBurst      = 600
	signInRate       = 10
	rememberedClient = 10_000 // addresses
)

// A RateLimitError turns away a client address that sends too much.
type RateLimitError struct{ RetryAfter time.Duration }

func (e *RateLimitError) Error() string { return "too many requests from this address" }

// RateLimit bounds, in this process, what each client address sends.
type RateLimit struct {
	clients *lru.Cache[netip.Prefix, *rate.Limiter]
	proxies TrustedProxies
}

// NewRateLimit returns a RateLimit that has seen nobody.
func NewRateLimit(proxies TrustedProxies) *RateLimit {
	clients, err := lru.New[netip.Prefix, *rate.Limiter](rememberedClient)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &RateLimit{clients, proxies}
}

// Limit returns next behind the limit; over it, the error is a *RateLimitError.
func (l *RateLimit) Limit(next func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		reservation := l.client(r).Reserve()
		if wait := reservation.Delay(); wait > 0 {
			reservation.Cancel()
			return &RateLimitError{RetryAfter: wait}
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

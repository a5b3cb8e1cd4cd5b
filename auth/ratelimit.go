package auth

import (
	"net/http"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// A client address may send signInBurst sign-ins and sign-ups at once, and
// signInRate a second after that. Generous, for an office behind one address:
// guesses at one account are bounded by [account.Store.ReserveAttempt]. What costs less, such as
// a refresh, may come more often. The many clients of one /48 of IPv6, which one customer has, may
// together send siteShare times as much.
const (
	signInBurst      = 600
	signInRate       = 10
	lightBurst       = 1000
	lightRate        = 100
	siteShare        = 4
	rememberedClient = 10_000 // addresses
)

// RateLimit bounds, in this process, what each client address sends.
type RateLimit struct {
	clients, sites limiters
	proxies        web.TrustedProxies
}

// NewRateLimit returns a RateLimit that has seen nobody: each client may send so many requests at
// once, and after that so many a second.
func NewRateLimit(proxies web.TrustedProxies, burst int, perSecond rate.Limit) *RateLimit {
	return &RateLimit{newLimiters(burst, perSecond), newLimiters(siteShare*burst, siteShare*perSecond), proxies}
}

// Limit returns next behind the limit; over it, the code is RATE_LIMITED.
func (l *RateLimit) Limit(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := l.take(l.proxies.ClientAddress(r)); err != nil {
			return err
		}
		return next(w, r)
	}
}

// take counts one more from the address. Code RATE_LIMITED: it has sent too many. A nil RateLimit
// has no limit.
func (l *RateLimit) take(address netip.Addr) error {
	if l == nil {
		return nil
	}
	wait := l.clients.reserve(web.ClientPrefix(address))
	if wait == 0 && address.Is6() {
		wait = l.sites.reserve(web.SitePrefix(address))
	}
	if wait > 0 {
		return &model.Error{Code: model.CodeRateLimited, Message: "too many requests from this address", RetryAfter: wait}
	}
	return nil
}

// limiters are the limits of networks, of which only the latest are remembered.
type limiters struct {
	of        *lru.Cache[netip.Prefix, *rate.Limiter]
	burst     int
	perSecond rate.Limit
}

func newLimiters(burst int, perSecond rate.Limit) limiters {
	of, err := lru.New[netip.Prefix, *rate.Limiter](rememberedClient)
	if err != nil {
		panic(err) // the size is not positive
	}
	return limiters{of, burst, perSecond}
}

// reserve counts a request of the network, or returns how long it has to wait for the next.
func (l limiters) reserve(network netip.Prefix) (wait time.Duration) {
	reservation := l.limiter(network).Reserve()
	if wait = reservation.Delay(); wait > 0 {
		reservation.Cancel()
	}
	return wait
}

func (l limiters) limiter(network netip.Prefix) *rate.Limiter {
	if known, ok := l.of.Get(network); ok {
		return known
	}
	limiter := rate.NewLimiter(l.perSecond, l.burst)
	if known, ok, _ := l.of.PeekOrAdd(network, limiter); ok {
		return known
	}
	return limiter
}

package auth

import (
	"context"
	"errors"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// A client address may have takenBurst values told as taken at once, and takenRate a second after
// that; an account, what [account.Store.CountTaken] allows.
const (
	takenBurst = 200
	takenRate  = 2
)

// A takenLimit bounds how often an account, and a client address, is told that a unique value is
// taken which it may not see. Accounts are counted in the store, for all instances, and only when
// they are told; that one has been told too often, each instance remembers by itself.
type takenLimit struct {
	store     *account.Store
	accounts  *lru.Cache[string, time.Time] // until when they are to be told nothing, by user id
	addresses *RateLimit                    // nil: they are not limited
}

func newTakenLimit(store *account.Store, addresses *RateLimit) *takenLimit {
	accounts, err := lru.New[string, time.Time](rememberedClient)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &takenLimit{store, accounts, addresses}
}

// Before is called by a model before a value is taken. Code RATE_LIMITED: not now.
func (l *takenLimit) Before(ctx context.Context, caller model.Caller) error {
	until, _ := l.accounts.Get(caller.ID)
	return toldTooOften(max(time.Until(until), l.addresses.wait(web.ClientAddress(ctx))))
}

// Count is called by a model before a caller is told. Code RATE_LIMITED: it is not to be.
func (l *takenLimit) Count(ctx context.Context, caller model.Caller) error {
	var limited *model.Error
	if caller.ID != "" {
		counted, err := l.store.CountTaken(ctx, caller.ID)
		switch {
		case errors.Is(err, account.ErrTooManyAttempts) && errors.As(err, &limited):
			l.accounts.Add(caller.ID, time.Now().Add(limited.RetryAfter))
			return toldTooOften(limited.RetryAfter)
		case err != nil:
			return err
		case counted >= account.MaxTaken: // the last one
			l.accounts.Add(caller.ID, time.Now().Add(account.TakenWindow))
		}
	}
	if address := web.ClientAddress(ctx); address.IsValid() && errors.As(l.addresses.take(address), &limited) {
		return toldTooOften(limited.RetryAfter)
	}
	return nil
}

// toldTooOften returns nil where there is nothing to wait for.
func toldTooOften(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return &model.Error{Code: model.CodeRateLimited, RetryAfter: max(wait, time.Second),
		Message: "too many values that were taken: try again later"}
}

// wait returns how long the address has to wait before it may send one more; 0: not at all, as it is
// where nothing is known of it.
func (l *RateLimit) wait(address netip.Addr) time.Duration {
	if l == nil || !address.IsValid() {
		return 0
	}
	wait := l.clients.wait(web.ClientPrefix(address))
	if address.Is6() {
		wait = max(wait, l.sites.wait(web.SitePrefix(address)))
	}
	return wait
}

// wait is reserve that counts nothing.
func (l limiters) wait(network netip.Prefix) (wait time.Duration) {
	missing := 1 - l.limiter(network).Tokens()
	return max(0, time.Duration(missing/float64(l.perSecond)*float64(time.Second)))
}

package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// rememberedServiceTokens is how many service tokens a process knows of at once. Those that it has not
// seen for the longest begin with a full measure again.
const rememberedServiceTokens = 10_000

// serviceTokens is what a process knows of the service tokens that were good: how often each was used
// lately, and when it was noted last that it was.
type serviceTokens struct {
	store     *account.Store
	record    *audit.Log
	perMinute int        // requests of a token; 0: any number
	failures  *RateLimit // of tokens that are not good, by address; nil: any number
	known     *lru.Cache[secretHash, *knownToken]
	noting    underWay
}

// knownToken is a token that was good.
type knownToken struct {
	limiter *rate.Limiter // nil: there is no limit

	mu    sync.Mutex
	noted time.Time // when its use was noted last, by this process
}

// newServiceTokens returns serviceTokens that know of none yet.
func newServiceTokens(store *account.Store, record *audit.Log, perMinute int, failures *RateLimit) *serviceTokens {
	known, err := lru.New[secretHash, *knownToken](rememberedServiceTokens)
	if err != nil {
		panic(err) // the size is not positive
	}
	return &serviceTokens{store: store, record: record, perMinute: perMinute, failures: failures, known: known}
}

// authenticate returns whose service token the text is, and that it is used now is noted behind the answer. A
// token that was good before is counted before anything else is done, and others once they are known to be
// good: so those that are made up take no memory.
//
// ErrInvalidToken, wrapped with the reason: it is none, or was revoked, or has expired. Code RATE_LIMITED: it
// was used too often, or too many tokens that were not good came from the address.
func (s *serviceTokens) authenticate(r *http.Request, text string) (*Identity, error) {
	presented, ok := parseServiceToken(text)
	if !ok {
		return nil, fmt.Errorf("%w: it is no service token of ours", ErrInvalidToken)
	}
	hash := secretHash(presented.secret.hash())
	known, isKnown := s.known.Get(hash)
	if isKnown {
		if err := known.take(); err != nil {
			return nil, err
		}
	} else if err := tooManyFailures(s.failures.wait(web.ClientAddress(r.Context()))); err != nil {
		return nil, err
	}
	user, token, err := s.store.Token(r.Context(), presented.userID.String(), presented.tokenID.String())
	isGood := err == nil && subtle.ConstantTimeCompare(token.Secret, hash[:]) == 1
	switch {
	case err != nil && !errors.Is(err, model.ErrNotFound):
		return nil, err
	case !isGood:
		return nil, s.refuse(r, presented, hash)
	}
	if !isKnown {
		known = s.learn(hash)
		if err := known.take(); err != nil {
			return nil, err
		}
	}
	s.note(known, token)
	return &Identity{User: user, Token: token}, nil
}

// refuse takes down that a token was not good, and counts it.
func (s *serviceTokens) refuse(r *http.Request, presented serviceToken, hash secretHash) error {
	s.known.Remove(hash)
	if address := web.ClientAddress(r.Context()); address.IsValid() {
		if err := s.failures.take(address); err != nil {
			slog.DebugContext(r.Context(), "service tokens that are not good", "err", err)
		}
	}
	s.record.Write(r.Context(), audit.Event{
		Name: audit.TokenRefused, UserID: presented.userID.String(), TokenID: presented.tokenID.String(),
		Reason: "unknown, expired or revoked",
	})
	return fmt.Errorf("%w: the service token is unknown, has expired, or was revoked", ErrInvalidToken)
}

// tooManyFailures returns nil where there is nothing to wait for.
func tooManyFailures(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return &model.Error{Code: model.CodeRateLimited, Message: "too many tokens that are not good came from this address", RetryAfter: wait}
}

// learn returns what is known of a token from now on.
func (s *serviceTokens) learn(hash secretHash) *knownToken {
	known := &knownToken{}
	if s.perMinute > 0 {
		known.limiter = rate.NewLimiter(rate.Limit(float64(s.perMinute)/60), s.perMinute)
	}
	if before, isKnown, _ := s.known.PeekOrAdd(hash, known); isKnown {
		return before
	}
	return known
}

// take counts a request by the token. Code RATE_LIMITED: there were too many.
func (k *knownToken) take() error {
	if k.limiter == nil {
		return nil
	}
	reservation := k.limiter.Reserve()
	wait := reservation.Delay()
	if wait == 0 {
		return nil
	}
	reservation.Cancel()
	return &model.Error{Code: model.CodeRateLimited, Message: "too many requests by this token", RetryAfter: wait}
}

// noteTimeout is how long it may take to note that a token was used.
const noteTimeout = 5 * time.Second

// note keeps that the token is used, at most once in account.TokenUseEach, behind the answer: what is in
// the way is for the log, and where too much is under way, another request of the token's notes it.
func (s *serviceTokens) note(known *knownToken, token *account.Token) {
	now := model.Now()
	if !known.isDue(now.Time(), token) {
		return
	}
	if !s.noting.begin() {
		known.undo()
		return
	}
	go func() {
		defer s.noting.end()
		ctx, cancel := context.WithTimeout(context.Background(), noteTimeout)
		defer cancel()
		if err := s.store.NoteTokenUse(ctx, token, now); err != nil {
			slog.WarnContext(ctx, "the use of a service token was not noted", "token", token.ID, "err", err)
		}
	}()
}

// isDue tells whether it is to be noted that the token is used now, and takes it as noted.
func (k *knownToken) isDue(now time.Time, token *account.Token) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := k.noted
	if token.LastUsedAt != nil && token.LastUsedAt.Time().After(last) {
		last = token.LastUsedAt.Time()
	}
	if now.Sub(last) < account.TokenUseEach {
		return false
	}
	k.noted = now
	return true
}

// undo has the next use be noted.
func (k *knownToken) undo() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.noted = time.Time{}
}

// signedInOnly returns next for those alone who do not come by a service token, whatever that is good for.
func signedInOnly(next web.HandlerFunc) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		for _, header := range r.Header.Values("Authorization") {
			_, token, _ := strings.Cut(header, " ")
			if isServiceToken(strings.TrimSpace(token)) {
				return ErrByToken
			}
		}
		return next(w, r)
	}
}

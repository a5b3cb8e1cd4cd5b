package auth

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

const (
	// maxCounted tries of a password may be counted at once on one key before it is known whether
	// they are right: of a hundred simultaneous sign-ins with the right password none is to be
	// refused for the others.
	maxCounted = 50
	// maxTrying is how many may try at once on one key, those who wait to be counted included.
	maxTrying = 256

	// Where more than fewTrying try at once on one key, a refusal is answered no sooner than
	// refusalTime after it: who asks again at once, on hundreds of connections, would leave the
	// others no time of the CPU.
	fewTrying   = 8
	refusalTime = time.Second
)

// crowds are those who try passwords at the same time, each of what its tries are counted on: a
// crowd at one door keeps nobody from another.
type crowds struct {
	mu   sync.Mutex
	each map[account.AttemptKey]*crowd
}

type crowd struct {
	counted chan struct{}
	trying  int
}

func newCrowds() *crowds { return &crowds{each: map[account.AttemptKey]*crowd{}} }

// try waits until one more try may be counted on the key, and makes it. Errors: those of attempt;
// code RATE_LIMITED: too many try at once; web.Busy: there was no place in time.
func (c *crowds) try(ctx context.Context, key account.AttemptKey, attempt func() error) error {
	around, trying := c.join(key)
	defer c.leave(key, around)
	var err error
	if trying > maxTrying {
		err = &model.Error{Code: model.CodeRateLimited, Message: "too many try the password of this account at once", RetryAfter: time.Second}
	} else {
		err = around.try(ctx, attempt)
	}
	if refusal := new(model.Error); trying > fewTrying && errors.As(err, &refusal) && refusal.Code == model.CodeRateLimited {
		wait := time.NewTimer(refusalTime)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
	}
	return err
}

// try makes an attempt when it may be counted.
func (c *crowd) try(ctx context.Context, attempt func() error) error {
	patience := time.NewTimer(queueWait)
	defer patience.Stop()
	select {
	case c.counted <- struct{}{}:
		defer func() { <-c.counted }()
		return attempt()
	case <-patience.C:
		return web.Busy(queueWait)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join counts one more who tries, and returns how many there are then.
func (c *crowds) join(key account.AttemptKey) (around *crowd, trying int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	around = c.each[key]
	if around == nil {
		around = &crowd{counted: make(chan struct{}, maxCounted)}
		c.each[key] = around
	}
	around.trying++
	return around, around.trying
}

func (c *crowds) leave(key account.AttemptKey, from *crowd) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from.trying--; from.trying == 0 {
		delete(c.each, key)
	}
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"
)

const (
	// maxAttempts failed sign-ins are allowed on an account in attemptWindow. NIST
	// SP 800-63B, section 5.2.2, wants no more than 100 in a row.
	maxAttempts   = 100
	attemptWindow = time.Hour
)

// An AttemptKey is what sign-in attempts are counted on: the SHA-256, in hexadecimal, of
// a canonical email, whether it has an account or not, so that the two look alike.
type AttemptKey string

// NewAttemptKey returns the key of a canonical email. Attempts that come from elsewhere
// than the sign-in page are counted apart, by where: a live session of that very account,
// so that a stranger's failures do not lock out a user who is signed in somewhere, or a
// repeated sign-up.
func NewAttemptKey(email, from string) AttemptKey {
	hash := sha256.New()
	hash.Write([]byte(email))
	if from != "" {
		hash.Write([]byte("\x00" + from))
	}
	return AttemptKey(hex.EncodeToString(hash.Sum(nil)))
}

// ForgetAttempts opens an account to a hundred more.
func (s *Store) ForgetAttempts(ctx context.Context, key AttemptKey) error {
	if err := s.attempts.Delete("id", key).Run(ctx); err != nil {
		return fmt.Errorf("forget attempts: %w", err)
	}
	return nil
}

// attempts is an item of the attempts table.
type attempts struct {
	Key      AttemptKey `dynamo:"id,hash"`
	Failures int        `dynamo:"failures"`
	TTL      int64      `dynamo:"ttl"` // Unix seconds; the window's end
}

// ReserveAttempt counts a failed attempt in advance, before a password is checked,
// so that no number of simultaneous guesses passes the limit; a success takes it
// back (see [Store.OpenSession]). It returns a *TooManyAttemptsError where the
// limit is reached; such an attempt is not counted, so the wait ends.
func (s *Store) ReserveAttempt(ctx context.Context, key AttemptKey) error {
	for {
		now := time.Now()
		windowEnd := now.Add(attemptWindow).Unix()
		var current attempts
		reserved, err := s.attempts.Update("id", key).
			Add("failures", 1).
			SetIfNotExists("ttl", windowEnd).
			If("attribute_not_exists(id) OR (failures < ? AND 'ttl' > ?)", maxAttempts, now.Unix()).
			CurrentValue(ctx, &current)
		switch {
		case err != nil:
			return fmt.Errorf("count attempt: %w", err)
		case reserved:
			return nil
		case current.TTL > now.Unix():
			return &TooManyAttemptsError{RetryAfter: max(time.Second, time.Unix(current.TTL, 0).Sub(now))}
		}
		// The window is over, and DynamoDB has not swept the item yet.
		err = s.attempts.Put(attempts{key, 1, windowEnd}).
			If("'ttl' = ?", current.TTL).
			Run(ctx)
		switch {
		case err == nil:
			return nil
		case !dynamo.IsCondCheckFailed(err):
			return fmt.Errorf("begin to count attempts: %w", err)
		}
	}
}

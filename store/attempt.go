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

// Account names what sign-in attempts are counted on: the SHA-256 of a canonical
// email, of an account or of none, so that the two look alike.
type Account string

// NewAccount returns the account of a canonical email. Attempts that come with a
// live session of that very account are counted apart, by its id, so that a
// stranger's failures do not lock out a user who is signed in somewhere.
func NewAccount(email, sessionID string) Account {
	hash := sha256.New()
	hash.Write([]byte(email))
	if sessionID != "" {
		hash.Write([]byte("\x00" + sessionID))
	}
	return Account(hex.EncodeToString(hash.Sum(nil)))
}

// attempts is an item of the attempts table.
type attempts struct {
	Account  Account `dynamo:"id,hash"`
	Failures int     `dynamo:"failures"`
	TTL      int64   `dynamo:"ttl"` // Unix seconds; the window's end
}

// ReserveAttempt counts a failed attempt in advance, before a password is checked,
// so that no number of simultaneous guesses passes the limit; a success takes it
// back (see [Store.OpenSession]). It returns a *TooManyAttemptsError where the
// limit is reached; such an attempt is not counted, so the wait ends.
func (s *Store) ReserveAttempt(ctx context.Context, account Account) error {
	for {
		now := time.Now()
		windowEnd := now.Add(attemptWindow).Unix()
		var current attempts
		reserved, err := s.attempts.Update("id", account).
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
			return &TooManyAttemptsError{RetryAfter: time.Unix(current.TTL, 0).Sub(now).Round(time.Second)}
		}
		// The window is over, and DynamoDB has not swept the item yet.
		err = s.attempts.Put(attempts{account, 1, windowEnd}).
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

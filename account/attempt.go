package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

const (
	// maxAttempts failed sign-ins are allowed on an account in attemptWindow. NIST
	// SP 800-63B, section 5.2.2, wants no more than 100 in a row.
	maxAttempts   = 100
	attemptWindow = time.Hour

	// After freeAttempts failures each further one has the next attempt wait, twice as
	// long every time. Before, nobody waits: neither a user who mistypes, nor one whom a
	// stranger would like to keep out.
	freeAttempts = 90
	firstWait    = 5 * time.Second
	maxWait      = 5 * time.Minute

	// maxMails of a kind go to an address in attemptWindow for one account.
	maxMails = 5
	// maxInvitations are mailed to an address in attemptWindow, maxInvitationsOf of them by one user, who sends
	// maxInvited in all.
	maxInvitations   = 5
	maxInvitationsOf = 2
	maxInvited       = 50
	// maxChanges of an account that a mail tells of are made in attemptWindow.
	maxChanges = 20

	// MaxTaken times in TakenWindow an account is told that a unique value is taken by what it may
	// not read.
	MaxTaken    = 20
	TakenWindow = time.Minute
)

// ErrTooManyAttempts refuses to check another password of an account. Its RetryAfter is at least
// a second.
var ErrTooManyAttempts = &model.Error{Code: model.CodeRateLimited, Message: "too many failed sign-ins to this account"}

// An AttemptKey is what sign-in attempts are counted on: the SHA-256, in hexadecimal, of
// a canonical email, whether it has an account or not, so that the two look alike.
type AttemptKey string

// NewAttemptKey returns the key of a canonical email. Attempts that come from elsewhere
// than the sign-in page are counted apart, by where: a live session of that very account,
// so that a stranger's failures do not lock out a user who is signed in somewhere, or a
// repeated sign-up. So are mails, by their kind.
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
	Key      AttemptKey     `dynamo:"id,hash"`
	Failures int            `dynamo:"failures"`
	RetryAt  model.DateTime `dynamo:"retryAt"` // absent while nobody has to wait
	TTL      int64          `dynamo:"ttl"`     // Unix seconds; the window's end
}

// ReserveAttempt counts a failed attempt in advance, before a password is checked,
// so that no number of simultaneous guesses passes the limit; a success takes it
// back (see [Store.OpenSession]). It returns how many are counted now, which a failure
// passes on to [Store.FailAttempt]. It returns ErrTooManyAttempts where the
// limit is reached, or it is too early; such an attempt is not counted, so the wait ends.
// An attempt that the SDK tries again, because DynamoDB's answer was lost, counts twice.
func (s *Store) ReserveAttempt(ctx context.Context, key AttemptKey) (counted int, err error) {
	return s.reserve(ctx, key, maxAttempts, attemptWindow)
}

// ReserveMail counts a mail before it is sent. ErrTooManyAttempts: so many were sent
// that this one is not to be.
func (s *Store) ReserveMail(ctx context.Context, key AttemptKey) error {
	_, err := s.reserve(ctx, key, maxMails, attemptWindow)
	return err
}

// ReserveInvitation counts the mail of an invitation before it is sent, by its address, and by the user who
// sends it to that; giveBack is for one that did not go. ErrTooManyAttempts: so many were sent that this one is not
// to be now.
func (s *Store) ReserveInvitation(ctx context.Context, email, senderID string) (giveBack func(context.Context) error, err error) {
	const kind = "invitation mail"
	ofSender, toAddress := NewAttemptKey(email, kind+senderID), NewAttemptKey(email, kind)
	if senderID != "" { // whom one user mails too often, another still may
		if _, err := s.reserve(ctx, ofSender, maxInvitationsOf, attemptWindow); err != nil {
			return nil, err
		}
	}
	giveBack = func(ctx context.Context) error {
		err := s.ReturnAttempt(ctx, toAddress)
		if senderID != "" {
			err = errors.Join(err, s.ReturnAttempt(ctx, ofSender))
		}
		return err
	}
	if _, err := s.reserve(ctx, toAddress, maxInvitations, attemptWindow); err != nil {
		if senderID != "" {
			err = errors.Join(err, s.ReturnAttempt(ctx, ofSender))
		}
		return nil, err
	}
	return giveBack, nil
}

// CountInvitation counts an invitation that a user makes. ErrTooManyAttempts: they have made so many that this
// one is not to be.
func (s *Store) CountInvitation(ctx context.Context, userID string) error {
	_, err := s.reserve(ctx, NewAttemptKey(userID, "invites"), maxInvited, attemptWindow)
	return err
}

// CountTaken counts that the user is told of a value that is taken, and returns how many times
// that was within TakenWindow. ErrTooManyAttempts: it was MaxTaken times already.
func (s *Store) CountTaken(ctx context.Context, userID string) (counted int, err error) {
	return s.reserve(ctx, NewAttemptKey(userID, "taken"), MaxTaken, TakenWindow)
}

// ReserveChange counts a change of the user's before it is made. ErrTooManyAttempts: so many were made
// that this one is not to be.
func (s *Store) ReserveChange(ctx context.Context, user *User) error {
	_, err := s.reserve(ctx, NewAttemptKey(user.ID, "change"), maxChanges, attemptWindow)
	return err
}

// reserve counts an attempt, unless limit are counted in the window.
func (s *Store) reserve(ctx context.Context, key AttemptKey, limit int, window time.Duration) (counted int, err error) {
	for {
		now := time.Now()
		windowEnd := now.Add(window).Unix()
		var current attempts
		reserved, err := s.attempts.Update("id", key).
			Add("failures", 1).
			SetIfNotExists("ttl", windowEnd).
			If("attribute_not_exists(id) OR (failures < ? AND 'ttl' > ? AND (attribute_not_exists(retryAt) OR retryAt <= ?))",
				limit, now.Unix(), model.NewDateTime(now)).
			CurrentValue(ctx, &current)
		switch {
		case err != nil:
			return 0, fmt.Errorf("count attempt: %w", err)
		case reserved:
			return current.Failures, nil
		case current.TTL > now.Unix():
			return 0, &model.Error{Code: model.CodeRateLimited, Message: ErrTooManyAttempts.Message, Kind: ErrTooManyAttempts,
				RetryAfter: max(time.Second, current.retryAt(limit).Sub(now))}
		}
		// The window is over, and DynamoDB has not swept the item yet.
		err = s.attempts.Update("id", key).
			Set("failures", 1).
			Set("ttl", windowEnd).
			Remove("retryAt").
			If("'ttl' = ?", current.TTL).
			Run(ctx)
		switch {
		case err == nil:
			return 1, nil
		case !dynamo.IsCondCheckFailed(err):
			return 0, fmt.Errorf("begin to count attempts: %w", err)
		}
	}
}

// retryAt is when an attempt that was refused, of at most limit, may be made.
func (a *attempts) retryAt(limit int) time.Time {
	if a.Failures >= limit {
		return time.Unix(a.TTL, 0)
	}
	return a.RetryAt.Time()
}

// FailAttempt tells that an attempt which [Store.ReserveAttempt] counted as that many has
// failed indeed. The first few cost nothing more. After those the next one has to wait:
// from here, and not from the reservation, because it takes one failure that is certain
// to keep others waiting, and simultaneous sign-ins with the right password have none.
func (s *Store) FailAttempt(ctx context.Context, key AttemptKey, counted int) error {
	if counted < freeAttempts {
		return nil
	}
	retryAt := model.NewDateTime(time.Now().Add(waitAfter(counted)))
	err := s.attempts.Update("id", key).
		Set("retryAt", retryAt).
		If("attribute_exists(id) AND (attribute_not_exists(retryAt) OR retryAt < ?)", retryAt).
		Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) { // a success has forgotten it, or another waits longer
		return fmt.Errorf("have attempts wait: %w", err)
	}
	return nil
}

// waitAfter is how long after so many failures the next attempt has to wait.
func waitAfter(failures int) time.Duration {
	wait := firstWait
	for ; failures > freeAttempts && wait < maxWait; failures-- {
		wait *= 2
	}
	return min(wait, maxWait)
}

// ReturnAttempt takes a reserved attempt back whose password was not checked.
func (s *Store) ReturnAttempt(ctx context.Context, key AttemptKey) error {
	err := s.attempts.Update("id", key).Add("failures", -1).If("failures > ?", 0).Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return fmt.Errorf("return attempt: %w", err)
	}
	return nil
}

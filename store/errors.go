package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

var (
	// ErrNotFound: no such thing, or the caller may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrConflict: what is there already contradicts the write.
	ErrConflict = errors.New("conflict")
)

// A TooManyAttemptsError refuses to check another password of an account.
type TooManyAttemptsError struct {
	RetryAfter time.Duration // at least a second
}

func (e *TooManyAttemptsError) Error() string {
	return fmt.Sprintf("too many failed sign-ins, try again in %s", e.RetryAfter)
}

// IsUnavailable tells whether err means that DynamoDB did not answer in time or
// turned the request away for a while (throttling, a 5xx, no connection), so that
// the same request may succeed later.
func IsUnavailable(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

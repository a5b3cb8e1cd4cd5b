package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
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
// turned the request away for a while (throttling, a 5xx, no connection, another
// transaction on the same item), so that the same request may succeed later.
func IsUnavailable(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary {
		return true
	}
	var (
		conflict *types.TransactionConflictException
		canceled *types.TransactionCanceledException
	)
	return errors.As(err, &conflict) || errors.As(err, &canceled) && !dynamo.IsCondCheckFailed(err) &&
		slices.ContainsFunc(canceled.CancellationReasons, isPassing)
}

// isPassing tells whether a transaction was cancelled for what another try may not meet.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
func isPassing(reason types.CancellationReason) bool {
	switch aws.ToString(reason.Code) {
	case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
		return true
	}
	return false
}

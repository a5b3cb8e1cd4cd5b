package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/guregu/dynamo/v2"
)

var (
	// ErrNotFound: no such thing, or the caller may not know of it.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: the caller may know of it, but not do this to it.
	ErrForbidden = errors.New("forbidden")
	// ErrConflict: what is there already contradicts the write.
	ErrConflict = errors.New("conflict")
	// ErrHeld is the ErrConflict of deleting what others belong to with RESTRICT.
	ErrHeld = fmt.Errorf("%w: others belong to it", ErrConflict)
	// ErrUnfinished: the user is deleted, but not all that was theirs. It comes with what
	// was in the way.
	ErrUnfinished = errors.New("the user is deleted, but not all that was theirs, which `ownql sweep` deletes")
)

// A ConflictError is the ErrConflict of a @unique field whose value another has.
type ConflictError struct {
	Field string
}

func (e *ConflictError) Error() string { return "the " + e.Field + " is taken" }

// Is makes e an ErrConflict.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// A ParentError is the ErrNotFound of what a new item is to belong to.
type ParentError struct {
	Field string // of the request, which has the parent's id
}

func (e *ParentError) Error() string { return "the " + e.Field + " is of nothing that can be found" }

// Is makes e an ErrNotFound.
func (e *ParentError) Is(target error) bool { return target == ErrNotFound }

// An InputError refuses a value that the client sent. Message is for the client and
// never repeats the value.
type InputError struct {
	Field   string // of the request; may be empty
	Message string
}

func (e *InputError) Error() string { return e.Message }

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
	if retryables().IsErrorRetryable(err) == aws.TrueTernary {
		return true
	}
	// The SDK does not try again where an address has no name at present.
	if unsent := (*smithyhttp.RequestSendError)(nil); errors.As(err, &unsent) {
		return true
	}
	return slices.ContainsFunc(cancellationReasons(err), isPassing) && !dynamo.IsCondCheckFailed(err)
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

// failedConditions returns the places, in a transaction, of the writes whose
// conditions did not hold.
func failedConditions(err error) (failed []int) {
	for i, reason := range cancellationReasons(err) {
		if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
			failed = append(failed, i)
		}
	}
	return failed
}

// cancellationReasons returns why a transaction was not carried out, a reason for each
// of its writes.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html
func cancellationReasons(err error) []types.CancellationReason {
	if canceled := (*types.TransactionCanceledException)(nil); errors.As(err, &canceled) {
		return canceled.CancellationReasons
	}
	return nil
}

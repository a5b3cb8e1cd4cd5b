package model

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/guregu/dynamo/v2"
)

// A Code is what a client tells errors apart by: `extensions.code` of GraphQL, and `error.code`
// of REST. Package web has the status of HTTP that goes with each.
type Code string

// The codes.
const (
	CodeUnauthenticated Code = "UNAUTHENTICATED"
	CodeForbidden       Code = "FORBIDDEN"
	CodeBadUserInput    Code = "BAD_USER_INPUT"
	CodeNotFound        Code = "NOT_FOUND"
	CodeConflict        Code = "CONFLICT"
	CodeRateLimited     Code = "RATE_LIMITED"
	CodeUnavailable     Code = "UNAVAILABLE"
	CodeTooComplex      Code = "QUERY_TOO_COMPLEX"
	CodeInternal        Code = "INTERNAL_SERVER_ERROR"
)

// An Error is what a client is told of what went wrong. It is made where that arises; of any
// other error a client hears no more than INTERNAL_SERVER_ERROR.
type Error struct {
	Code       Code
	Message    string        // for the client; it never repeats what was sent
	Field      string        // of the input, where it is one field's
	Objects    []string      // global ids of those that are in the way, where the caller may know of them
	RetryAfter time.Duration // where waiting helps
	Status     int           // of HTTP; 0: that of the code
	Kind       error         // what errors.Is takes it for, beside itself; may be nil

	limit *Limit // of @validate, which the value is beyond
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns e's Kind.
func (e *Error) Unwrap() error { return e.Kind }

// BadInput refuses a value of the client's. field is that of the request, and may be empty.
func BadInput(field, message string) *Error {
	return &Error{Code: CodeBadUserInput, Field: field, Message: message}
}

// IsBadInput tells whether err refuses what the client sent.
func IsBadInput(err error) bool {
	var refusal *Error
	return errors.As(err, &refusal) && refusal.Code == CodeBadUserInput
}

var (
	// ErrNotFound: no such thing, or the caller may not know of it.
	ErrNotFound = &Error{Code: CodeNotFound, Message: "there is no such object"}
	// ErrNoParent is the ErrNotFound of what a new item is to belong to; its Field has the id.
	ErrNoParent = &Error{Code: CodeNotFound, Message: "there is no such object to belong to", Kind: ErrNotFound}
	// ErrForbidden: the caller may know of it, but not do this to it.
	ErrForbidden = &Error{Code: CodeForbidden, Message: "you may not do this to the object"}
	// ErrConflict: what is there already contradicts the write.
	ErrConflict = &Error{Code: CodeConflict, Message: "the object has been changed meanwhile: read it again, then decide"}
	// ErrTaken is the ErrConflict of a unique field whose value another has.
	ErrTaken = &Error{Code: CodeConflict, Message: "the value is taken", Kind: ErrConflict}
	// ErrHeld is the ErrConflict of deleting what others belong to with RESTRICT.
	ErrHeld = &Error{Code: CodeConflict, Message: "other objects belong to this one: delete them first", Kind: ErrConflict}
	// ErrUnavailable: the store does not answer at present, see [IsUnavailable].
	ErrUnavailable = &Error{Code: CodeUnavailable, Message: "the store does not answer, try again shortly", RetryAfter: time.Second}
	// ErrFull is the ErrUnavailable of a write that the embedded engine's disk has no room for, see [IsFull].
	ErrFull = &Error{Code: CodeUnavailable, Message: "the server's disk is full: nothing can be changed until whoever runs it has made room; reading goes on",
		RetryAfter: time.Minute, Kind: ErrUnavailable}
)

// taken is ErrTaken of a field, or of several together, of which the error names the first.
func taken(fields ...string) *Error {
	message := "the " + fields[0] + " is taken"
	if len(fields) > 1 {
		message = "there is one with the same " + strings.Join(fields, " and ") + " already"
	}
	return &Error{Code: CodeConflict, Message: message, Field: fields[0], Kind: ErrTaken}
}

// noParent is ErrNoParent of a field.
func noParent(field string) error {
	return &Error{Code: CodeNotFound, Message: ErrNoParent.Message, Field: field, Kind: ErrNoParent}
}

// IsUnavailable tells whether err means that DynamoDB did not answer in time or
// turned the request away for a while (throttling, a 5xx, no connection, another
// transaction on the same item), so that the same request may succeed later.
func IsUnavailable(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || IsFull(err) {
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

// IsFull tells whether err means that the embedded engine's disk is full, and so nothing was written.
func IsFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// isPassing tells whether a transaction was cancelled for what another try may not meet.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
func isPassing(reason types.CancellationReason) bool {
	switch aws.ToString(reason.Code) {
	case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
		return true
	}
	return false
}

// isAmidOther tells whether a transaction was cancelled because another was at one of its items.
func isAmidOther(err error) bool {
	return slices.ContainsFunc(cancellationReasons(err), func(reason types.CancellationReason) bool {
		return aws.ToString(reason.Code) == "TransactionConflict"
	})
}

// FailedConditions returns the places, in a transaction, of the writes whose
// conditions did not hold.
func FailedConditions(err error) (failed []int) {
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

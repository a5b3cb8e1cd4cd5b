package model

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A doubtfulError is the failure of a write's condition where the SDK had tried the
// write before, and got no answer: then it may be that very write, carried out, which
// made its condition fail. (A transaction has a token instead, by which DynamoDB knows
// it again.)
type doubtfulError struct{ error }

func (e *doubtfulError) Unwrap() error { return e.error }

// IsDoubtful tells whether the condition of a write failed that may have been carried out before,
// without an answer.
func IsDoubtful(err error) bool {
	doubtful := (*doubtfulError)(nil)
	return errors.As(err, &doubtful)
}

// markDoubtful has a client's calls return doubtfulErrors.
func markDoubtful(stack *middleware.Stack) error {
	mark := func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleFinalize(ctx, in)
		if failed := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &failed) {
			if tries, _ := retry.GetAttemptResults(metadata); slices.ContainsFunc(tries.Results, isUnanswered) {
				err = &doubtfulError{err}
			}
		}
		return out, metadata, err
	}
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("MarkDoubtful", mark), "Retry", middleware.Before)
}

// isUnanswered tells whether a try may have been carried out, though it failed: whether
// DynamoDB did not say that the request was at fault, or came too soon.
func isUnanswered(try retry.AttemptResult) bool {
	response := (*smithyhttp.ResponseError)(nil)
	return try.Err != nil && (!errors.As(try.Err, &response) || response.HTTPStatusCode() != http.StatusBadRequest)
}

// settle settles a doubtful write of the item: is is called with the item as it is now,
// nil where it is gone, and tells whether the write has been carried out.
func (m *core) settle(ctx context.Context, id string, is func(anyItem) bool) (bool, error) {
	found, err := m.read(ctx, []string{id})
	return err == nil && is(found[id]), err
}

// isUpdate tells whether the item is what the update was to make of it.
func (m *core) isUpdate(is, after anyItem) bool {
	if is == nil {
		return false
	}
	got, want := is.base(), after.base()
	return got.Version == want.Version && got.UpdatedAt.Time().Equal(want.UpdatedAt.Time())
}

func (m *core) isGone(is anyItem) bool { return is == nil }

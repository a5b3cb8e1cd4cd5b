package store

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// What DynamoDB takes: bytes of a hash key and of a sort key, and the sizes of a number
// that is not 0.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxKeySize     = 2048
	maxSortKeySize = 1024
	leastNumber    = 1e-130
	greatestNumber = 9.9999999999999999e125
)

// isBeyondLimits tells whether err is DynamoDB's refusal of an item over 400 KB, or of
// a key or a number beyond its limits, by the words of such messages.
func isBeyondLimits(err error) bool {
	var (
		canceled *types.TransactionCanceledException
		refusal  smithy.APIError
	)
	switch {
	case errors.As(err, &canceled):
		return slices.ContainsFunc(canceled.CancellationReasons, func(reason types.CancellationReason) bool {
			return aws.ToString(reason.Code) == "ValidationError" && speaksOfLimits(aws.ToString(reason.Message))
		})
	case errors.As(err, &refusal):
		return refusal.ErrorCode() == "ValidationException" && speaksOfLimits(refusal.ErrorMessage())
	}
	return false
}

func speaksOfLimits(message string) bool {
	return strings.Contains(message, "exceeded") ||
		strings.Contains(message, "Number overflow") || strings.Contains(message, "Number underflow")
}

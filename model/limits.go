package model

import (
	"errors"
	"math"
	"strconv"
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
	maxNumberSize  = 160 // bytes of a number's text, written out
	leastNumber    = 1e-130
	greatestNumber = 9.9999999999999999e125
)

// isKey tells whether DynamoDB takes the value as a key of at most that many bytes.
func isKey(value types.AttributeValue, maxSize int) bool {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value != "" && len(value.Value) <= maxSize
	case *types.AttributeValueMemberN:
		n, err := strconv.ParseFloat(value.Value, 64)
		size := math.Abs(n)
		return err == nil && (n == 0 || leastNumber <= size && size <= greatestNumber)
	}
	return false
}

// isBeyondLimits tells whether err is DynamoDB's refusal of an item over 400 KB, or of
// a key or a number beyond its limits, by the words of such messages.
func isBeyondLimits(err error) bool {
	for _, reason := range cancellationReasons(err) {
		if aws.ToString(reason.Code) == "ValidationError" && speaksOfLimits(aws.ToString(reason.Message)) {
			return true
		}
	}
	refusal := smithy.APIError(nil)
	return errors.As(err, &refusal) && refusal.ErrorCode() == "ValidationException" && speaksOfLimits(refusal.ErrorMessage())
}

func speaksOfLimits(message string) bool {
	return strings.Contains(message, "exceeded") ||
		strings.Contains(message, "Number overflow") || strings.Contains(message, "Number underflow")
}

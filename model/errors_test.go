package model_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ownql/ownql/model"
)

func TestIsUnavailable(t *testing.T) {
	canceled := func(codes ...string) error {
		err := &types.TransactionCanceledException{}
		for _, code := range codes {
			err.CancellationReasons = append(err.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
		}
		return err
	}
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"throttled", &types.ProvisionedThroughputExceededException{}, true},
		{"over the account's limit", &types.RequestLimitExceeded{}, true},
		{"no answer in time", context.DeadlineExceeded, true},
		{"an item in another transaction", &types.TransactionConflictException{}, true},
		{"a transaction in another's way", canceled("None", "TransactionConflict"), true},
		{"a throttled transaction", canceled("ThrottlingError"), true},
		{"a transaction that contradicts what is there", canceled("ConditionalCheckFailed", "TransactionConflict"), false},
		{"a transaction that is wrong", canceled("ValidationError", "None"), false},
		{"an answer that was cut off", &smithy.DeserializationError{Err: io.ErrUnexpectedEOF}, true},
		{"no name for its address", &smithyhttp.RequestSendError{Err: &net.DNSError{IsNotFound: true}}, true},
		{"no such table", &types.ResourceNotFoundException{}, false},
		{"a condition that does not hold", &types.ConditionalCheckFailedException{}, false},
		{"a full disk", fmt.Errorf("PutItem: %w", syscall.ENOSPC), true},
		{"the client has gone", context.Canceled, false},
		{"a bug", errors.New("bug"), false},
		{"none", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := model.IsUnavailable(test.err); got != test.want {
				t.Errorf("%v", got)
			}
			if got := model.IsUnavailable(fmt.Errorf("read user: %w", test.err)); got != test.want {
				t.Errorf("%v, wrapped", got)
			}
		})
	}
}

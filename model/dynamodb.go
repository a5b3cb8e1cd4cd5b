package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/guregu/dynamo/v2"
)

const (
	dynamoDBAttempts   = 6
	dynamoDBMinBackoff = 50 * time.Millisecond // before the second try
	dynamoDBMaxBackoff = time.Second
	dynamoDBTryTimeout = 3 * time.Second // so that a request's deadline has room for three
	dynamoDBIdleConns  = 1024
)

// NewDynamoDB returns the SDK's client, by the SDK's own variables (AWS_REGION,
// AWS_ENDPOINT_URL_DYNAMODB, …). It tries throttled and conflicting requests, and those
// whose answer was lost, six times, without the SDK's rate limit of its own, which would
// give up long before.
func NewDynamoDB(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().
			WithTimeout(dynamoDBTryTimeout).
			WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConns = dynamoDBIdleConns
				t.MaxIdleConnsPerHost = dynamoDBIdleConns
			})),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Retryables = retryables()
				o.MaxAttempts = dynamoDBAttempts
				o.Backoff = retry.BackoffDelayerFunc(backoff)
				o.RateLimiter = ratelimit.None
			}, dynamo.RetryTxConflicts)
		}),
		awsconfig.WithLogger(logging.LoggerFunc(noteRemark)),
	)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no region, set AWS_REGION")
	}
	return dynamodb.NewFromConfig(cfg, dynamodb.WithAPIOptions(markDoubtful)), nil
}

// noteRemark takes what the SDK remarks, such as that it could not read an answer to its end: of a scan that ends because one beside
// it has failed. It is nothing to warn of: what matters is an error of the call's.
func noteRemark(_ logging.Classification, format string, of ...any) {
	slog.Debug("AWS SDK", "remark", fmt.Sprintf(format, of...))
}

// retryables tell which errors another try may not meet: those that the SDK knows, a
// transaction at the same item, and an answer that was cut off.
func retryables() retry.IsErrorRetryables {
	return append(retry.IsErrorRetryables{}, append(retry.DefaultRetryables,
		retry.RetryableErrorCode{Codes: map[string]struct{}{"TransactionConflictException": {}}},
		retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if unread := (*smithy.DeserializationError)(nil); errors.As(err, &unread) {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}),
	)...)
}

// backoff returns how long to wait after that many tries: up to dynamoDBMinBackoff, then
// three times as long each time, and at least half of that. So one fault is hardly felt,
// and the six tries reach over the second for which DynamoDB counts what it throttles.
// The SDK's own backoff would wait dynamoDBMaxBackoff each time, to the millisecond.
func backoff(tries int, _ error) (time.Duration, error) {
	longest := dynamoDBMinBackoff
	for range tries - 1 {
		longest = min(3*longest, dynamoDBMaxBackoff)
	}
	return longest/2 + rand.N(longest/2), nil
}

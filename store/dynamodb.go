package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"
)

const (
	dynamoDBAttempts   = 6
	dynamoDBMaxBackoff = time.Second
	dynamoDBTryTimeout = 5 * time.Second
	dynamoDBIdleConns  = 1024
)

// NewDynamoDB returns the SDK's client, by the SDK's own variables (AWS_REGION,
// AWS_ENDPOINT_URL_DYNAMODB, …). It tries throttled and conflicting requests six
// times, without the SDK's rate limit of its own, which would give up long before.
func NewDynamoDB(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().
			WithTimeout(dynamoDBTryTimeout).
			WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConns = dynamoDBIdleConns
				t.MaxIdleConnsPerHost = dynamoDBIdleConns
			})),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(dynamo.RetryTxConflicts, func(o *retry.StandardOptions) {
				o.Retryables = append(o.Retryables, retry.RetryableErrorCode{
					Codes: map[string]struct{}{"TransactionConflictException": {}},
				})
				o.MaxAttempts = dynamoDBAttempts
				o.MaxBackoff = dynamoDBMaxBackoff
				o.RateLimiter = ratelimit.None
			})
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no region, set AWS_REGION")
	}
	return dynamodb.NewFromConfig(cfg), nil
}

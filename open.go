package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/store"
)

// storeFlags say where the data is; every command has them.
type storeFlags struct {
	Store       string `env:"OWNQL_STORE" default:"./data" placeholder:"DIR|dynamodb" help:"A directory for the embedded engine, or 'dynamodb' for AWS and what speaks like it (${env}, default ${default})."`
	TablePrefix string `env:"OWNQL_TABLE_PREFIX" placeholder:"TEXT" help:"Begins every table's name (${env})."`
}

const storeDynamoDB = "dynamodb"

func (f *storeFlags) isEmbedded() bool { return f.Store != storeDynamoDB }

// Validate is called by kong.
func (f *storeFlags) Validate() error {
	if f.Store == "" {
		return fmt.Errorf("--store %q: want a directory, or %q", f.Store, storeDynamoDB)
	}
	notInName := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r)
	}
	if len(f.TablePrefix) > 200 || strings.ContainsFunc(f.TablePrefix, notInName) {
		return fmt.Errorf("--table-prefix %q: want at most 200 letters, digits, '_', '.' and '-'", f.TablePrefix)
	}
	return nil
}

// open opens the store; close it when done with it.
func (f *storeFlags) open(ctx context.Context) (s *store.Store, closeStore func() error, err error) {
	if f.isEmbedded() {
		engine, err := dynamolocal.Open(f.Store)
		if err != nil {
			return nil, nil, fmt.Errorf("--store %s: %w", f.Store, err)
		}
		return store.New(engine, f.TablePrefix), engine.Close, nil
	}
	client, err := newDynamoDB(ctx)
	if err != nil {
		return nil, nil, err
	}
	return store.New(client, f.TablePrefix), func() error { return nil }, nil
}

const (
	dynamoDBAttempts   = 6
	dynamoDBMaxBackoff = time.Second
	dynamoDBTryTimeout = 5 * time.Second
	dynamoDBIdleConns  = 1024
)

// newDynamoDB returns the SDK's client, by the SDK's own variables (AWS_REGION,
// AWS_ENDPOINT_URL_DYNAMODB, …). It tries throttled and conflicting requests six
// times, without the SDK's rate limit of its own, which would give up long before.
func newDynamoDB(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx,
		awsconfig.WithHTTPClient(awshttp.NewBuildableClient().
			WithTimeout(dynamoDBTryTimeout).
			WithTransportOptions(func(t *http.Transport) {
				t.MaxIdleConns = dynamoDBIdleConns
				t.MaxIdleConnsPerHost = dynamoDBIdleConns
			})),
		awsconfig.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(dynamo.RetryTxConflicts, func(o *retry.StandardOptions) {
				o.MaxAttempts = dynamoDBAttempts
				o.MaxBackoff = dynamoDBMaxBackoff
				o.RateLimiter = ratelimit.None
			})
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("--store dynamodb: load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("--store dynamodb: no region, set AWS_REGION")
	}
	return dynamodb.NewFromConfig(cfg), nil
}

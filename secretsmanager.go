package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// secretTimeout bounds how long the start waits for its secret, retries included. Lambda
// gives a start 10 s. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
const secretTimeout = 8 * time.Second

// withStoredSecret returns getenv with what OWNQL_SECRET_ARN names, a secret of AWS Secrets
// Manager, in the place of OWNQL_SECRET; or of OWNQL_JWKS, where it begins as a JSON Web Key
// Set does. Without that variable it returns getenv. The secret is read once, here: another
// value counts from the next start.
func withStoredSecret(ctx context.Context, getenv func(string) string) (func(string) string, error) {
	name := getenv("OWNQL_SECRET_ARN")
	if name == "" {
		return getenv, nil
	}
	for _, other := range []string{"OWNQL_SECRET", "OWNQL_JWKS"} {
		if getenv(other) != "" {
			return nil, fmt.Errorf("%s and OWNQL_SECRET_ARN are both set: want one of the two", other)
		}
	}
	value, err := readStoredSecret(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("OWNQL_SECRET_ARN %s: %w", name, err)
	}
	variable := "OWNQL_SECRET"
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		variable = "OWNQL_JWKS"
	}
	return func(name string) string {
		if name == variable {
			return value
		}
		return getenv(name)
	}, nil
}

// readStoredSecret returns the current value of the secret with that ARN, from the region
// that the ARN names.
func readStoredSecret(ctx context.Context, name string) (string, error) {
	parsed, err := arn.Parse(name)
	if err != nil || parsed.Service != "secretsmanager" || parsed.Region == "" {
		return "", errors.New("want the ARN of a secret, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
	}
	ctx, cancel := context.WithTimeout(ctx, secretTimeout)
	defer cancel()
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(parsed.Region))
	if err != nil {
		return "", fmt.Errorf("load the AWS configuration: %w", err)
	}
	out, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return "", err
	}
	if out.SecretString == nil {
		return string(out.SecretBinary), nil
	}
	return aws.ToString(out.SecretString), nil
}

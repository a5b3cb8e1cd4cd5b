package command

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

// withStoredSecrets returns getenv with what two variables name, secrets of AWS Secrets
// Manager: OWNQL_SMTP_URL_ARN in the place of OWNQL_SMTP_URL, and OWNQL_SECRET_ARN in that of
// OWNQL_SECRET; or of OWNQL_JWKS, where it begins as a JSON Web Key Set does. The secrets are
// read once, here: another value counts from the next start.
func withStoredSecrets(ctx context.Context, getenv func(string) string) (func(string) string, error) {
	stored := map[string]string{}
	for variable, others := range map[string][]string{
		"OWNQL_SECRET_ARN":   {"OWNQL_SECRET", "OWNQL_JWKS"},
		"OWNQL_SMTP_URL_ARN": {"OWNQL_SMTP_URL"},
	} {
		name := getenv(variable)
		if name == "" {
			continue
		}
		for _, other := range others {
			if getenv(other) != "" {
				return nil, fmt.Errorf("%s and %s are both set: want one of the two", other, variable)
			}
		}
		value, err := readStoredSecret(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", variable, name, err)
		}
		switch {
		case variable == "OWNQL_SMTP_URL_ARN":
			stored["OWNQL_SMTP_URL"] = strings.TrimSpace(value) // a file's line, mostly
		case strings.HasPrefix(strings.TrimSpace(value), "{"):
			stored["OWNQL_JWKS"] = value
		default:
			stored["OWNQL_SECRET"] = value
		}
	}
	return func(name string) string {
		if value, ok := stored[name]; ok {
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

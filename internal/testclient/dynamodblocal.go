//go:build dynamodblocal

package testclient

import (
	"os"
	"testing"

	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// Cases is how many cases a test tries that makes them up.
const Cases = 100

// Open returns a client of the DynamoDB Local at AWS_ENDPOINT_URL_DYNAMODB.
func Open(t testing.TB, connect Connect) dynamodbiface.DynamoDBAPI {
	t.Helper()
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		t.Fatal("AWS_ENDPOINT_URL_DYNAMODB is not set: start DynamoDB Local and name it there")
	}
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	client, err := connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

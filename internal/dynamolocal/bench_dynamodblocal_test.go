//go:build dynamodblocal

package dynamolocal

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func BenchmarkDynamoDBLocal(b *testing.B) {
	client := dynamoDBLocal(b)
	deleteTables(b, client)
	// under load it cuts some of its answers short
	retrying := dynamodb.New(client.Options(), func(o *dynamodb.Options) { o.Retryer = retry.NewStandard() })
	benchmarkBackend(b, retrying)
}

//go:build dynamodblocal

package dynamolocal

import "testing"

func BenchmarkDynamoDBLocal(b *testing.B) {
	client := dynamoDBLocal(b)
	deleteTables(b, client)
	benchmarkBackend(b, client)
}

//go:build dynamodblocal

package dynamolocal

import (
	"os"
	"testing"
)

// TestStreamSuiteDynamoDBLocal holds the answers of the suite of streams against the judge.
func TestStreamSuiteDynamoDBLocal(t *testing.T) {
	client := dynamoDBLocal(t)
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	for _, file := range suiteFiles(t, "testdata/streams") {
		t.Run(file.name, func(t *testing.T) {
			deleteTables(t, client)
			if *recordFlag {
				p := &streamPlay{endpoint: endpoint, seen: map[string][]string{}}
				file.record(t, func(text string) string { return p.request(t, text) })
			} else {
				file.runStreams(t, endpoint, true)
			}
		})
	}
	deleteTables(t, client)
}

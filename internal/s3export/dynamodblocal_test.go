//go:build dynamodblocal

package s3export

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestRoundTripByDynamoDBLocal takes items out of an engine, into DynamoDB Local, out of
// that, and into another engine.
func TestRoundTripByDynamoDBLocal(t *testing.T) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		t.Fatal("AWS_ENDPOINT_URL_DYNAMODB is not set: start DynamoDB Local (-inMemory) and give its address")
	}
	// DynamoDB Local keeps the tables of one key apart from those of another.
	local := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("s3export", "s3export", ""),
	})
	from, to := openEngine(t), openEngine(t)
	want := fill(t, from)
	createTable(t, local)
	defer local.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(table)})
	createTable(t, to)

	if err := writeAndOpen(t, from).WriteTo(t.Context(), local, table, quiet); err != nil {
		t.Fatal(err)
	}
	wantItems(t, local, want)
	if err := writeAndOpen(t, local).WriteTo(t.Context(), to, table, quiet); err != nil {
		t.Fatal(err)
	}
	wantItems(t, to, want)
}

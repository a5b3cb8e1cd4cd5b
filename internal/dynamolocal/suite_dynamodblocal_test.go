//go:build dynamodblocal

package dynamolocal

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

var recordFlag = flag.Bool("update", false, "write DynamoDB Local's answers into testdata/suite")

// TestSuiteDynamoDBLocal holds the suite's answers against the judge.
func TestSuiteDynamoDBLocal(t *testing.T) {
	client := dynamoDBLocal(t)
	for _, file := range suiteFiles(t, "testdata/suite") {
		t.Run(file.name, func(t *testing.T) {
			deleteTables(t, client)
			if *recordFlag {
				file.record(t, func(text string) string { return request(t, client, text) })
			} else {
				file.run(t, client, true)
			}
		})
	}
	deleteTables(t, client)
}

// TestToolsDynamoDBLocal holds the answers that tools need against the judge.
func TestToolsDynamoDBLocal(t *testing.T) {
	client := dynamoDBLocal(t)
	for _, file := range suiteFiles(t, "testdata/tools") {
		t.Run(file.name, func(t *testing.T) {
			deleteTables(t, client)
			file.play(t, true, func() string { return os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") })
		})
	}
	deleteTables(t, client)
}

// TestRequestsDynamoDBLocal holds the answers to what the SDK's client cannot send against the judge.
func TestRequestsDynamoDBLocal(t *testing.T) {
	client := dynamoDBLocal(t)
	for _, file := range suiteFiles(t, "testdata/requests") {
		t.Run(file.name, func(t *testing.T) {
			deleteTables(t, client)
			url := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
			if *recordFlag {
				file.record(t, func(text string) string { return send(t, url, text) })
			} else {
				file.send(t, url, true)
			}
		})
	}
	deleteTables(t, client)
}

func dynamoDBLocal(t testing.TB) *dynamodb.Client {
	t.Helper()
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		t.Fatal("AWS_ENDPOINT_URL_DYNAMODB is not set: start DynamoDB Local (-inMemory) and give its address")
	}
	return newClient(endpoint)
}

func deleteTables(t testing.TB, client *dynamodb.Client) {
	t.Helper()
	for {
		out, err := client.ListTables(context.Background(), &dynamodb.ListTablesInput{})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.TableNames) == 0 {
			return
		}
		for _, name := range out.TableNames {
			if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// record writes the file anew with the judge's answers. A case that has its own answer for
// DynamoDB Local keeps the engine's.
func (f *suiteFile) record(t *testing.T, judge func(request string) string) {
	var b strings.Builder
	texts := readLocalTexts(t)
	for _, c := range f.cases {
		got := judge(c.text())
		if c.wantLocal == "" && texts.same(c.want, got) {
			got = c.want
		}
		for _, line := range append(c.comment, c.request...) {
			b.WriteString(line + "\n")
		}
		if c.wantLocal == "" || c.want == got {
			b.WriteString("< " + got + "\n")
		} else {
			b.WriteString("< " + c.want + "\n<local " + got + "\n")
		}
	}
	if err := os.WriteFile(f.path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

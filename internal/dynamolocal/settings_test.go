package dynamolocal

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

func describeItems(t testing.TB, db *DB) *types.TableDescription {
	t.Helper()
	out, err := db.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("items")})
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

// TestWarmThroughput shows what DynamoDB Local never tells: a table, and each index of it, can do at
// least what its billing mode gives it.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
func TestWarmThroughput(t *testing.T) {
	db := openTemp(t)
	const keys = `"TableName":"items","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]`
	const index = `"IndexName":"again","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}`
	for _, test := range []struct {
		name, request string
		table, index  [2]int64
	}{
		{"on demand", `CreateTable {` + keys + `,"BillingMode":"PAY_PER_REQUEST","GlobalSecondaryIndexes":[{` + index + `}]}`,
			[2]int64{12000, 4000}, [2]int64{12000, 4000}},
		{"the index warmer", `UpdateTable {"TableName":"items","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"again","WarmThroughput":{"ReadUnitsPerSecond":12001}}}]}`,
			[2]int64{12000, 4000}, [2]int64{12001, 4000}},
		{"the table warmer", `UpdateTable {"TableName":"items","WarmThroughput":{"WriteUnitsPerSecond":4001}}`,
			[2]int64{12000, 4001}, [2]int64{12001, 4000}},
		{"provisioned, as warm as it was", `UpdateTable {"TableName":"items","BillingMode":"PROVISIONED","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6},
			"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"again","ProvisionedThroughput":{"ReadCapacityUnits":7,"WriteCapacityUnits":8}}}]}`,
			[2]int64{5, 4001}, [2]int64{12001, 8}},
		{"deleted", `DeleteTable {"TableName":"items"}`, [2]int64{5, 4001}, [2]int64{12001, 8}},
		{"new, provisioned", `CreateTable {` + keys + `,"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"WarmThroughput":{"ReadUnitsPerSecond":10},
			"GlobalSecondaryIndexes":[{` + index + `,"ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},"WarmThroughput":{"WriteUnitsPerSecond":40}}]}`,
			[2]int64{10, 2}, [2]int64{3, 40}},
	} {
		must(t, db, "%s", test.request)
		if strings.HasPrefix(test.request, "DeleteTable") {
			continue
		}
		d := describeItems(t, db)
		table, index := d.WarmThroughput, d.GlobalSecondaryIndexes[0].WarmThroughput
		got := [2][2]int64{{*table.ReadUnitsPerSecond, *table.WriteUnitsPerSecond}, {*index.ReadUnitsPerSecond, *index.WriteUnitsPerSecond}}
		if diff := cmp.Diff([2][2]int64{test.table, test.index}, got); diff != "" {
			t.Errorf("%s: the table's and the index's (-want +got)\n%s", test.name, diff)
		}
		if table.Status != types.TableStatusActive || index.Status != types.IndexStatusActive {
			t.Errorf("%s: the status is %s, %s", test.name, table.Status, index.Status)
		}
	}
}

// TestStreamLabels shows that a stream that is disabled is told of, and that the next one has a later
// label, however soon it follows.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html#Streams.Enabling
func TestStreamLabels(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	if d := describeItems(t, db); d.LatestStreamArn != nil || d.LatestStreamLabel != nil {
		t.Errorf("a table without a stream has %v, %v", d.LatestStreamArn, d.LatestStreamLabel)
	}
	last := ""
	for range 5 {
		must(t, db, `UpdateTable {"TableName":"items","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
		label := *describeItems(t, db).LatestStreamLabel
		if _, err := time.Parse("2006-01-02T15:04:05.000", label); err != nil || label <= last {
			t.Errorf("label %s after %s: %v", label, last, err)
		}
		last = label
		must(t, db, `UpdateTable {"TableName":"items","StreamSpecification":{"StreamEnabled":false}}`)
		d := describeItems(t, db)
		if want := arnPrefix + "items/stream/" + label; d.StreamSpecification != nil || aws.ToString(d.LatestStreamArn) != want {
			t.Errorf("disabled: %v, %s; want no specification, %s", d.StreamSpecification, aws.ToString(d.LatestStreamArn), want)
		}
	}
}

// TestPolicyRevisions shows when a policy is another: DynamoDB Local has none, and the suite leaves
// the revisions out.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
func TestPolicyRevisions(t *testing.T) {
	ctx := context.Background()
	db := openTemp(t)
	createItems(t, db)
	arn := aws.String(arnPrefix + "items")
	put := func(policy string, expected *string) string {
		t.Helper()
		out, err := db.PutResourcePolicy(ctx, &dynamodb.PutResourcePolicyInput{ResourceArn: arn, Policy: &policy, ExpectedRevisionId: expected})
		if err != nil {
			return printError(err)
		}
		return *out.RevisionId
	}
	const (
		read  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*"}]}`
		same  = `{ "Statement": [ {"Resource":"*", "Action":"dynamodb:GetItem", "Principal":"*", "Effect":"Allow"} ], "Version":"2012-10-17" }`
		write = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"dynamodb:PutItem","Resource":"*"}]}`
	)
	first := put(read, aws.String(noPolicy))
	if again := put(same, nil); again != first {
		t.Errorf("the same but for spaces and order is %s; want %s", again, first)
	}
	second := put(write, &first)
	if third := put(read, nil); len(first) != 13 || second <= first || third <= second {
		t.Errorf("revisions %s, %s, %s", first, second, third)
	} else if got, want := put(write, &second), "PolicyNotFoundException: Resource-based policy not found for the provided ResourceArn: "+
		"Requested update for policy with revision id "+second+", but the policy associated to target table items has revision id "+third+"."; got != want {
		t.Errorf("an old revision expected: %s; want %s", got, want)
	}
	if got := put(write, aws.String(noPolicy)); !strings.HasPrefix(got, "PolicyNotFoundException: ") {
		t.Errorf("none expected where there is one: %s", got)
	}
	out, err := db.GetResourcePolicy(ctx, &dynamodb.GetResourcePolicyInput{ResourceArn: arn})
	if err != nil || *out.Policy != read {
		t.Errorf("the policy is %v, %v; want %s", out, err, read)
	}
	deleted, err := db.DeleteResourcePolicy(ctx, &dynamodb.DeleteResourcePolicyInput{ResourceArn: arn, ExpectedRevisionId: out.RevisionId})
	if err != nil || *deleted.RevisionId != *out.RevisionId {
		t.Errorf("deleted %v, %v; want revision %s", deleted, err, *out.RevisionId)
	}
}

// TestDescribeEndpoints shows that a client is sent to where it is already.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
func TestDescribeEndpoints(t *testing.T) {
	db := openTemp(t)
	if got, want := request(t, db, `> DescribeEndpoints {}`), `{"Endpoints":[{"Address":"localhost","CachePeriodInMinutes":1440}]}`; got != want {
		t.Errorf("typed: %s; want %s", got, want)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8123/", strings.NewReader(`{}`))
	r.Header.Set("X-Amz-Target", targetPrefix+"DescribeEndpoints")
	w := httptest.NewRecorder()
	db.Handler().ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	if got, want := string(body), `{"Endpoints":[{"Address":"127.0.0.1:8123","CachePeriodInMinutes":1440}]}`; got != want {
		t.Errorf("over HTTP: %s; want %s", got, want)
	}
}

// TestOldDefinition opens a table as it was kept before there were settings, tags and policies.
func TestOldDefinition(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	putItems(t, db, 3)
	const old = `{"Name":"items","ID":"00112233445566778899aabbccddeeff","CreatedAt":"2026-01-02T03:04:05.678Z","AttributeTypes":{"id":"S"},
		"Key":{"Hash":["id"]},"BillingMode":"PAY_PER_REQUEST","Throughput":{"Read":0,"Write":0},"OnDemandSince":"2026-01-02T03:04:05.678Z"}`
	err := db.update(context.Background(), func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(tablePrefix+"items")).Put(definitionKey, []byte(old))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ request, want string }{
		{`Scan {"TableName":"items","Select":"COUNT"}`, `{"Count":3,"ScannedCount":3}`},
		{`DescribeTable {"TableName":"items"}`, `{"Table":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},` +
			`"DeletionProtectionEnabled":false,"ItemCount":3,"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},` +
			`"TableArn":"arn:aws:dynamodb:ddblocal:000000000000:table/items","TableName":"items","TableSizeBytes":47,"TableStatus":"ACTIVE"}}`},
		{`ListTagsOfResource {"ResourceArn":"arn:aws:dynamodb:ddblocal:000000000000:table/items"}`, `{"Tags":[]}`},
		{`DescribeContinuousBackups {"TableName":"items"}`, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`},
		{`UpdateTable {"TableName":"items","TableClass":"STANDARD_INFREQUENT_ACCESS"}`, `{"TableDescription":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],` +
			`"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"DeletionProtectionEnabled":false,"ItemCount":3,"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],` +
			`"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},"TableArn":"arn:aws:dynamodb:ddblocal:000000000000:table/items",` +
			`"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"},"TableName":"items","TableSizeBytes":47,"TableStatus":"ACTIVE"}}`},
	} {
		if got := request(t, db, "> "+test.request); got != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.request, got, test.want)
		}
	}
}

// TestCheckKnowsTagsAndPolicies shows that a file that has them is whole, also once their table is gone.
func TestCheckKnowsTagsAndPolicies(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	var tags []types.Tag
	for i := range maxTags {
		tags = append(tags, types.Tag{Key: aws.String(strings.Repeat("k", i+1)), Value: aws.String(strings.Repeat("v", maxTagValue))})
	}
	_, err := db.TagResource(context.Background(), &dynamodb.TagResourceInput{ResourceArn: aws.String(arnPrefix + "items"), Tags: tags})
	if err != nil {
		t.Fatal(err)
	}
	must(t, db, `PutResourcePolicy {"ResourceArn":"%sitems","Policy":"{\"Statement\":[{\"Sid\":\"%s\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"dynamodb:GetItem\",\"Resource\":\"*\"}]}"}`,
		arnPrefix, strings.Repeat("x", maxPolicySize/2))
	for _, what := range []string{"with them", "without their table"} {
		report, err := db.Check(context.Background())
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("%s: %v, %v", what, report, err)
		}
		if what == "with them" {
			must(t, db, `DeleteTable {"TableName":"items"}`)
		}
	}
	err = db.view(context.Background(), func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if strings.HasSuffix(string(name), "/items") {
				t.Errorf("the bucket %s outlives its table", name)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

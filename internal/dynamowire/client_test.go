package dynamowire

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/dynamolocal"
)

const table = "things"

// newClients returns a Client of the embedded engine, over HTTP, and the SDK's own. around may answer in the engine's place.
func newClients(t *testing.T, around func(engine http.Handler) http.Handler) (*Client, *dynamodb.Client) {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	handler := engine.Handler()
	if around != nil {
		handler = around(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	sdk := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "session"),
		HTTPClient: server.Client(),
	})
	if _, err := engine.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("of"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("of"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("id"), KeyType: types.KeyTypeRange}},
	}); err != nil {
		t.Fatal(err)
	}
	client, ok := New(t.Context(), sdk).(*Client)
	if !ok {
		t.Fatal("New has returned the SDK's client")
	}
	return client, sdk
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int) types.AttributeValue  { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }

func key(of string, id int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"of": text(of), "id": number(id)}
}

var someTexts = []string{"", "a", "déjà vu", "\"quoted\" and \\", "new\nline\ttab\x01", "\u2028 <&>", "😀", strings.Repeat("long ", 2000)}

// someValue returns a value of any type.
func someValue(r *rand.Rand, depth int) types.AttributeValue {
	pick := func() string { return someTexts[r.IntN(len(someTexts))] }
	kinds := 10
	if depth == 0 {
		kinds = 8
	}
	switch r.IntN(kinds) {
	case 0, 1:
		return text(pick())
	case 2:
		return &types.AttributeValueMemberN{Value: []string{"0", "-1.5", "12345678901234567890123456789012345678", "1E-130"}[r.IntN(4)]}
	case 3:
		return &types.AttributeValueMemberB{Value: []byte(pick() + "\xff\x00")}
	case 4:
		return &types.AttributeValueMemberBOOL{Value: r.IntN(2) == 0}
	case 5:
		return &types.AttributeValueMemberNULL{Value: true}
	case 6:
		return &types.AttributeValueMemberSS{Value: []string{"x", pick() + "y"}}
	case 7:
		if r.IntN(2) == 0 {
			return &types.AttributeValueMemberBS{Value: [][]byte{{1, 2}, {255}}}
		}
		return &types.AttributeValueMemberNS{Value: []string{"1", "2.5"}}
	case 8:
		list := []types.AttributeValue{}
		for range r.IntN(3) {
			list = append(list, someValue(r, depth-1))
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	return &types.AttributeValueMemberM{Value: someItem(r, depth-1)}
}

func someItem(r *rand.Rand, depth int) map[string]types.AttributeValue {
	item := map[string]types.AttributeValue{}
	for range r.IntN(5) {
		item[[]string{"name", "größe", "a\"b", "x"}[r.IntN(4)]] = someValue(r, depth)
	}
	return item
}

// same are what two answers are compared by: all but how they came.
var same = cmp.Options{
	cmpopts.IgnoreFields(dynamodb.GetItemOutput{}, "ResultMetadata"), cmpopts.IgnoreFields(dynamodb.BatchGetItemOutput{}, "ResultMetadata"),
	cmpopts.IgnoreFields(dynamodb.QueryOutput{}, "ResultMetadata"),
	cmpopts.IgnoreUnexported(dynamodb.GetItemOutput{}, dynamodb.BatchGetItemOutput{}, dynamodb.QueryOutput{}, types.ConsumedCapacity{}, types.KeysAndAttributes{},
		types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{},
		types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{}, types.AttributeValueMemberL{}, types.AttributeValueMemberM{}),
	// BatchGetItem answers in no order.
	cmpopts.SortSlices(func(a, b map[string]types.AttributeValue) bool {
		return fmt.Sprint(sortKey(a)) < fmt.Sprint(sortKey(b))
	}),
	cmpopts.SortSlices(func(a, b types.ConsumedCapacity) bool { return *a.TableName < *b.TableName }),
}

func sortKey(item map[string]types.AttributeValue) string {
	if id, ok := item["id"].(*types.AttributeValueMemberN); ok {
		return id.Value
	}
	return ""
}

// counted is the SDK's client, and how often it was asked.
type counted struct {
	dynamodbiface.DynamoDBAPI
	asked int
}

func (c *counted) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.asked++
	return c.DynamoDBAPI.GetItem(ctx, in, options...)
}

func (c *counted) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	c.asked++
	return c.DynamoDBAPI.BatchGetItem(ctx, in, options...)
}

func (c *counted) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.asked++
	return c.DynamoDBAPI.Query(ctx, in, options...)
}

// TestReads: what a Client reads, by every option, is what the SDK reads, and it asks the SDK for none of it, but for a
// connection that is lost.
func TestReads(t *testing.T) {
	client, sdk := newClients(t, nil)
	asked := &counted{DynamoDBAPI: sdk}
	client.DynamoDBAPI = asked
	r := rand.New(rand.NewPCG(15, 1))
	for id := range 60 {
		item := someItem(r, 3)
		item["of"], item["id"], item["name"] = text("some"), number(id), text(someTexts[id%len(someTexts)])
		if _, err := sdk.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	wantSame := func(name string, got any, err error, want any, wantErr error) {
		t.Helper()
		client.resting.Store(0)
		if err != nil || wantErr != nil {
			t.Fatalf("%s: %v, %v", name, err, wantErr)
		}
		if diff := cmp.Diff(want, got, same); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	for id := range 61 { // the last is not there
		for _, in := range []*dynamodb.GetItemInput{
			{TableName: aws.String(table), Key: key("some", id)},
			{TableName: aws.String(table), Key: key("some", id), ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
				ProjectionExpression: aws.String("#n, #o"), ExpressionAttributeNames: map[string]string{"#n": "name", "#o": "of"}},
		} {
			got, err := client.GetItem(t.Context(), in)
			want, wantErr := sdk.GetItem(t.Context(), in)
			wantSame("GetItem", got, err, want, wantErr)
		}
	}
	for n := 1; n <= 30; n += 7 {
		of := types.KeysAndAttributes{ConsistentRead: aws.Bool(n%2 == 0)}
		for id := range n {
			of.Keys = append(of.Keys, key("some", 2*id+n))
		}
		in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: of}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
		got, err := client.BatchGetItem(t.Context(), in)
		want, wantErr := sdk.BatchGetItem(t.Context(), in)
		wantSame("BatchGetItem", got, err, want, wantErr)
	}
	for _, in := range []*dynamodb.QueryInput{
		{KeyConditionExpression: aws.String("#of = :of"), ExpressionAttributeNames: map[string]string{"#of": "of"}, ExpressionAttributeValues: map[string]types.AttributeValue{":of": text("some")}},
		{KeyConditions: map[string]types.Condition{
			"of": {ComparisonOperator: "EQ", AttributeValueList: []types.AttributeValue{text("some")}},
			"id": {ComparisonOperator: "BETWEEN", AttributeValueList: []types.AttributeValue{number(3), number(40)}},
		}, Limit: aws.Int32(7), ScanIndexForward: aws.Bool(false), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal},
		{KeyConditions: map[string]types.Condition{"of": {ComparisonOperator: "EQ", AttributeValueList: []types.AttributeValue{text("some")}}},
			FilterExpression: aws.String("begins_with(#n, :a)"), ExpressionAttributeNames: map[string]string{"#n": "name"},
			ExpressionAttributeValues: map[string]types.AttributeValue{":a": text("d")}, ExclusiveStartKey: key("some", 9), Limit: aws.Int32(20)},
		{KeyConditions: map[string]types.Condition{"of": {ComparisonOperator: "EQ", AttributeValueList: []types.AttributeValue{text("some")}}}, Select: types.SelectCount},
		{KeyConditions: map[string]types.Condition{"of": {ComparisonOperator: "EQ", AttributeValueList: []types.AttributeValue{text("none")}}}},
	} {
		in.TableName = aws.String(table)
		got, err := client.Query(t.Context(), in)
		want, wantErr := sdk.Query(t.Context(), in)
		wantSame("Query", got, err, want, wantErr)
	}
	if asked.asked > 2 {
		t.Errorf("the SDK was asked %d times", asked.asked)
	}
}

// TestLeftToTheSDK: what a try without the SDK does not do, the SDK does, and tells of as it always does.
func TestLeftToTheSDK(t *testing.T) {
	answers := func(status int, header, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if header != "" {
				w.Header().Set("X-Amz-Crc32", header)
			}
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	whole := `{"Item":{"of":{"S":"another"}}}`
	for name, test := range map[string]struct {
		first func(http.ResponseWriter)
		rests bool
	}{
		"throttled":               {answers(400, "", `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}`), true},
		"a fault of the server's": {answers(500, "", `{}`), true},
		"another sum":             {answers(200, "1", whole), true},
		"no JSON":                 {answers(200, "", `{"Item":{"of":{"S":"anoth`), true},
		"more behind it":          {answers(200, "", whole+"x"), true},
		"what is not known":       {answers(200, "", `{"Item":{"of":{"S":"another"}},"New":1}`), true},
		"a value of a new type":   {answers(200, "", `{"Item":{"of":{"V":"another"}}}`), true},
		"a value of two types":    {answers(200, "", `{"Item":{"of":{"S":"another","N":"1"}}}`), true},
		"a value of none":         {answers(200, "", `{"Item":{"of":{}}}`), true},
		"a broken escape":         {answers(200, "", `{"Item":{"of":{"S":"\u12"}}}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			client, sdk := newClients(t, func(engine http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("X-Amz-Target") != target+"GetItem" {
						engine.ServeHTTP(w, r)
						return
					}
					if calls++; calls == 1 {
						test.first(w)
						return
					}
					engine.ServeHTTP(w, r)
				})
			})
			if _, err := sdk.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: key("some", 1)}); err != nil {
				t.Fatal(err)
			}
			got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: key("some", 1)})
			if err != nil || calls != 2 {
				t.Fatalf("%v after %d calls", err, calls)
			}
			if diff := cmp.Diff(key("some", 1), got.Item, same); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if rests := client.resting.Load() > time.Now().UnixNano(); rests != test.rests {
				t.Errorf("the next is the SDK's: %v, want %v", rests, test.rests)
			}
		})
	}
	t.Run("errors", func(t *testing.T) {
		client, sdk := newClients(t, nil)
		in := &dynamodb.GetItemInput{TableName: aws.String("nothing"), Key: key("some", 1)}
		_, err := client.GetItem(t.Context(), in)
		_, want := sdk.GetItem(t.Context(), in)
		if err == nil || fmt.Sprintf("%T", err) != fmt.Sprintf("%T", want) {
			t.Errorf("%v, want %v", err, want)
		}
	})
	t.Run("parameters that are not known", func(t *testing.T) {
		client, _ := newClients(t, nil)
		in := &dynamodb.GetItemInput{TableName: aws.String(table), Key: key("some", 1), AttributesToGet: []string{"of"}}
		if _, err := client.GetItem(t.Context(), in); err != nil || client.resting.Load() != 0 {
			t.Errorf("%v, resting %v", err, client.resting.Load() != 0)
		}
	})
}

// TestUnprocessed: what DynamoDB has not read of a batch is told as the SDK tells it, beside what it has.
func TestUnprocessed(t *testing.T) {
	a := &answer{text: `{"Responses":{"things":[{"of":{"S":"some } of \" it"}},{}]},"UnprocessedKeys":{"things":{"Keys":[{"of":{"S":"rest"},"id":{"N":"1"}}],"ConsistentRead":true,` +
		`"ProjectionExpression":"#o","ExpressionAttributeNames":{"#o":"of"}}}}`}
	got := a.batchGetItem()
	if a.isEnded(); a.err != nil {
		t.Fatal(a.err)
	}
	want := &dynamodb.BatchGetItemOutput{
		Responses: map[string][]map[string]types.AttributeValue{table: {{"of": text("some } of \" it")}, {}}},
		UnprocessedKeys: map[string]types.KeysAndAttributes{table: {
			Keys: []map[string]types.AttributeValue{key("rest", 1)}, ConsistentRead: aws.Bool(true),
			ProjectionExpression: aws.String("#o"), ExpressionAttributeNames: map[string]string{"#o": "of"},
		}},
	}
	if diff := cmp.Diff(want, got, same); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestNew: where the SDK's options are special, all is the SDK's.
func TestNew(t *testing.T) {
	plain := dynamodb.Options{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), HTTPClient: http.DefaultClient}
	client, ok := New(t.Context(), dynamodb.New(plain)).(*Client)
	if !ok || client.endpoint != "https://dynamodb.eu-central-1.amazonaws.com" {
		t.Errorf("a region's own endpoint is %+v", client)
	}
	for name, change := range map[string]func(*dynamodb.Options){
		"FIPS":               func(o *dynamodb.Options) { o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled },
		"dual stack":         func(o *dynamodb.Options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled },
		"an account's own":   func(o *dynamodb.Options) { o.AccountIDEndpointMode = aws.AccountIDEndpointModeRequired },
		"endpoint discovery": func(o *dynamodb.Options) { o.EndpointDiscovery.EnableEndpointDiscovery = aws.EndpointDiscoveryEnabled },
	} {
		options := plain
		change(&options)
		if _, isSDK := New(t.Context(), dynamodb.New(options)).(*dynamodb.Client); !isSDK {
			t.Errorf("%s: it is not the SDK's", name)
		}
	}
}

// BenchmarkGetItem reads one item over HTTP, by the SDK and without it, in turns: `ratio` is the SDK's time to that without.
//
//	go test ./internal/dynamowire -run xxx -bench GetItem -benchtime 40x
func BenchmarkGetItem(b *testing.B) {
	answer := `{"Item":{"id":{"S":"01934b6e-7c00-7000-8000-0000000ed170"},"email":{"S":"ada@example.com"},"firstName":{"S":"Ada"},"lastName":{"S":"Lovelace"},"version":{"N":"1"}},` +
		`"ConsumedCapacity":{"TableName":"users","CapacityUnits":1}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, answer)
	}))
	defer server.Close()
	sdk := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("id", "secret", ""))})
	client := New(b.Context(), sdk).(*Client)
	in := &dynamodb.GetItemInput{TableName: aws.String("users"), Key: map[string]types.AttributeValue{"id": text("01934b6e-7c00-7000-8000-0000000ed170")}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	reads := []func() error{
		func() error { _, err := sdk.GetItem(b.Context(), in); return err },
		func() error { _, err := client.GetItem(b.Context(), in); return err },
	}
	const each = 100
	best := make([]time.Duration, len(reads))
	for b.Loop() {
		for i, read := range reads {
			begun := time.Now()
			for range each {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
			if took := time.Since(begun); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	b.ReportMetric(float64(best[0].Microseconds())/each, "sdk-µs")
	b.ReportMetric(float64(best[1].Microseconds())/each, "own-µs")
	b.ReportMetric(best[0].Seconds()/best[1].Seconds(), "ratio")
}

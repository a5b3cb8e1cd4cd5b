package dynamolocal

import (
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestProtocol shows what the SDK's own client never sends, and what it does not show.
func TestProtocol(t *testing.T) {
	const target = targetPrefix + "PutItem"
	handler := openTemp(t).Handler()
	for _, test := range []struct {
		name, method, host, origin, target, body string
		status                                   int
		want                                     string
	}{
		{"a foreign Host", "POST", "example.com", "", target, `{}`, 403, "AccessDeniedException"},
		{"a Host that begins like a loopback address", "POST", "127.0.0.1.example.com:80", "", target, `{}`, 403, "AccessDeniedException"},
		{"a web page of this machine", "POST", "localhost:8000", "http://localhost:3000", target, `{}`, 403, "AccessDeniedException"},
		{"a web page without an origin", "POST", "localhost:8000", "null", target, `{}`, 403, "AccessDeniedException"},
		{"GET of something", "GET", "localhost:8000", "", target, ``, 405, "UnknownOperationException"},
		{"no target", "POST", "localhost:8000", "", "", `{}`, 400, "UnknownOperationException"},
		{"an operation that is not here", "POST", "localhost", "", targetPrefix + "CreateBackup", `{}`, 400, `the operation \"CreateBackup\" is not supported`},
		{"a parameter that is not here", "POST", "127.0.0.1:1", "", target, `{"Nonsense":1}`, 400, "the parameter Nonsense is not supported"},
		{"a feature that is not here", "POST", "127.0.0.1:1", "", targetPrefix + "UpdateTable", `{"ReplicaUpdates":[{}]}`, 400, "the parameter ReplicaUpdates is not supported"},
		{"no JSON", "POST", "[::1]:1", "", target, `{`, 400, "SerializationException"},
		{"something after the JSON", "POST", "[::1]", "", target, `{}{}`, 400, "SerializationException"},
		{"a number for a string", "POST", "[::1]:1", "", target, `{"TableName":1}`, 400, "SerializationException"},
		{"a string for an item", "POST", "[::1]:1", "", target, `{"Item":"x"}`, 400, "SerializationException"},
		{"a value of no type", "POST", "[::1]:1", "", target, `{"TableName":"abc","Item":{"a":{"X":"x"}}}`, 400, "Supplied AttributeValue is empty"},
		{"a value of two types", "POST", "[::1]:1", "", target, `{"Item":{"a":{"S":"x","N":"1"}}}`, 400, "ValidationException"},
		{"a value of none", "POST", "[::1]:1", "", target, `{"Item":{"a":{}}}`, 400, "ValidationException"},
		{"a binary that is none", "POST", "[::1]:1", "", target, `{"Item":{"a":{"B":"!"}}}`, 400, "SerializationException"},
		{"too much", "POST", "localhost", "", target, strings.Repeat(" ", maxRequestSize+1), 413, "SerializationException"},
		{"an operation that streams have not", "POST", "localhost", "", streamsPrefix + "PutRecord", `{}`, 400, "UnknownOperationException"},
		{"an operation of streams under the other prefix", "POST", "localhost", "", targetPrefix + "GetRecords", `{}`, 400, "UnknownOperationException"},
		{"a parameter that streams have not", "POST", "localhost", "", streamsPrefix + "ListStreams", `{"Nonsense":1}`, 400, "the parameter Nonsense is not supported"},
		{"a web page that reads a stream", "POST", "localhost:8000", "http://localhost:3000", streamsPrefix + "ListStreams", `{}`, 403, "AccessDeniedException"},
		{"ListStreams", "POST", "localhost", "", streamsPrefix + "ListStreams", `{}`, 200, `{"Streams":[]}`},
		{"ListTables", "POST", "LOCALHOST:80", "", targetPrefix + "ListTables", `{}`, 200, `{"TableNames":[]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(test.method, "/something", strings.NewReader(test.body))
			r.Host = test.host
			r.Header.Set("X-Amz-Target", test.target)
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			body := w.Body.String()
			if w.Code != test.status || !strings.Contains(body, test.want) {
				t.Errorf("%d %s; want %d %s", w.Code, body, test.status, test.want)
			}
			checkSum(t, w)
			if got := w.Header().Get("Content-Type"); got != contentType {
				t.Errorf("Content-Type %s; want %s", got, contentType)
			}
		})
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8000/", nil))
	if got := w.Body.String(); w.Code != 200 || got != "healthy: localhost:8000 " || len(w.Header().Get("X-Amzn-Requestid")) != 52 {
		t.Errorf("GET /: %d %q %v", w.Code, got, w.Header())
	}
	w = httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"TableName":"nothing"}`))
	r.Header.Set("X-Amz-Target", targetPrefix+"DescribeTable")
	handler.ServeHTTP(w, r)
	const want = `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found: Table: nothing not found"}`
	if got := w.Body.String(); w.Code != 400 || got != want {
		t.Errorf("%d %s; want 400 %s", w.Code, got, want)
	}
}

// checkSum holds the header with the sum of an answer to the answer.
func checkSum(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if got, want := w.Header().Get("X-Amz-Crc32"), strconv.FormatUint(uint64(crc32.ChecksumIEEE(w.Body.Bytes())), 10); got != want {
		t.Errorf("X-Amz-Crc32 %s; want %s", got, want)
	}
}

// TestEveryOperationIsKnown fails where a newer SDK has an operation that is neither here nor refused by
// name.
func TestEveryOperationIsKnown(t *testing.T) {
	handler := openTemp(t).Handler()
	for method := range reflect.TypeFor[*dynamodb.Client]().Methods() {
		if method.Name == "Options" {
			continue
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`[]`))
		r.Header.Set("X-Amz-Target", targetPrefix+method.Name)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		isThere := strings.Contains(w.Body.String(), "SerializationException")
		if isThere == slices.Contains(absentOperations, method.Name) {
			t.Errorf("%s: %s", method.Name, w.Body)
		}
	}
}

// TestEveryParameterIsKnown fails where a newer SDK has a parameter that the engine would
// ignore: it must be obeyed, or refused by name, and then be listed here.
func TestEveryParameterIsKnown(t *testing.T) {
	const (
		expression = "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues TableName ReturnValuesOnConditionCheckFailure "
		legacy     = "Expected ConditionalOperator "
		returns    = "ReturnValues ReturnConsumedCapacity ReturnItemCollectionMetrics "
		get        = "TableName Key ProjectionExpression ExpressionAttributeNames "
		page       = "TableName IndexName Limit Select ExclusiveStartKey ConsistentRead ReturnConsumedCapacity FilterExpression " +
			"ProjectionExpression ExpressionAttributeNames ExpressionAttributeValues AttributesToGet ConditionalOperator "
	)
	for _, test := range []struct {
		in    any
		known string
	}{
		{dynamodb.GetItemInput{}, get + "AttributesToGet ConsistentRead ReturnConsumedCapacity"},
		{dynamodb.PutItemInput{}, "Item " + expression + legacy + returns},
		{dynamodb.UpdateItemInput{}, "Key UpdateExpression AttributeUpdates " + expression + legacy + returns},
		{dynamodb.DeleteItemInput{}, "Key " + expression + legacy + returns},
		{dynamodb.QueryInput{}, "KeyConditionExpression KeyConditions QueryFilter ScanIndexForward " + page},
		{dynamodb.ScanInput{}, "ScanFilter Segment TotalSegments " + page},
		{dynamodb.BatchGetItemInput{}, "RequestItems ReturnConsumedCapacity"},
		{types.KeysAndAttributes{}, "Keys AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression"},
		{dynamodb.BatchWriteItemInput{}, "RequestItems ReturnConsumedCapacity ReturnItemCollectionMetrics"},
		{types.WriteRequest{}, "PutRequest DeleteRequest"},
		{dynamodb.TransactGetItemsInput{}, "TransactItems ReturnConsumedCapacity"},
		{types.TransactGetItem{}, "Get"},
		{types.Get{}, get},
		{dynamodb.TransactWriteItemsInput{}, "TransactItems ClientRequestToken ReturnConsumedCapacity ReturnItemCollectionMetrics"},
		{types.TransactWriteItem{}, "ConditionCheck Put Update Delete"},
		{types.ConditionCheck{}, "Key " + expression},
		{types.Put{}, "Item " + expression},
		{types.Update{}, "Key UpdateExpression " + expression},
		{types.Delete{}, "Key " + expression},
		{types.GlobalSecondaryIndex{}, "IndexName KeySchema Projection ProvisionedThroughput OnDemandThroughput WarmThroughput"},
		{types.GlobalSecondaryIndexUpdate{}, "Create Update Delete"},
		{types.UpdateGlobalSecondaryIndexAction{}, "IndexName OnDemandThroughput ProvisionedThroughput WarmThroughput"},
		{types.OnDemandThroughput{}, "MaxReadRequestUnits MaxWriteRequestUnits"},
		{types.WarmThroughput{}, "ReadUnitsPerSecond WriteUnitsPerSecond"},
		{types.StreamSpecification{}, "StreamEnabled StreamViewType"},
		{types.SSESpecification{}, "Enabled KMSMasterKeyId SSEType"},
		{types.Tag{}, "Key Value"},
		{dynamodb.TagResourceInput{}, "ResourceArn Tags"},
		{dynamodb.UntagResourceInput{}, "ResourceArn TagKeys"},
		{dynamodb.ListTagsOfResourceInput{}, "ResourceArn NextToken"},
		{dynamodb.DescribeContinuousBackupsInput{}, "TableName"},
		{dynamodb.UpdateContinuousBackupsInput{}, "TableName PointInTimeRecoverySpecification"},
		{types.PointInTimeRecoverySpecification{}, "PointInTimeRecoveryEnabled RecoveryPeriodInDays"},
		{dynamodb.GetResourcePolicyInput{}, "ResourceArn"},
		{dynamodb.PutResourcePolicyInput{}, "ResourceArn Policy ExpectedRevisionId ConfirmRemoveSelfResourceAccess"},
		{dynamodb.DeleteResourcePolicyInput{}, "ResourceArn ExpectedRevisionId"},
		{dynamodb.DescribeContributorInsightsInput{}, "TableName IndexName"},
		{dynamodb.UpdateContributorInsightsInput{}, "TableName IndexName ContributorInsightsAction ContributorInsightsMode"},
		{dynamodb.ListContributorInsightsInput{}, "TableName MaxResults NextToken"},
	} {
		known := strings.Fields(test.known)
		for field := range reflect.TypeOf(test.in).Fields() {
			if field.IsExported() && !slices.Contains(known, field.Name) {
				t.Errorf("%T has %s", test.in, field.Name)
			}
		}
	}
}

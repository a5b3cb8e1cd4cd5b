package dynamolocal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// The suite is the files of testdata/suite, each a sequence of requests on an empty database:
//
//	# what the case shows
//	> PutItem {"TableName":"things", ...}
//	< {}
//	> PutItem {"TableName":"nothing", ...}
//	< ResourceNotFoundException: Requested resource not found
//
// A request may go on over several lines. The answers are DynamoDB Local's, but for AWS's text where
// testdata/localtexts.txt has it. Where the engine differs on purpose, "<" is the engine's, and a line
// "<local" gives DynamoDB Local's.

// TestSuite runs the suite through the typed API and through the protocol.
func TestSuite(t *testing.T) {
	for _, file := range suiteFiles(t, "testdata/suite") {
		t.Run("typed/"+file.name, func(t *testing.T) {
			file.run(t, openTemp(t), false)
		})
		t.Run("http/"+file.name, func(t *testing.T) {
			server := httptest.NewServer(openTemp(t).Handler())
			t.Cleanup(server.Close)
			file.run(t, newClient(server.URL), false)
		})
	}
}

func openTemp(t testing.TB) *DB {
	t.Helper()
	db, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// newClient is the SDK's own client for an endpoint. It tries again where its connection
// was lost, which on a busy machine happens once in ten thousand requests, and nothing else.
func newClient(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: &endpoint,
		Region:       "local",
		Credentials:  credentials.NewStaticCredentialsProvider("dummy", "dummy", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				return aws.BoolTernary(errors.Is(err, net.ErrClosed))
			})}
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 1024, 1024
		}),
	})
}

type suiteFile struct {
	name  string
	path  string
	cases []*suiteCase
}

type suiteCase struct {
	comment   []string
	request   []string // the lines of "> Operation {...}"
	want      string
	wantLocal string // "" where it is want
}

func (c *suiteCase) text() string { return strings.Join(c.request, "\n") }

func suiteFiles(t *testing.T, dir string) []*suiteFile {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(paths), err)
	}
	var files []*suiteFile
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := &suiteFile{name: strings.TrimSuffix(filepath.Base(path), ".txt"), path: path}
		c := &suiteCase{}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\n")
			switch {
			case strings.HasPrefix(line, "<local "):
				f.cases[len(f.cases)-1].wantLocal = line[len("<local "):]
			case strings.HasPrefix(line, "<"):
				c.want = strings.TrimSpace(line[1:])
				f.cases = append(f.cases, c)
				c = &suiteCase{}
			case len(c.request) > 0 || strings.HasPrefix(line, "> "):
				c.request = append(c.request, line)
			default:
				c.comment = append(c.comment, line)
			}
		}
		files = append(files, f)
	}
	return files
}

func (f *suiteFile) run(t *testing.T, api dynamodbiface.DynamoDBAPI, local bool) {
	texts := readLocalTexts(t)
	for i, c := range f.cases {
		want := c.want
		if local && c.wantLocal != "" {
			want = c.wantLocal
		}
		got := request(t, api, c.text())
		if want != got && !(local && c.wantLocal == "" && texts.same(want, got)) {
			t.Errorf("case %d: %s\nwant %s\ngot  %s", i+1, c.text(), want, got)
		}
	}
}

// run is what stands for $RUN in a file: DynamoDB Local remembers the tokens of earlier runs.
var run = strconv.FormatInt(time.Now().UnixNano(), 36)

// repeatedRE finds $x(1000), which stands for so many x in a file.
var repeatedRE = regexp.MustCompile(`\$x\((\d+)\)`)

// expand puts what they stand for in the place of $RUN and $x.
func expand(text string) string {
	text = strings.ReplaceAll(text, "$RUN", run)
	return repeatedRE.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(repeatedRE.FindStringSubmatch(s)[1])
		return strings.Repeat("x", n)
	})
}

// request makes the request "> Operation {...}" and is the answer as the suite has it.
func request(t testing.TB, api dynamodbiface.DynamoDBAPI, text string) string {
	t.Helper()
	operation, input, ok := strings.Cut(strings.TrimPrefix(text, "> "), " ")
	method := reflect.ValueOf(api).MethodByName(operation)
	if !ok || !method.IsValid() {
		t.Fatalf("%s: not a request", text)
	}
	in := reflect.New(method.Type().In(1).Elem())
	if err := unmarshalJSON([]byte(expand(input)), in.Interface()); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if err, _ := results[1].Interface().(error); err != nil {
		return printError(err)
	}
	return printAnswer(t, operation, results[0].Interface())
}

func printError(err error) string {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return "not an API error: " + err.Error()
	}
	text := fmt.Sprintf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	text = strings.TrimSpace(text)
	if _, generic := api.(*smithy.GenericAPIError); generic {
		return text
	}
	tree, _ := toJSON(reflect.ValueOf(api))
	members := tree.(map[string]any)
	delete(members, "Message")
	if len(members) > 0 {
		more, _ := json.Marshal(redact(roundTrip(members)))
		text += " " + string(more)
	}
	return text
}

func printAnswer(t testing.TB, operation string, out any) string {
	t.Helper()
	tree, err := toJSON(reflect.ValueOf(out))
	if err != nil {
		t.Fatal(err)
	}
	answer := redact(roundTrip(tree)).(map[string]any)
	if items, ok := answer["Items"].([]any); ok && operation == "Scan" {
		sortJSON(items) // the order of a Scan is nobody's promise
	}
	if responses, ok := answer["Responses"].(map[string]any); ok {
		for _, items := range responses {
			sortJSON(items.([]any)) // nor is that of a BatchGetItem
		}
	}
	text, err := printJSON(answer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func printJSON(tree any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(tree)
	return strings.TrimSpace(b.String()), err
}

func roundTrip(tree any) any {
	b, err := json.Marshal(tree)
	if err != nil {
		panic(err)
	}
	var plain any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		panic(err)
	}
	return plain
}

// redacted are the members that differ from run to run, or that only DynamoDB Local has, as the
// IndexSizeBytes of a global index; and WarmThroughput, which every table has but there.
// TestWarmThroughput shows it.
var redacted = []string{
	"CreationDateTime", "TableId", "LastUpdateToPayPerRequestDateTime", "LastIncreaseDateTime",
	"LastDecreaseDateTime", "NumberOfDecreasesToday", "IndexSizeBytes", "LastUpdateDateTime",
	"LatestStreamArn", "LatestStreamLabel", "RevisionId", "WarmThroughput",
}

// redact takes away what cannot be compared, and sorts what has no order.
func redact(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		_, isGlobal := tree["IndexStatus"] // a local index has none
		for _, name := range redacted {
			if name != "IndexSizeBytes" || isGlobal {
				delete(tree, name)
			}
		}
		for name, member := range tree {
			member = redact(member)
			if array, ok := member.([]any); ok && slices.Contains([]string{"SS", "NS", "BS", "AttributeDefinitions", "ConsumedCapacity", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"}, name) {
				sortJSON(array)
			}
			tree[name] = member
		}
	case []any:
		for i := range tree {
			tree[i] = redact(tree[i])
		}
	}
	return tree
}

func sortJSON(array []any) {
	slices.SortFunc(array, func(a, b any) int {
		x, _ := printJSON(a)
		y, _ := printJSON(b)
		return strings.Compare(x, y)
	})
}

package dynamolocal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The suite of streams is the files of testdata/streams, which are written as those of testdata/suite. Its requests
// are sent as they stand, without a client that would check them first. What differs from run to run has a name in
// the order in which it is seen: $STREAM1 is the first stream's ARN, $LABEL1 its label, $SHARD1 the first shard,
// $SEQ1 the first record's sequence number, $START1 and $END1 are those of a shard, $ITERATOR1 is the first iterator. A request can use them.

// TestStreamSuite runs the suite of streams through the protocol.
func TestStreamSuite(t *testing.T) {
	for _, file := range suiteFiles(t, "testdata/streams") {
		t.Run(file.name, func(t *testing.T) {
			server := httptest.NewServer(openTemp(t).Handler())
			t.Cleanup(server.Close)
			file.runStreams(t, server.URL, false)
		})
	}
}

func (f *suiteFile) runStreams(t *testing.T, endpoint string, local bool) {
	p, texts := &streamPlay{endpoint: endpoint, seen: map[string][]string{}}, readLocalTexts(t)
	for i, c := range f.cases {
		want := c.want
		if local && c.wantLocal != "" {
			want = c.wantLocal
		}
		got := p.request(t, c.text())
		if got != want && !(local && c.wantLocal == "" && texts.same(want, got)) {
			t.Errorf("case %d: %s\nwant %s\ngot  %s", i+1, c.text(), want, got)
		}
	}
}

// A streamPlay sends a file's requests.
type streamPlay struct {
	endpoint string
	seen     map[string][]string // by their kinds, what has names
}

// named are the kinds of what has a name, by the members that have it.
var named = map[string]string{
	"StreamArn": "STREAM", "LatestStreamArn": "STREAM", "LastEvaluatedStreamArn": "STREAM",
	"StreamLabel": "LABEL", "LatestStreamLabel": "LABEL",
	"ShardId": "SHARD", "ParentShardId": "SHARD", "LastEvaluatedShardId": "SHARD",
	"SequenceNumber": "SEQ", "StartingSequenceNumber": "START", "EndingSequenceNumber": "END",
	"ShardIterator": "ITERATOR", "NextShardIterator": "ITERATOR",
}

// hidden are the members that are there, and differ from run to run.
var hidden = []string{"ApproximateCreationDateTime", "CreationRequestDateTime", "eventID"}

var nameRE = regexp.MustCompile(`\$(STREAM|LABEL|SHARD|SEQ|START|END|ITERATOR)(\d+)`)

func (p *streamPlay) request(t testing.TB, text string) string {
	t.Helper()
	operation, input, _ := strings.Cut(strings.TrimPrefix(text, "> "), " ")
	input = nameRE.ReplaceAllStringFunc(input, func(name string) string {
		parts := nameRE.FindStringSubmatch(name)
		n, _ := strconv.Atoi(parts[2])
		if n < 1 || n > len(p.seen[parts[1]]) {
			t.Fatalf("%s: %s is not known yet", text, name)
		}
		return p.seen[parts[1]][n-1]
	})
	input = repeatedRE.ReplaceAllStringFunc(input, func(s string) string {
		n, _ := strconv.Atoi(repeatedRE.FindStringSubmatch(s)[1])
		return strings.Repeat("x", n)
	})
	status, body := post(t, p.endpoint, operation, input)
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("%s: %v: %s", text, err, body)
	}
	if status != http.StatusOK {
		message, _ := answer["message"].(string)
		if message == "" {
			message, _ = answer["Message"].(string)
		}
		_, code, _ := strings.Cut(answer["__type"].(string), "#")
		return strings.TrimSpace(code + ": " + p.nameAll(message))
	}
	printed, err := printJSON(redact(p.name(answer)))
	if err != nil {
		t.Fatal(err)
	}
	return printed
}

// post makes a request of either API.
func post(t testing.TB, endpoint, operation, input string) (status int, body []byte) {
	t.Helper()
	prefix := targetPrefix
	if slices.Contains([]string{"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"}, operation) {
		prefix = streamsPrefix
	}
	r, err := http.NewRequest(http.MethodPost, endpoint, strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", prefix+operation)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=dummy/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body
}

// name puts names into an answer.
func (p *streamPlay) name(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		for _, member := range sortedNames(tree) {
			value, isText := tree[member].(string)
			switch kind := named[member]; {
			case slices.Contains(hidden, member):
				tree[member] = "*"
			case kind != "" && isText:
				tree[member] = p.nameOf(kind, value)
			default:
				tree[member] = p.name(tree[member])
			}
		}
		if label, isThere := tree["LatestStreamLabel"]; isThere { // which redact takes away
			delete(tree, "LatestStreamLabel")
			delete(tree, "LatestStreamArn")
			tree["Stream"] = label
		}
	case []any:
		for i := range tree {
			tree[i] = p.name(tree[i])
		}
	}
	return tree
}

func (p *streamPlay) nameOf(kind, value string) string {
	n := slices.Index(p.seen[kind], value)
	if n < 0 || kind == "ITERATOR" { // of which two for one place may be the same, or not
		n = len(p.seen[kind])
		p.seen[kind] = append(p.seen[kind], value)
	}
	return fmt.Sprintf("$%s%d", kind, n+1)
}

// nameAll puts names into a message.
func (p *streamPlay) nameAll(message string) string {
	for _, kind := range []string{"ITERATOR", "STREAM", "LABEL", "SHARD", "SEQ", "START", "END"} {
		for i, value := range p.seen[kind] {
			message = strings.ReplaceAll(message, value, fmt.Sprintf("$%s%d", kind, i+1))
		}
	}
	return message
}

package dynamolocal

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func gzipped(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func deflated(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCompressedRequests(t *testing.T) {
	handler := openTemp(t).Handler()
	const body = `{"Limit":5}`
	whole := gzipped(t, body)
	for name, test := range map[string]struct {
		encoding string
		body     []byte
		status   int
	}{
		"as it is":             {"", []byte(body), 200},
		"identity":             {"identity", []byte(body), 200},
		"gzip":                 {"gzip", whole, 200},
		"in capitals":          {"GZip", whole, 200},
		"two members of gzip":  {"gzip", gzipped(t, body[:3], body[3:]), 200},
		"deflate":              {"deflate", deflated(t, body), 200},
		"an unknown one":       {"br", []byte(body), 500},
		"gzip that is none":    {"gzip", []byte(body), 500},
		"gzip that is cut off": {"gzip", whole[:len(whole)-1], 500},
		"gzip of nothing":      {"gzip", nil, 500},
		"deflate that is none": {"deflate", []byte(body), 500},
		"little of very much":  {"gzip", gzipped(t, body, strings.Repeat(" ", maxRequestSize)), 413},
		"as much as may be":    {"gzip", gzipped(t, body, strings.Repeat(" ", maxRequestSize-len(body))), 200},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", bytes.NewReader(test.body))
		r.Header.Set("X-Amz-Target", targetPrefix+"ListTables")
		r.Header.Set("Content-Encoding", test.encoding)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%s: %d %s; want %d", name, w.Code, w.Body, test.status)
		}
	}
}

func TestPreferredEncoding(t *testing.T) {
	for accepted, want := range map[string]string{
		"":                                "",
		"identity":                        "",
		"br, zstd":                        "",
		"x-gzip":                          "",
		"gzip":                            "gzip",
		"GZIP, identity":                  "gzip",
		"deflate, gzip":                   "deflate",
		"dog, gzip ,, cat":                "gzip",
		"gzip;q=0.5, deflate;q=0.8":       "deflate",
		"gzip;q=0, deflate; q=0.5":        "deflate",
		"gzip ;q=0":                       "",
		"*":                               "gzip",
		"*;q=0":                           "",
		"*, deflate;q=0.5":                "gzip",
		"*, gzip;q=0.5":                   "deflate",
		"br, gzip;q=0.0001":               "gzip",
		"deflate;q=0.5, gzip;q=nonsense":  "gzip",
		"deflate;q=-1, gzip;q=0.1":        "gzip",
		`"gzip"`:                          "",
		"gzip deflate":                    "",
		"deflate;level=1;q=0.2, gzip;q=0": "deflate",
	} {
		if got := preferredEncoding(accepted); got != want {
			t.Errorf("%q: %q, want %q", accepted, got, want)
		}
	}
}

// TestCompressedAnswers asks as the SDK does that takes gzip, and holds the sum of what came to its header.
func TestCompressedAnswers(t *testing.T) {
	db := openTemp(t)
	createItems(t, db)
	server := httptest.NewServer(db.Handler())
	defer server.Close()
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		EnableAcceptEncodingGzip: true,
	})
	for id, size := range map[string]int{"short": 100, "long": 50_000} {
		put := map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: id}, "text": &types.AttributeValueMemberS{Value: strings.Repeat("x", size)},
		}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("items"), Item: put}); err != nil {
			t.Fatal(err)
		}
		got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: aws.String("items"), Key: map[string]types.AttributeValue{"id": put["id"]},
		})
		if err != nil {
			t.Fatal(err)
		}
		if text := got.Item["text"].(*types.AttributeValueMemberS).Value; len(text) != size {
			t.Errorf("%s: a text of %d characters, want %d", id, len(text), size)
		}
	}
	for encoding, isShorter := range map[string]bool{"gzip": true, "deflate": true, "": false} {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(`{"TableName":"items","Key":{"id":{"S":"long"}}}`))
		r.Header.Set("X-Amz-Target", targetPrefix+"GetItem")
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		db.Handler().ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != encoding || (w.Body.Len() < 10_000) != isShorter {
			t.Errorf("%q: Content-Encoding %q, %d bytes", encoding, got, w.Body.Len())
		}
		checkSum(t, w)
	}
}

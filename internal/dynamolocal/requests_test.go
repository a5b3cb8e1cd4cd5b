package dynamolocal

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"
)

// The files of testdata/requests are requests that the SDK's client cannot make, in the form of the
// suite: bodies that are not of the operation's types, and values of no type or of two. An answer is
// "ok", or an error's code and message. With AWS's text beside "<", "<local" is DynamoDB Local's: of
// what is refused, AWS documents the types alone, at each operation's page and at API_AttributeValue.

// TestRequests makes them over HTTP.
func TestRequests(t *testing.T) {
	for _, file := range suiteFiles(t, "testdata/requests") {
		t.Run(file.name, func(t *testing.T) {
			server := httptest.NewServer(openTemp(t).Handler())
			t.Cleanup(server.Close)
			file.send(t, server.URL, false)
		})
	}
}

func (f *suiteFile) send(t *testing.T, url string, local bool) {
	texts := readLocalTexts(t)
	for i, c := range f.cases {
		want := c.want
		if local && c.wantLocal != "" {
			want = c.wantLocal
		}
		if got := send(t, url, c.text()); got != want && !(local && c.wantLocal == "" && texts.same(want, got)) {
			t.Errorf("case %d: %s\nwant %s\ngot  %s", i+1, c.text(), want, got)
		}
	}
}

// send makes the request "> Operation body", and is the answer as the files have it.
func send(t testing.TB, url, text string) string {
	t.Helper()
	operation, input, _ := strings.Cut(strings.TrimPrefix(text, "> "), " ")
	status, answer := post(t, url, operation, input)
	if status == http.StatusOK {
		return "ok"
	}
	var failed struct {
		Type    string `json:"__type"`
		Message string // or message: names are matched without regard to case
	}
	if err := json.Unmarshal(answer, &failed); err != nil {
		t.Fatalf("%s: %d %s: %v", text, status, answer, err)
	}
	_, code, _ := strings.Cut(failed.Type, "#")
	if code == "InternalFailure" { // whose message tells nothing
		return code
	}
	if status != http.StatusBadRequest {
		t.Errorf("%s: status %d", text, status)
	}
	return strings.TrimSpace(code + ": " + failed.Message)
}

// TestPrintedValueIsShort shows that a message does not give back what it cannot show.
func TestPrintedValueIsShort(t *testing.T) {
	keys := make([]item, maxBatchGet+1)
	for i := range keys {
		keys[i] = item{"id": text(strings.Repeat("é", 100_000))}
	}
	for _, v := range []any{keys, map[string][]item{"things": keys}} {
		got := printed(v)
		if len(got) > maxPrinted+len("...]") || !utf8.ValidString(got) || !strings.HasSuffix(got, "...]") && !strings.HasSuffix(got, "...}") {
			t.Errorf("%d bytes, %q at the end", len(got), got[len(got)-4:])
		}
	}
	if got, want := printed(keys[:0]), "[]"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

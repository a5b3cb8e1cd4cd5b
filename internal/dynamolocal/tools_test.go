package dynamolocal

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// The files of testdata/tools are what tools ask over HTTP from the making of a table to its end, in
// the form of the suite, with what they need of each answer:
//
//	> CreateTable {"TableName":"things", ...}
//	< {"TableDescription":{"TableArn":"*","SSEDescription":null}}
//	> until DescribeTable {"TableName":"things"}
//	< {"Table":{"TableStatus":"ACTIVE"}}
//	> ListTagsOfResource {"ResourceArn":"$TableArn"}
//	< {"Tags":[]}
//
// An answer may have more than these members; "*" is any text, null is no such member. What is asked
// until the answer is so is what a tool asks again and again. A $ stands before a member of an earlier
// answer. Where DynamoDB Local has not what is asked for, "<local" gives its answer.

// TestTools plays them against a server, and against one that is started anew before each request.
func TestTools(t *testing.T) {
	for _, file := range suiteFiles(t, "testdata/tools") {
		t.Run(file.name, func(t *testing.T) {
			server := httptest.NewServer(openTemp(t).Handler())
			t.Cleanup(server.Close)
			file.play(t, false, func() string { return server.URL })
		})
		t.Run("restarted/"+file.name, func(t *testing.T) {
			dir := t.TempDir()
			var db *DB
			var server *httptest.Server
			stop := func() {
				if db == nil {
					return
				}
				server.Close()
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(stop)
			file.play(t, false, func() string {
				stop()
				var err error
				if db, err = Open(dir); err != nil {
					t.Fatal(err)
				}
				server = httptest.NewServer(db.Handler())
				return server.URL
			})
		})
	}
}

// play makes the requests of the file to an endpoint, which may be another each time.
func (f *suiteFile) play(t *testing.T, local bool, endpoint func() string) {
	answered := map[string]string{}
	for i, c := range f.cases {
		text, again := strings.CutPrefix(c.text(), "> until ")
		text = strings.TrimPrefix(text, "> ")
		for name, value := range answered {
			text = strings.ReplaceAll(text, `"$`+name+`"`, `"`+value+`"`)
		}
		operation, body, _ := strings.Cut(text, " ")
		want := c.want
		if local && c.wantLocal != "" {
			want = c.wantLocal
		}
		url, mismatch := endpoint(), ""
		for try := 0; try == 0 || again && mismatch != "" && try < 1000; try++ {
			if try > 0 {
				time.Sleep(10 * time.Millisecond)
			}
			var answer any
			answer, mismatch = answerTo(t, url, operation, body, want)
			keepTexts(answered, answer)
		}
		if mismatch != "" {
			t.Fatalf("request %d: %s %s\nwant %s\n%s", i+1, operation, body, want, mismatch)
		}
	}
}

// answerTo makes a request, and is the answer and in what that is not as wanted.
func answerTo(t *testing.T, url, operation, body, want string) (answer any, mismatch string) {
	t.Helper()
	status, got := post(t, url, operation, body)
	if len(got) == 0 { // of TagResource
		got = []byte("{}")
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		t.Fatalf("%s: %s: %v", operation, got, err)
	}
	if status != http.StatusOK {
		failed := answer.(map[string]any)
		_, code, _ := strings.Cut(failed["__type"].(string), "#")
		message, ok := failed["message"]
		if !ok {
			message = failed["Message"]
		}
		text := fmt.Sprintf("%s: %v", code, message)
		if status != http.StatusBadRequest || !readLocalTexts(t).same(want, text) {
			mismatch = fmt.Sprintf("got  %d %s", status, text)
		}
		return nil, mismatch
	}
	var needed any
	if err := json.Unmarshal([]byte(want), &needed); err != nil {
		return nil, fmt.Sprintf("got  %s", got)
	}
	if at := lacks(answer, needed); at != "" {
		mismatch = fmt.Sprintf("got  %s\nat   %s", got, at)
	}
	return answer, mismatch
}

// lacks is where an answer is not what is needed, empty if it is.
func lacks(got, needed any) string {
	switch needed := needed.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return "."
		}
		for _, name := range slices.Sorted(maps.Keys(needed)) {
			member, has := object[name]
			if needed[name] == nil {
				if has {
					return "." + name
				}
			} else if at := lacks(member, needed[name]); at != "" {
				return strings.TrimSuffix("."+name+at, ".")
			}
		}
		return ""
	case []any:
		array, ok := got.([]any)
		if !ok || len(array) != len(needed) {
			return "."
		}
		for i := range needed {
			if at := lacks(array[i], needed[i]); at != "" {
				return fmt.Sprintf("[%d]%s", i, at)
			}
		}
		return ""
	}
	if text, ok := got.(string); ok && text != "" && needed == "*" || got == needed {
		return ""
	}
	return "."
}

// keepTexts keeps the texts of an answer by the names of their members.
func keepTexts(texts map[string]string, answer any) {
	switch answer := answer.(type) {
	case map[string]any:
		for name, member := range answer {
			if text, ok := member.(string); ok {
				texts[name] = text
			} else {
				keepTexts(texts, member)
			}
		}
	case []any:
		for _, member := range answer {
			keepTexts(texts, member)
		}
	}
}

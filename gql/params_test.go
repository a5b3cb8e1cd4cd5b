package gql

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// FuzzParams holds that whatever is sent, by POST or by GET, is read or refused with a
// client's error that does not repeat it.
func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{ viewer { id } }","variables":{"a":[1,2.5,1e400]},"operationName":null,"extensions":{}}`,
		`{"query":1}`, `[{"query":"{a}"}]`, `{"variables":"x"}`, `{"query":"{a}"}{}`, `null`, ``, `{"documentId":"abc"}`,
		`{"extensions":{"persistedQuery":{"sha256Hash":7}}}`, "{\"query\":\"\xff\"}", strings.Repeat("[", 10_000),
		`{"query":"{a}","variables":{"a":"\ud83d"}}`, `{"query":"{a}","variables":{"\ud83d\ude00":"\\ude00"}}`,
	} {
		f.Add(seed)
	}
	handler := new(Handler)
	f.Fuzz(func(t *testing.T, text string) {
		post := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(text))
		post.Header.Set("Content-Type", "application/json")
		get := httptest.NewRequest(http.MethodGet, "/graphql?query=%7Ba%7D&variables="+url.QueryEscape(text), nil)
		for _, r := range []*http.Request{post, get} {
			params, err := handler.readParams(httptest.NewRecorder(), r)
			var refused *model.Error
			switch {
			case err == nil && params.Query == "":
				t.Errorf("%s %q is taken without a query", r.Method, text)
			case errors.Is(err, errPersistedNotSupported):
			case err != nil && !errors.As(err, &refused):
				t.Errorf("%s %q: %v", r.Method, text, err)
			case refused != nil && (web.StatusOf(refused) < 400 || web.StatusOf(refused) > 499):
				t.Errorf("%s %q is refused with %d", r.Method, text, web.StatusOf(refused))
			case refused != nil && len(text) > 8 && strings.Contains(refused.Message, text):
				t.Errorf("%s %q is repeated: %s", r.Method, text, refused.Message)
			}
		}
	})
}

func TestPost(t *testing.T) {
	handler := new(Handler)
	for body, want := range map[string]string{
		`{"query":"{a}","variables":{"n":12345678901234567890.5}}`: "map[n:12345678901234567890.5]",
		`{"query":"{a}"}`: "map[]",
		`{"query":"{a}","variables":null,"extensions":null}`:           "map[]",
		`{"query":"{a}","Variables":{"n":1}}`:                          "map[n:1]",
		`{"query":"{a}","variables":{"a":1},"variables":{"b":[2,{}]}}`: "map[a:1 b:[2 map[]]]",
		`{"query":"{a}","variables":[]}`:                               "`variables` is not of the type it should be",
		`{"query":"{a}","variables":"{}"}`:                             "`variables` is not of the type it should be",
		`{"query":"{a}","extensions":1}`:                               "`extensions` is not of the type it should be",
		`{"query":["{a}"]}`:                                            "`query` is not of the type it should be",
		`{"query":"{a}","variables":{"n":01}}`:                         "the body is not JSON, at byte 34",
		`{"query":"{a}","variables":{}} {}`:                            "something follows the body's JSON object",
		`{"query":"{a}","variables":{"a":"\ud83d"}}`:                   "one half of a surrogate pair",
	} {
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		params, err := handler.readParams(httptest.NewRecorder(), r)
		if err == nil && fmt.Sprint(params.Variables) != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %s", body, params, err, want)
		}
	}
}

// TestGetOfNoText refuses what is no text, wherever it is.
func TestGetOfNoText(t *testing.T) {
	handler := new(Handler)
	for query, want := range map[string]string{
		"query={a}": "",
		"query={a}&variables={%22a%22:%22%5Cud83d%5Cude00%22}": "",
		"query={a}&variables={%22a%22:%22%5Cud83d%22}":         "`variables` has one half of a surrogate pair",
		"query={a}&variables={%22a%22:%22%ff%22}":              "`variables` is not UTF-8",
		"query={a(b:%22%c3%22)}":                               "`query` is not UTF-8",
		"query={a}&operationName=%ed%a0%bd":                    "`operationName` is not UTF-8",
	} {
		_, err := handler.readParams(httptest.NewRecorder(), &http.Request{Method: http.MethodGet, URL: &url.URL{RawQuery: query}})
		if told := fmt.Sprint(err); (err == nil) != (want == "") || !strings.HasPrefix(told, want) && err != nil {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}

package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

func TestReadJSON(t *testing.T) {
	const limit = 64
	for _, test := range []struct {
		name, contentType, encoding, body string
		status                            int    // 0: it is taken
		message                           string // a part of it
	}{
		{"JSON", "application/json", "", `{"name":"Ada"}`, 0, ""},
		{"with a charset, and space around", "Application/JSON; charset=UTF-8", "identity", " {\"name\":\"Ada\"}\n", 0, ""},
		{"as long as may be", "application/json", "", `{"name":"Ada"}` + strings.Repeat(" ", limit-14), 0, ""},
		{"no type", "", "", `{"name":"Ada"}`, 415, "send `Content-Type: application/json`"},
		{"a form", "application/x-www-form-urlencoded", "", `name=Ada`, 415, "must be JSON"},
		{"another charset", "application/json; charset=latin1", "", `{"name":"Ada"}`, 415, "must be JSON"},
		{"compressed", "application/json", "gzip", `{"name":"Ada"}`, 415, "must not be compressed"},
		{"too long", "application/json", "", `{"name":"Ada"}` + strings.Repeat(" ", limit-13), 413, "64 bytes"},
		{"nothing", "application/json", "", "", 400, "ends too early"},
		{"cut off", "application/json", "", `{"name":`, 400, "ends too early"},
		{"no JSON", "application/json", "", `{name}`, 400, "at byte 2"},
		{"no UTF-8", "application/json", "", "{\"name\":\"\xff\"}", 400, "not UTF-8"},
		{"both halves of a surrogate pair", "application/json", "", `{"name":"Ada","x":"\ud83d\uDE00"}`, 0, ""},
		{"a backslash and what looks like a half", "application/json", "", `{"name":"Ada","x":"\\\\ud83d"}`, 0, ""},
		{"one half of a surrogate pair", "application/json", "", `{"name":"Ada\ud83d"}`, 400, "at byte 12"},
		{"the other half", "application/json", "", `{"name":"Ada\\\ude00"}`, 400, "at byte 14"},
		{"both, the wrong way round", "application/json", "", `{"name":"\ude00\ud83d"}`, 400, "surrogate pair"},
		{"a half in a name", "application/json", "", `{"name":"Ada","x":{"\ud83d\ud83d\ude00":1}}`, 400, "at byte 20"},
		{"another type of a field", "application/json", "", `{"name":1}`, 400, "`name` is not of the type"},
		{"another type of a field of what is embedded", "application/json", "", `{"age":"secret"}`, 400, "`age` is not of the type"},
		{"no object", "application/json", "", `[]`, 400, "not an object"},
		{"more than one", "application/json", "", `{"name":"Ada"}{}`, 400, "something follows"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			if test.encoding != "" {
				r.Header.Set("Content-Encoding", test.encoding)
			}
			type Aged struct {
				Age int `json:"age"`
			}
			var input struct {
				Aged
				Name string `json:"name"`
			}
			err := web.ReadJSON(httptest.NewRecorder(), r, limit, &input)
			if test.status == 0 {
				if err != nil || input.Name != "Ada" {
					t.Errorf("%+v, %v", input, err)
				}
				return
			}
			told := new(model.Error)
			if !errors.As(err, &told) || told.Code != model.CodeBadUserInput || web.StatusOf(told) != test.status || !strings.Contains(told.Message, test.message) {
				t.Errorf("%#v, want status %d, and %q", err, test.status, test.message)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v repeats what was sent", err)
			}
		})
	}
}

// brokenBody fails with an error.
type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }

func TestReadJSONOfABodyThatFails(t *testing.T) {
	read := func(failure error) error {
		r := httptest.NewRequest("POST", "/", brokenBody{failure})
		r.Header.Set("Content-Type", "application/json")
		return web.ReadJSON(httptest.NewRecorder(), r, 64, new(struct{}))
	}
	busy := web.Busy(1)
	if err := read(busy); err != busy {
		t.Errorf("%v, want what the body's reader says", err)
	}
	told := new(model.Error)
	if err := read(errors.New("secret")); !errors.As(err, &told) || web.StatusOf(told) != http.StatusBadRequest || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v, want status 400", err)
	}
}

// FuzzLoneSurrogate finds just what package encoding/json makes U+FFFD of.
func FuzzLoneSurrogate(f *testing.F) {
	for _, text := range []string{`\ud83d\ude00`, `\ud83d`, `\\ud83d`, `a\ude00\ud83d\u0041`, `\ufffd`, `\ud83d\n\ude00`, `\uD83D\ud83D\uDE00`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const replaced = "\ufffd"
		var decoded string
		body := []byte(`"` + text + `"`)
		if json.Unmarshal(body, &decoded) != nil || !utf8.ValidString(text) || strings.Contains(strings.ToLower(text), `\ufffd`) || strings.Contains(text, replaced) {
			return
		}
		if at := web.LoneSurrogate(body); (at >= 0) != strings.Contains(decoded, replaced) {
			t.Errorf("%s is %q, and has a half at %d", body, decoded, at)
		}
	})
}

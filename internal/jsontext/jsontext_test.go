package jsontext

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	levels := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, c := range []struct {
		name, text, want string
		err              error
	}{
		{name: "null", text: "null", want: "null"},
		{name: "null inside", text: ` { "a" : [ null ] } `, want: `{"a":[null]}`},
		{name: "nothing in it", text: `{"b":{},"a":[]}`, want: `{"a":[],"b":{}}`},
		{name: "numbers as they are", text: `[1.10, 1e400, -0, 123456789012345678901234567890]`, want: `[1.10,1e400,-0,123456789012345678901234567890]`},
		{name: "a name twice", text: `{"a":1,"a":2}`, want: `{"a":2}`},
		{name: "HTML", text: `"<a href='x'>&"`, want: `"<a href='x'>&"`},
		{name: "as much as there may be", text: `"` + strings.Repeat("x", maxSize-2) + `"`, want: `"` + strings.Repeat("x", maxSize-2) + `"`},
		{name: "a byte too much", text: `"` + strings.Repeat("x", maxSize-1) + `"`, err: ErrSize},
		{name: "as many levels as there may be", text: levels(64), want: levels(64)},
		{name: "a level too much", text: levels(65), err: ErrLevels},
		{name: "nothing", text: "", err: ErrForm},
		{name: "two values", text: "1 2", err: ErrForm},
		{name: "half an object", text: `{"a":`, err: ErrForm},
		{name: "another bracket", text: `[1]]`, err: ErrForm},
		{name: "no number of JSON", text: "01", err: ErrForm},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Parse(c.text); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("it is %.100q, %v; want %.100q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		name  string
		value any
		want  string // empty: it is none
	}{
		{"a literal", map[string]any{"n": Number("1.10"), "list": []any(nil), "text": "1.10", "no": nil, "is": true}, `{"is":true,"list":[],"n":1.10,"no":null,"text":"1.10"}`},
		{"variables in a literal", []any{int64(1), 2, 1.5, json.Number("1e3")}, `[1,2,1.5,1e3]`},
		{"a number that is none", Number("1.2.3"), ""},
		{"a type of Go's", struct{}{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := Of(c.value); got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("it is %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.50,null,true,"x"]}`, `"\ud83d"`, "[[[]]]", "1e999", `{"a":1,"a":2}`, "\"\xff1\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kept, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(kept); err != nil || again != kept {
			t.Errorf("%q is %q, which is %q, %v", text, kept, again, err)
		}
		if !json.Valid([]byte(kept)) {
			t.Errorf("%q is %q", text, kept)
		}
	})
}

package model

import (
	"regexp"
	"testing"
)

func TestValidate(t *testing.T) {
	lower := regexp.MustCompile("^[a-z]+$")
	text, n, f := "tëxt", 3, 2.5
	var (
		noText *string
		noInt  *int
		noReal *float64
	)
	for _, test := range []struct {
		name string
		got  *InputError
		want string // empty: it is good
	}{
		{"long enough, in characters", minLength("x", text, 4), ""},
		{"too short", minLength("x", text, 5), "x must have at least 5 characters"},
		{"empty", minLength("x", "", 1), "x must have at least 1 character"},
		{"short enough, in characters", maxLength("x", &text, 4), ""},
		{"too long", maxLength("x", &text, 3), "x must have at most 3 characters"},
		{"no text", minLength("x", noText, 1), ""},
		{"it matches", matches("x", "abc", lower), ""},
		{"it does not match", matches("x", text, lower), "x must match ^[a-z]+$"},
		{"no text to match", matches("x", noText, lower), ""},
		{"more", gt("x", n, 2.5), ""},
		{"not more", gt("x", n, 3), "x must be more than 3"},
		{"at least", gte("x", &n, 3), ""},
		{"not at least", gte("x", &n, 4), "x must be at least 4"},
		{"less", lt("x", f, 3), ""},
		{"not less", lt("x", f, 2.5), "x must be less than 2.5"},
		{"at most", lte("x", &f, 2.5), ""},
		{"not at most", lte("x", &f, -1), "x must be at most -1"},
		{"no int", gt("x", noInt, 1), ""},
		{"no float", lt("x", noReal, 1), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" && test.got != nil || test.want != "" && (test.got == nil || test.got.Error() != test.want) {
				t.Errorf("%v, want %q", test.got, test.want)
			}
		})
	}
}

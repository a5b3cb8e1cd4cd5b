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
		got  *Error
		want string // empty: it is good
	}{
		{"long enough, in characters", MinLength("x", text, 4), ""},
		{"too short", MinLength("x", text, 5), "x must have at least 5 characters"},
		{"empty", MinLength("x", "", 1), "x must have at least 1 character"},
		{"short enough, in characters", MaxLength("x", &text, 4), ""},
		{"too long", MaxLength("x", &text, 3), "x must have at most 3 characters"},
		{"no text", MinLength("x", noText, 1), ""},
		{"it matches", Matches("x", "abc", lower), ""},
		{"it does not match", Matches("x", text, lower), "x must match ^[a-z]+$"},
		{"no text to match", Matches("x", noText, lower), ""},
		{"more", Gt("x", n, 2.5), ""},
		{"not more", Gt("x", n, 3), "x must be more than 3"},
		{"at least", Gte("x", &n, 3), ""},
		{"not at least", Gte("x", &n, 4), "x must be at least 4"},
		{"less", Lt("x", f, 3), ""},
		{"not less", Lt("x", f, 2.5), "x must be less than 2.5"},
		{"at most", Lte("x", &f, 2.5), ""},
		{"not at most", Lte("x", &f, -1), "x must be at most -1"},
		{"no int", Gt("x", noInt, 1), ""},
		{"no float", Lt("x", noReal, 1), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" && test.got != nil || test.want != "" && (test.got == nil || test.got.Error() != test.want) {
				t.Errorf("%v, want %q", test.got, test.want)
			}
		})
	}
}

package auth_test

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

func TestCheckRole(t *testing.T) {
	for _, test := range []struct {
		name, role string
		ok         bool
	}{
		{"a word", "editor", true},
		{"every kind of character", "Team-7_lead", true},
		{"50 characters", strings.Repeat("r", 50), true},
		{"51 characters", strings.Repeat("r", 51), false},
		{"empty", "", false},
		{"a space", "chief editor", false},
		{"a comma", "editor,admin", false},
		{"a letter beyond ASCII", "rédacteur", false},
		{"not UTF-8", "editor\xff", false},
		{"a line break", "editor\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := auth.CheckRole(test.role)
			if test.ok != (err == nil) || err != nil && !model.IsBadInput(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

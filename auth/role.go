package auth

import (
	"strings"

	"github.com/ownql/ownql/model"
)

// maxRoleLength bounds a role's name, in characters.
const maxRoleLength = 50

// CheckRole returns a code BAD_USER_INPUT where the name is not one for a role.
func CheckRole(name string) error {
	if name == "" || len(name) > maxRoleLength || strings.ContainsFunc(name, notInRole) {
		return model.BadInput("role", "a role has 1 to 50 letters, digits, '-' and '_'")
	}
	return nil
}

func notInRole(r rune) bool {
	isLetter := 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
	isDigit := '0' <= r && r <= '9'
	return !isLetter && !isDigit && r != '-' && r != '_'
}

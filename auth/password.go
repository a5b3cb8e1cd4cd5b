package auth

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/ownql/ownql/model"
)

const (
	minPasswordLength = 8   // characters
	maxPasswordLength = 256 // characters
	maxHashing        = 4   // at once: 76 MiB

	// maxPasswordBytes bounds the work before NFC: of what it makes one character, people type at
	// most three.
	maxPasswordBytes = 3 * utf8.UTFMax * maxPasswordLength
)

// Passwords hashes passwords in turns: a few at once, at most maxHashing and one fewer
// than there are cores, so that a burst of sign-ins takes neither the memory nor the
// last core. Whose turn it is, see queue.
type Passwords struct {
	turns  *queue
	crowds *crowds
}

// NewPasswords returns a Passwords for the cores that the Go runtime may use.
func NewPasswords() *Passwords {
	atOnce := min(maxHashing, max(1, processors()-1))
	return &Passwords{turns: newQueue(atOnce), crowds: newCrowds()}
}

// turn waits for a turn to hash; call done after it. web.Busy: there was none in time.
func (p *Passwords) turn(ctx context.Context, who asker) (done func(), err error) {
	end, err := p.turns.turn(ctx, who)
	if err != nil {
		return nil, err
	}
	beginHashing()
	return func() {
		endHashing()
		end()
	}, nil
}

// checkPassword refuses a password that nobody can have. Code BAD_USER_INPUT for field.
func checkPassword(field, password string) error {
	switch {
	case strings.ContainsRune(password, 0):
		return model.BadInput(field, "a password has no NUL character")
	case len(password) > maxPasswordBytes:
		return model.BadInput(field, fmt.Sprintf("a password has at most %d characters", maxPasswordLength))
	}
	return nil
}

// checkNewPassword refuses a password that nobody should have, by NIST SP 800-63B,
// section 5.1.1.2: length and commonness count, composition does not. about is whose it is to be.
func checkNewPassword(field, password string, about owner) error {
	if err := checkPassword(field, password); err != nil {
		return err
	}
	composed := norm.NFC.String(password)
	length := utf8.RuneCountInString(composed)
	switch {
	case strings.ContainsRune(composed, utf8.RuneError):
		return model.BadInput(field, "a password is valid Unicode text")
	case length < minPasswordLength:
		return model.BadInput(field, fmt.Sprintf("a password has at least %d characters", minPasswordLength))
	case length > maxPasswordLength:
		return model.BadInput(field, fmt.Sprintf("a password has at most %d characters", maxPasswordLength))
	}
	if why := whyGuessable(composed, about); why != "" {
		return model.BadInput(field, "this password is among the first that anyone would guess: "+why+"; choose another")
	}
	return nil
}

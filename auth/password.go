package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// The least of argon2id that OWASP's Password Storage Cheat Sheet advises: about
// 21 ms and 19 MiB a hash.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltLength   = 16 // bytes
	keyLength    = 32 // bytes
)

const (
	minPasswordLength = 8   // characters
	maxPasswordLength = 256 // characters
	hashingWait       = 5 * time.Second
	maxHashing        = 4  // at once: 76 MiB
	maxSigningIn      = 50 // at once, of those whose attempt is counted
)

// Passwords hashes passwords in turns: a few at once, at most maxHashing and one fewer
// than there are cores, so that a burst of sign-ins takes neither the memory nor the
// last core.
type Passwords struct {
	turns chan struct{}
	room  chan struct{} // where those who sign in wait for their turn
}

// NewPasswords returns a Passwords for the cores that the Go runtime may use.
func NewPasswords() *Passwords {
	atOnce := min(maxHashing, max(1, runtime.GOMAXPROCS(0)-1))
	return &Passwords{turns: make(chan struct{}, atOnce), room: make(chan struct{}, maxSigningIn)}
}

// enter waits until another may sign in; call leave after that. web.Busy: see take.
func (p *Passwords) enter(ctx context.Context) (leave func(), err error) { return take(ctx, p.room) }

// turn waits until another password may be hashed; call done after that. web.Busy:
// see take.
func (p *Passwords) turn(ctx context.Context) (done func(), err error) { return take(ctx, p.turns) }

// take waits for a place, which is to be given back. web.Busy: there was none in time.
func take(ctx context.Context, places chan struct{}) (giveBack func(), err error) {
	wait := time.NewTimer(hashingWait)
	defer wait.Stop()
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-wait.C:
		return nil, web.Busy(hashingWait)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash returns the password's hash as a PHC string: `$argon2id$v=19$m=…$salt$hash`.
// web.Busy: see take.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltLength)
	rand.Read(salt)
	return phc(salt, argonKey(password, salt)), nil
}

// noAccount is the hash that an unknown email's password is checked against.
var noAccount = phc(make([]byte, saltLength), make([]byte, keyLength))

// Match tells whether password is the one that hash was made of. For an empty hash, an
// unknown account's, it is false after the same work. web.Busy: see take. The turn is
// for the work alone: who waits for the store must not keep the others waiting.
func (p *Passwords) Match(ctx context.Context, hash, password string) (bool, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	return matches(hash, password)
}

func matches(hash, password string) (bool, error) {
	isKnown := hash != ""
	if !isKnown {
		hash = noAccount
	}
	salt, want, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(argonKey(password, salt), want) == 1 && isKnown, nil
}

func argonKey(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keyLength)
}

// phcPrefix names algorithm and parameters in the form of the Password Hashing
// Competition: https://github.com/P-H-C/phc-string-format
var phcPrefix = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonTime, argonThreads)

func phc(salt, key []byte) string {
	encoding := base64.RawStdEncoding
	return phcPrefix + encoding.EncodeToString(salt) + "$" + encoding.EncodeToString(key)
}

func parsePHC(hash string) (salt, key []byte, err error) {
	rest, ok := strings.CutPrefix(hash, phcPrefix)
	if !ok {
		return nil, nil, fmt.Errorf("password hash is not of the form %s…", phcPrefix)
	}
	salt64, key64, _ := strings.Cut(rest, "$")
	if salt, err = base64.RawStdEncoding.DecodeString(salt64); err != nil {
		return nil, nil, fmt.Errorf("password hash's salt: %w", err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(key64); err != nil {
		return nil, nil, fmt.Errorf("password hash's key: %w", err)
	}
	if len(key) != keyLength {
		return nil, nil, fmt.Errorf("password hash's key has %d bytes, not %d", len(key), keyLength)
	}
	return salt, key, nil
}

// common_passwords.txt holds the commonest passwords of at least 8 characters, one a
// line, in lower case: those that published lists of breached passwords agree on.
//
//go:embed common_passwords.txt
var commonPasswords string

// checkPassword refuses a password that nobody can have. Code BAD_USER_INPUT for field.
func checkPassword(field, password string) error {
	switch {
	case strings.ContainsRune(password, 0):
		return model.BadInput(field, "a password has no NUL character")
	case len(password) > utf8.UTFMax*maxPasswordLength:
		return model.BadInput(field, fmt.Sprintf("a password has at most %d characters", maxPasswordLength))
	}
	return nil
}

// checkNewPassword refuses a password that nobody should have, by NIST SP 800-63B,
// section 5.1.1.2: length and commonness count, composition does not.
func checkNewPassword(field, password, email string) error {
	length := utf8.RuneCountInString(password)
	switch {
	case strings.ContainsRune(password, 0):
		return model.BadInput(field, "a password has no NUL character")
	case strings.ContainsRune(password, utf8.RuneError):
		return model.BadInput(field, "a password is valid Unicode text")
	case length < minPasswordLength:
		return model.BadInput(field, fmt.Sprintf("a password has at least %d characters", minPasswordLength))
	case length > maxPasswordLength:
		return model.BadInput(field, fmt.Sprintf("a password has at most %d characters", maxPasswordLength))
	case isCommon(password) || strings.EqualFold(password, email) || length < 2*minPasswordLength && isOneCharacter(password):
		return model.BadInput(field, "this password is among the first that anyone would guess, choose another")
	}
	return nil
}

func isOneCharacter(password string) bool {
	first, _ := utf8.DecodeRuneInString(password)
	return strings.Trim(password, string(first)) == ""
}

func isCommon(password string) bool {
	lower := strings.ToLower(password)
	for common := range strings.Lines(commonPasswords) {
		if strings.TrimSuffix(common, "\n") == lower {
			return true
		}
	}
	return false
}

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
)

// A BusyError turns a request away because too many passwords are being hashed.
type BusyError struct{ RetryAfter time.Duration }

func (e *BusyError) Error() string { return "too many sign-ins at once, try again shortly" }

// Passwords hashes and checks passwords, at most one fewer at once than there are
// cores, so that a burst of sign-ins takes neither the memory nor the last core.
type Passwords struct {
	slots chan struct{}
	dummy string // the hash that an unknown email is checked against
}

// NewPasswords returns a Passwords for the cores that the Go runtime may use.
func NewPasswords() *Passwords {
	return &Passwords{
		slots: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		dummy: phc(make([]byte, saltLength), make([]byte, keyLength)),
	}
}

// Hash returns the password's hash as a PHC string: `$argon2id$v=19$m=…$salt$hash`.
// A *BusyError: no slot was free in time.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	key, err := p.key(ctx, password, salt)
	if err != nil {
		return "", err
	}
	return phc(salt, key), nil
}

// Matches tells whether password is the one that hash was made of. For an empty
// hash, an unknown account's, it is false after the same work.
func (p *Passwords) Matches(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = p.dummy
	}
	salt, want, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	got, err := p.key(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

func (p *Passwords) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	wait := time.NewTimer(hashingWait)
	defer wait.Stop()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-wait.C:
		return nil, &BusyError{RetryAfter: hashingWait}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, keyLength), nil
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

// checkNewPassword refuses a password that nobody should have, by NIST SP 800-63B,
// section 5.1.1.2: length and commonness count, composition does not.
func checkNewPassword(password, email string) error {
	const field = "password"
	length := utf8.RuneCountInString(password)
	switch {
	case strings.ContainsRune(password, 0):
		return &InputError{field, "a password has no NUL character"}
	case strings.ContainsRune(password, utf8.RuneError):
		return &InputError{field, "a password is valid Unicode text"}
	case length < minPasswordLength:
		return &InputError{field, fmt.Sprintf("a password has at least %d characters", minPasswordLength)}
	case length > maxPasswordLength:
		return &InputError{field, fmt.Sprintf("a password has at most %d characters", maxPasswordLength)}
	case isCommon(password) || strings.EqualFold(password, email):
		return &InputError{field, "this password is among the first that anyone would guess, choose another"}
	}
	return nil
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

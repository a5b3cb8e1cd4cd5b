package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
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

// What a hash that comes from elsewhere may ask for, so that no sign-in takes the memory of four.
const (
	maxArgonMemory  = 64 * 1024 // KiB
	maxArgonTime    = 10
	maxArgonThreads = 16
	maxSaltLength   = 64 // bytes
	maxKeyLength    = 64 // bytes
)

// argonHash is a password's hash with what it was made by.
type argonHash struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
	salt    []byte
	key     []byte
}

// newHash returns the hash of a password as it is made now: of its NFC (RFC 8265, section 4.2), so
// that two keyboards that write it differently are the same to it.
func newHash(password string) argonHash {
	h := argonHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, saltLength)}
	rand.Read(h.salt)
	h.key = h.keyOf(norm.NFC.String(password), keyLength)
	return h
}

func (h argonHash) keyOf(password string, length int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(length))
}

// isOutdated tells whether a hash is made by other parameters now.
func (h argonHash) isOutdated() bool {
	return h.memory != argonMemory || h.time != argonTime || h.threads != argonThreads ||
		len(h.salt) != saltLength || len(h.key) != keyLength
}

// A passwordMatch is what comes of holding a password to a hash.
type passwordMatch int

const (
	matchesNot passwordMatch = iota
	matchesOutdated
	matchesNow
)

// match holds a password to the hash. A hash of before passwords were brought to NFC is of the very
// bytes that were typed; it is tried where the two differ, whether the account is known or not.
func (h argonHash) match(password string) passwordMatch {
	composed := norm.NFC.String(password)
	result := matchesNot
	if h.isOf(composed) {
		result = matchesNow
	}
	if composed != password && h.isOf(password) && result == matchesNot {
		result = matchesOutdated
	}
	if result == matchesNow && h.isOutdated() {
		result = matchesOutdated
	}
	return result
}

func (h argonHash) isOf(password string) bool {
	return subtle.ConstantTimeCompare(h.keyOf(password, len(h.key)), h.key) == 1
}

// String returns the hash as text in the form of the Password Hashing Competition:
// https://github.com/P-H-C/phc-string-format
func (h argonHash) String() string {
	encoding := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		encoding.EncodeToString(h.salt), encoding.EncodeToString(h.key))
}

var errHash = errors.New("the hash of a password is not one of argon2id, of at most 64 MiB and 10 passes: $argon2id$v=19$m=19456,t=2,p=1$…$…")

// parseHash reads a hash in the form of String, of any parameters that it may ask for.
func parseHash(text string) (h argonHash, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil {
		return h, errHash
	}
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, errHash
	}
	if h.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return h, errHash
	}
	// What argon2 itself wants: RFC 9106, section 3.1.
	isWithin := 8*uint32(h.threads) <= h.memory && h.memory <= maxArgonMemory &&
		1 <= h.time && h.time <= maxArgonTime && 1 <= h.threads && h.threads <= maxArgonThreads &&
		8 <= len(h.salt) && len(h.salt) <= maxSaltLength && 16 <= len(h.key) && len(h.key) <= maxKeyLength
	if !isWithin || h.String() != text {
		return h, errHash
	}
	return h, nil
}

// Hash returns the password's hash as a PHC string: `$argon2id$v=19$m=…$salt$hash`.
// web.Busy: it had to wait for too long.
func (p *Passwords) Hash(ctx context.Context, who asker, password string) (string, error) {
	done, err := p.turn(ctx, who)
	if err != nil {
		return "", err
	}
	defer done()
	return newHash(password).String(), nil
}

// noAccount is the hash that an unknown email's password is checked against.
var noAccount = argonHash{argonMemory, argonTime, argonThreads, make([]byte, saltLength), make([]byte, keyLength)}

// Match tells whether password is the one that hash was made of. For an empty hash, an
// unknown account's, it is matchesNot after the same work. web.Busy: it had to wait for too
// long. The turn is for the work alone: who waits for the store must not keep the others waiting.
func (p *Passwords) Match(ctx context.Context, who asker, hash, password string) (passwordMatch, error) {
	done, err := p.turn(ctx, who)
	if err != nil {
		return matchesNot, err
	}
	defer done()
	return matchHash(hash, password)
}

func matchHash(hash, password string) (passwordMatch, error) {
	if hash == "" {
		noAccount.match(password)
		return matchesNot, nil
	}
	h, err := parseHash(hash)
	if err != nil {
		return matchesNot, err
	}
	return h.match(password), nil
}

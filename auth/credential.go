package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"

	"github.com/ownql/ownql/account"
)

// A secret is what proves a session beside its id. The sessions table has its hash.
type secret [32]byte

func newSecret() (s secret) {
	rand.Read(s[:])
	return s
}

// hash is what the sessions table has of the secret. There is nothing to guess in 256
// random bits, so it need not be slow.
func (s secret) hash() []byte {
	hash := sha256.Sum256(s[:])
	return hash[:]
}

// A credential is what a client keeps to prove a session for longer than an access token
// lives: a refresh token, or a cookie.
type credential struct {
	userID, sessionID uuid.UUID
	secret            secret
}

// The credential's text is base64url of the three parts and a tag.
const (
	tagSize        = 16 // bytes
	credentialSize = 16 + 16 + len(secret{}) + tagSize
)

// Credentials writes and reads credentials for one purpose. Their tag tells what this
// server once gave out, though it may have been used up since, from what somebody made
// up: only the former can mean that a credential was stolen.
type Credentials struct{ keys [][]byte }

// NewCredentials returns Credentials for a purpose, by what keys have for it: the first
// for new ones, all for those that come.
func NewCredentials(keys *Keys, purpose string) *Credentials {
	return &Credentials{keys.derive(purpose)}
}

// of returns the credential of a session with this secret, as text.
func (c *Credentials) of(session *account.Session, s secret) (string, error) {
	userID, err := uuid.Parse(session.UserID)
	if err != nil {
		return "", err
	}
	sessionID, err := uuid.Parse(session.ID)
	if err != nil {
		return "", err
	}
	text := credential{userID, sessionID, s}.bytes()
	return base64.RawURLEncoding.EncodeToString(append(text, tag(c.keys[0], text)...)), nil
}

var errNoCredential = errors.New("this is no credential of ours")

// parse returns what the text says, and by which key it was made. errNoCredential: this
// server has never given it out.
func (c *Credentials) parse(text string) (found credential, key []byte, err error) {
	raw, ok := decodeOpaque(text, credentialSize)
	if !ok {
		return found, nil, errNoCredential
	}
	body, given := raw[:credentialSize-tagSize], raw[credentialSize-tagSize:]
	for _, key := range c.keys {
		if hmac.Equal(given, tag(key, body)) {
			n := copy(found.userID[:], body)
			n += copy(found.sessionID[:], body[n:])
			copy(found.secret[:], body[n:])
			return found, key, nil
		}
	}
	return found, nil, errNoCredential
}

// isLatest tells whether new credentials are made by the key.
func (c *Credentials) isLatest(key []byte) bool { return bytes.Equal(key, c.keys[0]) }

func (c credential) bytes() []byte {
	return append(append(append(make([]byte, 0, credentialSize), c.userID[:]...), c.sessionID[:]...), c.secret[:]...)
}

// next returns the secret that follows on the credential's: the same one each time, so
// that a client that lost the answer can be given it again, and nothing that anyone
// without the key could know.
func (c credential) next(key []byte) (s secret) {
	copy(s[:], mac(key, "next", c.bytes()))
	return s
}

func tag(key, text []byte) []byte { return mac(key, "tag", text)[:tagSize] }

func mac(key []byte, purpose string, text []byte) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(purpose))
	hash.Write(text)
	return hash.Sum(nil)
}

package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// mailTokenSize is a user's id and 32 random bytes.
const mailTokenSize = len(uuid.UUID{}) + 32

// newMailToken returns a token for a mail to the user, 64 characters of base64url, and
// the hash by which the store knows it. The token finds its user by itself; what proves
// anything in it are 256 random bits, so the hash need not be slow.
func newMailToken(userID string) (token string, hash []byte, err error) {
	id, err := uuid.Parse(userID)
	if err != nil || id.String() != userID {
		return "", nil, fmt.Errorf("user id %s is no UUID", userID)
	}
	raw := make([]byte, mailTokenSize)
	rand.Read(raw[copy(raw, id[:]):])
	return base64.RawURLEncoding.EncodeToString(raw), hashMailToken(raw), nil
}

var errNoMailToken = errors.New("this is no token of a mail")

// parseMailToken returns whose token it is, and the hash of it. errNoMailToken: nobody's.
func parseMailToken(token string) (userID string, hash []byte, err error) {
	raw, ok := decodeOpaque(token, mailTokenSize)
	if !ok {
		return "", nil, errNoMailToken
	}
	return uuid.UUID(raw[:len(uuid.UUID{})]).String(), hashMailToken(raw), nil
}

func hashMailToken(raw []byte) []byte {
	hash := sha256.Sum256(raw)
	return hash[:]
}

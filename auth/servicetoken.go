package auth

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"

	"github.com/google/uuid"

	"github.com/ownql/ownql/account"
)

// ServiceTokenPrefix begins every service token, so that people, and scanners of what is published by
// mistake, know one when they see it: `own_` and 92 letters and digits.
const ServiceTokenPrefix = "own_"

// What follows the prefix is a number of these bytes in base 62, of which letters and digits alone are the
// digits: so a double click selects all of it. The checksum tells a token that was cut, or made up by nobody
// who means harm, before anything is asked of the store. It keeps no secret: anybody can compute it.
const (
	checksumSize     = 4
	serviceTokenSize = 16 + 16 + len(secret{}) + checksumSize // bytes: user, token, secret, CRC-32 of those
	serviceTokenText = 92                                     // digits, enough for as many bytes
)

// A serviceToken is what the text of a service token says.
type serviceToken struct {
	userID, tokenID uuid.UUID
	secret          secret
}

// newServiceToken returns the text of a token that a secret is made for, and keeps the secret's hash in it.
// An error: an id is no UUID.
func newServiceToken(userID string, token *account.Token) (text string, err error) {
	made := serviceToken{secret: newSecret()}
	if made.userID, err = uuid.Parse(userID); err != nil {
		return "", fmt.Errorf("a service token of user %s: %w", userID, err)
	}
	if made.tokenID, err = uuid.Parse(token.ID); err != nil {
		return "", fmt.Errorf("a service token %s: %w", token.ID, err)
	}
	token.Secret = made.secret.hash()
	return made.text(), nil
}

func (s serviceToken) text() string {
	body := credential{s.userID, s.tokenID, s.secret}.bytes()
	body = binary.BigEndian.AppendUint32(body, crc32.ChecksumIEEE(body))
	digits := new(big.Int).SetBytes(body).Text(62)
	return ServiceTokenPrefix + strings.Repeat("0", serviceTokenText-len(digits)) + digits
}

// isServiceToken tells whether text means to be a service token.
func isServiceToken(text string) bool { return strings.HasPrefix(text, ServiceTokenPrefix) }

// parseServiceToken returns what the text says; not ok: nobody was ever given it.
func parseServiceToken(text string) (found serviceToken, ok bool) {
	digits, hasPrefix := strings.CutPrefix(text, ServiceTokenPrefix)
	if !hasPrefix || len(digits) != serviceTokenText || strings.ContainsFunc(digits, notInBase62) {
		return found, false
	}
	number, ok := new(big.Int).SetString(digits, 62)
	if !ok || number.BitLen() > 8*serviceTokenSize {
		return found, false
	}
	raw := number.FillBytes(make([]byte, serviceTokenSize))
	body, checksum := raw[:serviceTokenSize-checksumSize], raw[serviceTokenSize-checksumSize:]
	if binary.BigEndian.Uint32(checksum) != crc32.ChecksumIEEE(body) {
		return found, false
	}
	n := copy(found.userID[:], body)
	n += copy(found.tokenID[:], body[n:])
	copy(found.secret[:], body[n:])
	return found, true
}

func notInBase62(r rune) bool {
	return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
}

// secretHash is what the tokens table has of a secret.
type secretHash = [sha256.Size]byte

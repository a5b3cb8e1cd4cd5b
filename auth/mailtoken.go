package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

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

// An idTokens makes and reads the tokens of mails that stand for what is kept anyway: base64url of some
// ids, and a MAC of these. So a mail that is sent again has the same token, and the store has
// nothing that a token could be made of.
type idTokens struct {
	keys  [][]byte // the first makes, all are good
	count int      // of ids
}

// newUndoTokens returns those of notices, which have the ids of a user and of a way back.
func newUndoTokens(keys *Keys) idTokens { return idTokens{keys.derive("undo"), 2} }

// newInvitationTokens returns those of invitations.
func newInvitationTokens(keys *Keys) idTokens { return idTokens{keys.derive("invitation"), 1} }

// of returns the token of ids, which are UUIDs.
func (t idTokens) of(ids ...string) (string, error) {
	var raw []byte
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil {
			return "", err
		}
		raw = append(raw, id[:]...)
	}
	return base64.RawURLEncoding.EncodeToString(append(raw, tag(t.keys[0], raw)...)), nil
}

// parse returns the ids of a token. errNoMailToken: this server has never mailed it.
func (t idTokens) parse(token string) (ids []string, err error) {
	size := t.count * len(uuid.UUID{})
	raw, ok := decodeOpaque(token, size+tagSize)
	if !ok {
		return nil, errNoMailToken
	}
	isOurs := slices.ContainsFunc(t.keys, func(key []byte) bool { return hmac.Equal(raw[size:], tag(key, raw[:size])) })
	if !isOurs {
		return nil, errNoMailToken
	}
	for id := range slices.Chunk(raw[:size], len(uuid.UUID{})) {
		ids = append(ids, uuid.UUID(id).String())
	}
	return ids, nil
}

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

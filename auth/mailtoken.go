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

	"github.com/ownql/ownql/model"
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

// An undoTokens makes and reads the tokens of notices: base64url of the ids of a user and of a way
// back, and a MAC of the two. So a notice that is sent again has the same token, and the store has
// nothing that a token could be made of.
type undoTokens struct{ keys [][]byte } // the first makes, all are good

func newUndoTokens(keys *Keys) undoTokens { return undoTokens{keys.derive("undo")} }

const undoTokenSize = 2*len(uuid.UUID{}) + tagSize

// of returns the token of a user's way back.
func (t undoTokens) of(userID, undoID string) (string, error) {
	user, err := uuid.Parse(userID)
	if err != nil {
		return "", err
	}
	undo, err := uuid.Parse(undoID)
	if err != nil {
		return "", err
	}
	ids := append(user[:], undo[:]...)
	return base64.RawURLEncoding.EncodeToString(append(ids, tag(t.keys[0], ids)...)), nil
}

// parse returns whose way back it is, and which. errNoMailToken: this server has never mailed it.
func (t undoTokens) parse(token string) (userID, undoID string, err error) {
	raw, ok := decodeOpaque(token, undoTokenSize)
	if !ok {
		return "", "", errNoMailToken
	}
	ids, given := raw[:undoTokenSize-tagSize], raw[undoTokenSize-tagSize:]
	for _, key := range t.keys {
		if hmac.Equal(given, tag(key, ids)) {
			return uuid.UUID(ids[:16]).String(), uuid.UUID(ids[16:]).String(), nil
		}
	}
	return "", "", errNoMailToken
}

// An invitationTokens makes and reads the tokens of invitations: base64url of the id, and a MAC of that, the
// address and when the invitation was made. What is made anew under the same id, for whomever, has another token.
type invitationTokens struct{ keys [][]byte } // the first makes, all are good

func newInvitationTokens(keys *Keys) invitationTokens {
	return invitationTokens{keys.derive("invitation")}
}

const invitationTokenSize = len(uuid.UUID{}) + tagSize

// of returns the token of an invitation.
func (t invitationTokens) of(sent *model.SentInvitation) (string, error) {
	id, err := uuid.Parse(sent.ID)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(id[:], tag(t.keys[0], invitationText(id, sent))...)), nil
}

// idOf returns the id of the invitation that a token says it is of, which isOf tells. errNoMailToken: it is no
// token.
func (t invitationTokens) idOf(token string) (string, error) {
	raw, ok := decodeOpaque(token, invitationTokenSize)
	if !ok {
		return "", errNoMailToken
	}
	return uuid.UUID(raw[:len(uuid.UUID{})]).String(), nil
}

// isOf tells whether this server has mailed the token with that very invitation.
func (t invitationTokens) isOf(token string, sent *model.SentInvitation) bool {
	raw, ok := decodeOpaque(token, invitationTokenSize)
	if !ok {
		return false
	}
	id := uuid.UUID(raw[:len(uuid.UUID{})])
	return id.String() == sent.ID && slices.ContainsFunc(t.keys, func(key []byte) bool {
		return hmac.Equal(raw[len(id):], tag(key, invitationText(id, sent)))
	})
}

// invitationText is what the MAC is of.
func invitationText(id uuid.UUID, sent *model.SentInvitation) []byte {
	return fmt.Appendf(id[:], "%s\x00%d", sent.Email, sent.MadeAt.UnixMilli())
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

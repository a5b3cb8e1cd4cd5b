package auth

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/ownql/ownql/model"
)

// The token of a way back is the same each time, good with every key that the server has, and nothing
// that anybody else could make.
func TestUndoTokens(t *testing.T) {
	tokens := newUndoTokens(NewSecretKeys(testSecret))
	userID, undoID := model.NewID(), model.NewID()
	token, err := tokens.of(userID, undoID)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := tokens.of(userID, undoID); err != nil || again != token {
		t.Errorf("once more it is %s, %v", again, err)
	}
	if user, undo, err := tokens.parse(token); err != nil || user != userID || undo != undoID {
		t.Errorf("parsed %s, %s, %v", user, undo, err)
	}
	rotated := undoTokens{append([][]byte{[]byte("a newer key")}, tokens.keys...)}
	if _, _, err := rotated.parse(token); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
	if _, _, err := newUndoTokens(NewSecretKeys([]byte("nRjhxaK3oZ8sXr4HwH7rD2VtK0p5uBqY"))).parse(token); !errors.Is(err, errNoMailToken) {
		t.Errorf("another secret takes it: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] ^= 1
		if _, _, err := tokens.parse(base64.RawURLEncoding.EncodeToString(raw)); !errors.Is(err, errNoMailToken) {
			t.Errorf("with byte %d changed: %v", i, err)
		}
		raw[i] ^= 1
	}
	for _, other := range []string{"", token[1:], token + "A", "\n" + token[1:]} {
		if _, _, err := tokens.parse(other); !errors.Is(err, errNoMailToken) {
			t.Errorf("%q: %v", other, err)
		}
	}
	if _, err := tokens.of("nobody", undoID); err == nil {
		t.Error("an id that is none has a token")
	}
}

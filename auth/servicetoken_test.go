package auth

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math/big"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestServiceTokenText(t *testing.T) {
	form := regexp.MustCompile(`^own_[0-9A-Za-z]{92}$`)
	userID := model.NewID()
	for range 100 {
		token := &account.Token{ID: model.NewID()}
		text, err := newServiceToken(userID, token)
		if err != nil || !form.MatchString(text) {
			t.Fatalf("%q, %v", text, err)
		}
		got, ok := parseServiceToken(text)
		if !ok || got.userID.String() != userID || got.tokenID.String() != token.ID || !bytes.Equal(got.secret.hash(), token.Secret) {
			t.Fatalf("%q says %+v, %v", text, got, ok)
		}
		if strings.Contains(string(token.Secret), text) || len(token.Secret) != 32 {
			t.Errorf("what is kept is %x", token.Secret)
		}
	}
	least := serviceToken{}.text()
	if got, ok := parseServiceToken(least); !ok || got != (serviceToken{}) {
		t.Errorf("%q: %+v, %v", least, got, ok)
	}
	if _, err := newServiceToken("no UUID", &account.Token{ID: model.NewID()}); err == nil {
		t.Error("a user whose id is no UUID has a token")
	}
}

func TestServiceTokensThatAreNone(t *testing.T) {
	good := serviceToken{uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7()), newSecret()}.text()
	other := "A"
	if good[50] == 'A' {
		other = "B"
	}
	tooLarge := new(big.Int).Sub(new(big.Int).Exp(big.NewInt(62), big.NewInt(serviceTokenText), nil), big.NewInt(1)).Text(62)
	for name, text := range map[string]string{
		"nothing": "", "the prefix alone": "own_", "without the prefix": good[4:], "another prefix": "OWN_" + good[4:],
		"shorter": good[:len(good)-1], "longer": good + "0", "with a space": good[:95] + " ", "a sign": "own_+" + good[5:], "an underscore": good[:50] + "_" + good[51:],
		"another digit": good[:50] + other + good[51:], "more than fits": ServiceTokenPrefix + tooLarge, "a JWT": "own_a.b.c",
		"not ASCII": good[:94] + "é",
	} {
		if got, ok := parseServiceToken(text); ok {
			t.Errorf("%s, %q, says %+v", name, text, got)
		}
	}
}

// FuzzServiceToken: whatever is taken is what would be given out, to the letter.
func FuzzServiceToken(f *testing.F) {
	f.Add(serviceToken{}.text())
	f.Add(serviceToken{uuid.Max, uuid.Max, secret{255}}.text())
	f.Add("own_" + strings.Repeat("z", serviceTokenText))
	f.Fuzz(func(t *testing.T, text string) {
		found, ok := parseServiceToken(text)
		if ok && found.text() != text {
			t.Errorf("%q is taken for %q", text, found.text())
		}
		made := serviceToken{secret: secret{byte(len(text))}}
		copy(made.userID[:], text)
		if again, ok := parseServiceToken(made.text()); !ok || again != made {
			t.Errorf("%+v is not taken; the checksum of its text is %x", made, crc32.ChecksumIEEE([]byte(text)))
		}
	})
}

// TestForgedServiceTokens: who knows a token's id, and makes one up with another secret, is refused, uses up
// nothing of what the token may, and takes no memory; a token over its measure costs the store nothing.
func TestForgedServiceTokens(t *testing.T) {
	routes, _, _ := newTestRoutes(t)
	store := routes.accounts.store
	user, err := store.CreateUser(t.Context(), account.Signup{Email: "tokens@example.com", FirstName: "Ada"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, text, err := routes.accounts.MakeToken(t.Context(), user, TokenInput{Name: "ci", Scopes: []string{"read:User"}})
	if err != nil {
		t.Fatal(err)
	}
	const perMinute = 5
	tokens := newServiceTokens(store, nil, perMinute, nil)
	try := func(text string) error {
		_, err := tokens.authenticate(httptest.NewRequest("GET", "/", nil), text)
		return err
	}
	genuine, _ := parseServiceToken(text)
	for range 10 * perMinute {
		forged := serviceToken{genuine.userID, genuine.tokenID, newSecret()}
		if err := try(forged.text()); !errors.Is(err, ErrInvalidToken) {
			t.Fatalf("a forged one: %v", err)
		}
	}
	if err := try((serviceToken{uuid.Must(uuid.NewV7()), genuine.tokenID, genuine.secret}).text()); !errors.Is(err, ErrInvalidToken) {
		t.Errorf("as another user: %v", err)
	}
	if known := tokens.known.Len(); known != 0 {
		t.Errorf("%d tokens are known that are none", known)
	}
	for range perMinute {
		if err := try(text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.RevokeToken(t.Context(), user, token.GlobalID()); err != nil {
		t.Fatal(err)
	}
	limited := new(model.Error)
	if err := try(text); !errors.As(err, &limited) || limited.Code != model.CodeRateLimited || limited.RetryAfter <= 0 {
		t.Errorf("over its measure the store is asked: %v", err)
	}
	if err := tokens.noting.wait(t.Context()); err != nil {
		t.Error(err)
	}
}

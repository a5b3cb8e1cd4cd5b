package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

var testSecret = []byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")

// given returns a credential as a client has it.
func given(t testing.TB, c *Credentials) (text string, session *account.Session, s secret) {
	t.Helper()
	session, s = account.NewSession(SessionLife, ""), newSecret()
	session.UserID = model.NewID()
	text, err := c.of(session, s)
	if err != nil {
		t.Fatal(err)
	}
	return text, session, s
}

func TestCredential(t *testing.T) {
	refresh := NewCredentials(NewSecretKeys(testSecret), "refresh")
	text, session, s := given(t, refresh)

	found, _, err := refresh.parse(text)
	if err != nil || found.userID.String() != session.UserID || found.sessionID.String() != session.ID || found.secret != s {
		t.Errorf("parsed %+v, %v", found, err)
	}
	if _, _, err := NewCredentials(NewSecretKeys(testSecret), "cookie").parse(text); !errors.Is(err, errNoCredential) {
		t.Errorf("another purpose takes it: %v", err)
	}
	if _, _, err := NewCredentials(NewSecretKeys([]byte("nRjhxaK3oZ8sXr4HwH7rD2VtK0p5uBqY")), "refresh").parse(text); !errors.Is(err, errNoCredential) {
		t.Errorf("another secret takes it: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{strings.Repeat("\n", len(text)), "\r\n" + text[2:], text[:len(text)-1] + "\n"} {
		if _, _, err := refresh.parse(other); !errors.Is(err, errNoCredential) {
			t.Errorf("%q: %v", other, err)
		}
	}
	for i := range raw {
		raw[i] ^= 1
		if _, _, err := refresh.parse(base64.RawURLEncoding.EncodeToString(raw)); !errors.Is(err, errNoCredential) {
			t.Errorf("with byte %d changed: %v", i, err)
		}
		raw[i] ^= 1
	}
}

// A text that is taken is one that was given, to the letter.
func FuzzCredential(f *testing.F) {
	refresh := NewCredentials(NewSecretKeys(testSecret), "refresh")
	session := &account.Session{UserID: "0198f0a1-0000-7000-8000-000000000001", ID: "0198f0a1-0000-7000-8000-000000000002"}
	text, err := refresh.of(session, secret{1, 2, 3}) // the same in each of the fuzzer's processes
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text + "=")
	f.Add(text[:len(text)-1] + "_")
	f.Add("")
	f.Add(strings.Repeat("\n", len(text)))
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.c2ln")
	f.Fuzz(func(t *testing.T, other string) {
		if _, _, err := refresh.parse(other); err == nil && other != text {
			t.Errorf("took %q", other)
		}
	})
}

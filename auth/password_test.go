package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ownql/ownql/auth"
)

func TestPasswords(t *testing.T) {
	passwords := auth.NewPasswords()
	long := strings.Repeat("0123456789abcdef", 16)
	hash, err := passwords.Hash(t.Context(), long+"X")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q is not the PHC string of argon2id, m=19 MiB, t=2, p=1", hash)
	}
	again, err := passwords.Hash(t.Context(), long+"X")
	if err != nil || again == hash {
		t.Errorf("a second hash of the same password is the same, or %v", err)
	}
	for _, test := range []struct {
		name, hash, password string
		want                 bool
	}{
		{"the password", hash, long + "X", true},
		{"its other hash", again, long + "X", true},
		{"another at the 257th character", hash, long + "Y", false},
		{"one character fewer", hash, long, false},
		{"another letter case", hash, strings.ToUpper(long) + "X", false},
		{"empty", hash, "", false},
		{"an unknown account's", "", long + "X", false},
		{"an unknown account's, empty", "", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := passwords.Matches(t.Context(), test.hash, test.password); err != nil || got != test.want {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
	for _, broken := range []string{"hash", "$argon2id$v=19$m=19456,t=2,p=1$!!$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA"} {
		if ok, err := passwords.Matches(t.Context(), broken, "password"); err == nil || ok {
			t.Errorf("the hash %q: %v, %v; want an error", broken, ok, err)
		}
	}
}

func TestHashingEndsWithItsRequest(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	passwords := auth.NewPasswords()
	refused := 0
	for range 20 { // a free slot may win over an ended context, but not always
		if _, err := passwords.Hash(gone, "password"); errors.Is(err, context.Canceled) {
			refused++
		}
	}
	if refused == 0 {
		t.Error("20 requests that had ended were all hashed for")
	}
}

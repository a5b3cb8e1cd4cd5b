package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
)

func TestPasswords(t *testing.T) {
	passwords := NewPasswords()
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
			if got, err := matches(test.hash, test.password); err != nil || got != test.want {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
	for _, broken := range []string{"hash", "$argon2id$v=19$m=19456,t=2,p=1$!!$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA"} {
		if ok, err := matches(broken, "password"); err == nil || ok {
			t.Errorf("the hash %q: %v, %v; want an error", broken, ok, err)
		}
	}
}

// TestHashingTakesTurns fills every turn, so that one more has to wait.
func TestHashingTakesTurns(t *testing.T) {
	passwords := NewPasswords()
	for range cap(passwords.turns) {
		done, err := passwords.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer done()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := passwords.Hash(gone, "password"); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that has ended waits on: %v", err)
	}
	var busy *model.Error
	if _, err := passwords.Hash(t.Context(), "password"); !errors.As(err, &busy) || busy.Code != model.CodeUnavailable || busy.RetryAfter <= 0 {
		t.Errorf("%v, want code UNAVAILABLE with a time to wait", err)
	}
}

func TestCheckNewPassword(t *testing.T) {
	for _, test := range []struct {
		name, password string
		ok             bool
	}{
		{"a phrase", "correct horse", true},
		{"8 characters of several bytes", "pässwört", true},
		{"256 characters", strings.Repeat("éa", 128), true},
		{"spaces alone", strings.Repeat(" ", 8), false},
		{"64 times one character", strings.Repeat("x", 64), true},
		{"15 times one character", strings.Repeat("x", 15), false},
		{"7 characters", "horse17", false},
		{"257 characters", strings.Repeat("éa", 128) + "é", false},
		{"NUL", "correct\x00horse", false},
		{"a lone surrogate, as JSON gives it", "correct\ufffdhorse", false},
		{"among the commonest", "password123", false},
		{"among the commonest, in capitals", "QWERTY123", false},
		{"the email itself", "ada@example.com", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := checkNewPassword("password", test.password, "ada@example.com")
			if test.ok != (err == nil) || err != nil && !model.IsBadInput(err) {
				t.Errorf("%v", err)
			}
		})
	}
}

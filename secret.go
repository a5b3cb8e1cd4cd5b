package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const minSecret = 32 // bytes: the key of HMAC-SHA256, RFC 7518, section 3.2

// weakSecrets are examples of documentation and sample code, long enough to pass by
// length; anyone can sign with them.
var weakSecrets = []string{
	"3EK6FD+o0+c7tzBNVfjpMkNDi2yARAAKzQlk8O2IKoxQu4nF7EdAh8s3TwpHwrdWT6R",
	"a-string-secret-at-least-256-bits-long",
	"a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
	"change-this-secret-in-production-please",
	"my-32-character-ultra-secure-and-ultra-long-secret",
	"super-secret-jwt-token-with-at-least-32-characters-long",
	"this-is-a-very-long-secret-key-for-jwt-tokens",
	"your-256-bit-secret-your-256-bit-secret",
	"your-secret-key-must-be-at-least-32-characters-long",
	"your-super-secret-jwt-token-with-at-least-32-characters-long",
	"your_jwt_secret_key_at_least_32_characters",
}

// checkSecret refuses a secret that can be guessed. The error does not repeat it.
func checkSecret(secret string) ([]byte, error) {
	if len(secret) < minSecret {
		return nil, fmt.Errorf("OWNQL_SECRET has %d bytes: want at least %d, as `openssl rand -base64 48` makes them", len(secret), minSecret)
	}
	for _, weak := range weakSecrets {
		if strings.EqualFold(secret, weak) {
			return nil, errors.New("OWNQL_SECRET is a published example: want random bytes, as `openssl rand -base64 48` makes them")
		}
	}
	if repeatsItself(secret) {
		return nil, errors.New("OWNQL_SECRET repeats a few characters: want random bytes, as `openssl rand -base64 48` makes them")
	}
	return []byte(secret), nil
}

// repeatsItself tells whether text is one short word over and over.
func repeatsItself(text string) bool {
	const longestWord = 8
	for word := 1; word <= longestWord; word++ {
		if text[word:] == text[:len(text)-word] {
			return true
		}
	}
	return false
}

// devSecret returns the secret in file, made at the first call.
func devSecret(file string) ([]byte, error) {
	secret, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newDevSecret(file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret of dev: %w", err)
	}
	if len(secret) < minSecret {
		return nil, fmt.Errorf("%s has %d bytes: remove it to have a new one made, which signs everyone out", file, len(secret))
	}
	return secret, nil
}

// newDevSecret writes a secret so that, whenever the machine stops, the file is whole
// or not there.
func newDevSecret(file string) ([]byte, error) {
	random := make([]byte, minSecret)
	rand.Read(random)
	secret := []byte(base64.RawStdEncoding.EncodeToString(random))

	temporary, err := os.CreateTemp(filepath.Dir(file), "secret-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(secret)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err != nil {
		return nil, err
	}
	return secret, os.Rename(temporary.Name(), file)
}

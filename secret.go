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
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
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
		if strings.EqualFold(strings.TrimSpace(secret), weak) {
			return nil, errors.New("OWNQL_SECRET is a published example: want random bytes, as `openssl rand -base64 48` makes them")
		}
	}
	if repeatsItself(secret) || countsUp(secret) {
		return nil, errors.New("OWNQL_SECRET repeats a word or counts up: want random bytes, as `openssl rand -base64 48` makes them")
	}
	return []byte(secret), nil
}

// repeatsItself tells whether text is one word at least twice, and nothing else.
func repeatsItself(text string) bool {
	for word := 1; word <= len(text)/2; word++ {
		if text[word:] == text[:len(text)-word] {
			return true
		}
	}
	return false
}

// countsUp tells whether most characters are the one before or its successor, as in
// 0011223344 and abcdef123456.
func countsUp(text string) bool {
	steps := 0
	for i := range len(text) - 1 {
		if step := int(text[i+1]) - int(text[i]); step == 0 || step == 1 {
			steps++
		}
	}
	return steps > len(text)*2/3
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
	if _, err := checkSecret(string(secret)); err != nil {
		return nil, fmt.Errorf("%s is not what was made there: remove it to have a new one made, which signs everyone out", file)
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

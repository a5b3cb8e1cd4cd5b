package auth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const minSecret = 32 // bytes: the key of HMAC-SHA256, RFC 7518, section 3.2

// publishedSecrets are examples of standards, documentation and sample code, long enough
// to pass by length; anyone can sign with them. Those of standards are as a JSON Web Key
// has them in k or d.
var publishedSecrets = []string{
	"3EK6FD+o0+c7tzBNVfjpMkNDi2yARAAKzQlk8O2IKoxQu4nF7EdAh8s3TwpHwrdWT6R",
	"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",                                            // RFC 7517, appendix A.2
	"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", // RFC 7515, appendix A.1
	"a-string-secret-at-least-256-bits-long",
	"a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
	"change-this-secret-in-production-please",
	"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", // RFC 7515, appendix A.3
	"my-32-character-ultra-secure-and-ultra-long-secret",
	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", // RFC 8037, appendix A.1
	"super-secret-jwt-token-with-at-least-32-characters-long",
	"this-is-a-very-long-secret-key-for-jwt-tokens",
	"your-256-bit-secret-your-256-bit-secret",
	"your-secret-key-must-be-at-least-32-characters-long",
	"your-super-secret-jwt-token-with-at-least-32-characters-long",
	"your_jwt_secret_key_at_least_32_characters",
}

// CheckSecret refuses a secret that can be guessed, be it an HMAC key or the secret half
// of a key pair. The error goes on from what named the secret, and does not repeat it.
func CheckSecret(secret []byte) error {
	if len(secret) < minSecret {
		return fmt.Errorf("has %d bytes: want at least %d", len(secret), minSecret)
	}
	text, encoded := string(secret), base64.RawURLEncoding.EncodeToString(secret)
	for _, published := range publishedSecrets {
		if strings.EqualFold(strings.TrimSpace(text), published) || encoded == published {
			return errors.New("is a published example: want random bytes")
		}
	}
	if repeatsItself(text) || countsUp(text) {
		return errors.New("repeats a word or counts up: want random bytes")
	}
	return nil
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

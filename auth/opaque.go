package auth

import "encoding/base64"

// decodeOpaque takes an opaque token, base64url of size bytes without padding. It is not ok
// unless encoding the bytes gives the text again, to the letter: Go's decoder alone reads
// over line breaks, however strict.
func decodeOpaque(text string, size int) (raw []byte, ok bool) {
	if len(text) != base64.RawURLEncoding.EncodedLen(size) {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return raw, err == nil && len(raw) == size
}

package model

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
)

const (
	sealKeySize = 32 // bytes: that of AES-256
	tagSize     = 12 // bytes of a tag
)

// A sealer makes what clients are to give back so that nobody else can have made it. It seals what
// they are not to read, and puts a tag to the rest. The first of its keys makes, any of them
// recognizes.
type sealer []sealKey

// A sealKey is what a sealer has of one of its keys.
type sealKey struct {
	aead cipher.AEAD // AES-GCM with random nonces
	tag  []byte      // the key of HMAC-SHA256
}

func newSealer(keys [][]byte) sealer {
	var s sealer
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			panic(fmt.Sprintf("a key to seal with: %v", err))
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			panic(fmt.Sprintf("a key to seal with: %v", err)) // AES has the block size of GCM
		}
		s = append(s, sealKey{aead, derived(key, "tag")})
	}
	return s
}

// derived returns a key of 32 bytes for one purpose (HKDF, RFC 5869).
func derived(key []byte, purpose string) []byte {
	d, err := hkdf.Expand(sha256.New, key, purpose, sha256.Size)
	if err != nil {
		panic(err) // the length is more than HKDF gives
	}
	return d
}

// newOwnSealer returns a sealer that no other has the key of.
func newOwnSealer() sealer {
	key := make([]byte, sealKeySize)
	rand.Read(key)
	return newSealer([][]byte{key})
}

// seal hides a text that is to be opened for the same purpose.
func (s sealer) seal(purpose string, text []byte) []byte {
	return s[0].aead.Seal(nil, nil, text, []byte(purpose))
}

// open returns the text that was sealed for the purpose.
func (s sealer) open(purpose string, sealed []byte) (text []byte, ok bool) {
	for _, key := range s {
		if text, err := key.aead.Open(nil, nil, sealed, []byte(purpose)); err == nil {
			return text, true
		}
	}
	return nil, false
}

// tag returns the tag of a text for the purpose.
func (s sealer) tag(purpose string, text []byte) []byte { return s[0].tagOf(purpose, text) }

// isTag tells whether one of the tags is what tag has returned.
func (s sealer) isTag(purpose string, text []byte, tags ...[]byte) bool {
	for _, key := range s {
		want := key.tagOf(purpose, text)
		for _, tag := range tags {
			if hmac.Equal(tag, want) {
				return true
			}
		}
	}
	return false
}

func (k sealKey) tagOf(purpose string, text []byte) []byte { return k.tagger(purpose).tag(text) }

// A tagger makes the tags of many texts for one purpose. It is not for use by several at once.
type tagger struct {
	hash hash.Hash
	sum  [sha256.Size]byte
}

// tagger returns a tagger by the first of the keys.
func (s sealer) tagger(purpose string) *tagger { return s[0].tagger(purpose) }

// tagger returns a tagger whose key is made for the purpose, so that each tag has two blocks to hash.
func (k sealKey) tagger(purpose string) *tagger {
	key := hmac.New(sha256.New, k.tag)
	io.WriteString(key, purpose)
	return &tagger{hash: hmac.New(sha256.New, key.Sum(nil))}
}

// tag returns the tag of a text, which is good until the next call.
func (t *tagger) tag(text []byte) []byte {
	t.hash.Reset()
	t.hash.Write(text)
	return t.hash.Sum(t.sum[:0])[:tagSize]
}

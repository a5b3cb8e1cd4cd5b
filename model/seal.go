package model

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
)

// sealKeySize is that of AES-256.
const sealKeySize = 32

// A sealer hides from clients what they are to give back: AES-GCM with random nonces. The
// first of its keys seals, any opens.
type sealer []cipher.AEAD

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
		s = append(s, aead)
	}
	return s
}

// newOwnSealer returns a sealer that no other has the key of.
func newOwnSealer() sealer {
	key := make([]byte, sealKeySize)
	rand.Read(key)
	return newSealer([][]byte{key})
}

// seal hides a text that is to be opened for the same purpose.
func (s sealer) seal(purpose string, text []byte) []byte {
	return s[0].Seal(nil, nil, text, []byte(purpose))
}

// open returns the text that was sealed for the purpose.
func (s sealer) open(purpose string, sealed []byte) (text []byte, ok bool) {
	for _, aead := range s {
		if text, err := aead.Open(nil, nil, sealed, []byte(purpose)); err == nil {
			return text, true
		}
	}
	return nil, false
}

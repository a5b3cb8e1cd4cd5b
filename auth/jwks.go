package auth

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

// publishedLife is how long others may keep the published keys, in seconds: shorter than
// anyone waits between two steps of a rotation.
const publishedLife = 300

// ServePublic answers GET /.well-known/jwks.json: the public halves of the keys, by which
// others verify our tokens, as a JSON Web Key Set. A secret has none.
func (keys *Keys) ServePublic(w http.ResponseWriter, r *http.Request) error {
	set := jwk.NewSet()
	for _, k := range keys.list {
		if k.algorithm == jwa.HS256 {
			continue
		}
		public, err := newJWK(k.public, k.algorithm, k.id)
		if err != nil {
			return err
		}
		if err := set.AddKey(public); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Type", "application/jwk-set+json") // RFC 7517, section 8.5.2
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", publishedLife))
	return json.NewEncoder(w).Encode(set)
}

// NewKeySet returns a JSON Web Key Set, private halves included, a key a line: a new key
// that signs by algorithm, EdDSA or ES256, and then those of behind, which may be nil.
func NewKeySet(algorithm string, behind *Keys) ([]byte, error) {
	first, err := generateKey(jwa.SignatureAlgorithm(algorithm))
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	var set bytes.Buffer
	set.WriteString("{\"keys\":[\n  ")
	set.Write(first)
	if behind != nil {
		for _, k := range behind.list {
			set.WriteString(",\n  ")
			if err := json.Compact(&set, k.text); err != nil {
				return nil, err
			}
		}
	}
	set.WriteString("\n]}\n")
	return set.Bytes(), nil
}

// generateKey returns a new JSON Web Key, whose kid is its thumbprint.
func generateKey(algorithm jwa.SignatureAlgorithm) ([]byte, error) {
	var private any
	var err error
	switch algorithm {
	case jwa.EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case jwa.ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		err = fmt.Errorf("algorithm %q: want EdDSA or ES256", algorithm)
	}
	if err != nil {
		return nil, err
	}
	made, err := newJWK(private, algorithm, "")
	if err != nil {
		return nil, err
	}
	return json.Marshal(made)
}

// newJWK returns a JSON Web Key for signatures; without an id it gets its thumbprint.
func newJWK(raw any, algorithm jwa.SignatureAlgorithm, id string) (jwk.Key, error) {
	k, err := jwk.FromRaw(raw)
	if err != nil {
		return nil, err
	}
	members := map[string]any{jwk.AlgorithmKey: algorithm, jwk.KeyUsageKey: jwk.ForSignature}
	if id != "" {
		members[jwk.KeyIDKey] = id
	}
	for name, value := range members {
		if err := k.Set(name, value); err != nil {
			return nil, err
		}
	}
	return k, jwk.AssignKeyID(k) // which leaves a kid as it is
}

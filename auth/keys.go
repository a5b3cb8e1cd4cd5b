package auth

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
)

const maxKeyID = 128 // bytes of a kid, which every token repeats

// Keys are what access tokens are signed with and verified by. The first signs and all
// verify, each by its one algorithm, so that a key is replaced by putting the next one
// before it and, once the last session of its time has ended, taking it out.
type Keys struct {
	list []*key
	byID map[string]*key
}

// A key is one of Keys.
type key struct {
	id        string // kid; empty only for a secret that has none, and then for its tokens
	algorithm jwa.SignatureAlgorithm
	private   any    // what signs: ed25519.PrivateKey, *ecdsa.PrivateKey or []byte; nil in a public key
	public    any    // what verifies: ed25519.PublicKey, *ecdsa.PublicKey or the same []byte
	material  []byte // the bytes that are secret: an Ed25519 seed, an ECDSA scalar, an HMAC key
	text      []byte // the JSON Web Key
}

// NewSecretKeys returns Keys of one secret, which signs by HMAC-SHA256 and whose tokens
// have no kid. [CheckSecret] tells whether it is fit for that.
func NewSecretKeys(secret []byte) *Keys {
	text := fmt.Sprintf(`{"kty":"oct","alg":"HS256","use":"sig","k":%q}`, base64.RawURLEncoding.EncodeToString(secret))
	k := &key{algorithm: jwa.HS256, private: secret, public: secret, material: secret, text: []byte(text)}
	return &Keys{[]*key{k}, map[string]*key{"": k}}
}

// ParseKeys reads a JSON Web Key Set (RFC 7517, section 5) of Ed25519 keys (kty OKP,
// alg EdDSA), P-256 ones (kty EC, alg ES256) and secrets (kty oct, alg HS256). The first
// needs its private half, the others may be public. A key without a kid has its
// thumbprint (RFC 7638) for one, and a secret without one verifies the tokens without
// one, as those of [NewSecretKeys]. The error names the key that is not fit by its place,
// from 1, and repeats nothing secret.
func ParseKeys(jwks []byte) (*Keys, error) {
	var set struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, fmt.Errorf("read the JSON Web Key Set: %w", err)
	}
	if len(set.Keys) == 0 {
		return nil, errors.New(`a JSON Web Key Set is {"keys":[…]}, with at least one key`)
	}
	keys := &Keys{byID: map[string]*key{}}
	for i, text := range set.Keys {
		k, err := parseKey(text)
		if err == nil {
			err = keys.add(k)
		}
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	return keys, nil
}

func (keys *Keys) add(k *key) error {
	if _, ok := keys.byID[k.id]; ok && k.id == "" {
		return errors.New("it is the second secret without a kid: give it one")
	} else if ok {
		return fmt.Errorf("it is the second with kid %q", k.id)
	}
	if len(keys.list) == 0 && k.private == nil {
		return errors.New("the first key signs, so it needs its private half, d")
	}
	keys.list = append(keys.list, k)
	keys.byID[k.id] = k
	return nil
}

// signing returns the key that signs.
func (keys *Keys) signing() *key { return keys.list[0] }

// verifying returns the key that verifies a token of that kid and alg; kid is empty for
// a token without one.
func (keys *Keys) verifying(kid, alg string) (*key, error) {
	k, ok := keys.byID[kid]
	switch {
	case !ok && kid == "":
		return nil, errors.New("header has no kid")
	case !ok:
		return nil, fmt.Errorf("header kid %q is none of ours", kid)
	case alg != k.algorithm.String():
		return nil, fmt.Errorf("header alg is not %s", k.algorithm)
	}
	return k, nil
}

// CursorKeys returns the keys by which cursors are kept from those who hold them.
func (keys *Keys) CursorKeys() [][]byte { return keys.derive("cursors") }

// ID names the keys, and tells nothing of them: it is derived one-way from the one that signs.
func (keys *Keys) ID() string { return hex.EncodeToString(keys.derive("id")[0][:8]) }

// derive returns keys of 32 bytes for a purpose other than tokens, one of each key whose
// secret half is here, the signing key's first: HKDF-SHA256 (RFC 5869) of the secret,
// without a salt, purpose as its info.
func (keys *Keys) derive(purpose string) [][]byte {
	var derived [][]byte
	for _, k := range keys.list {
		if k.material == nil {
			continue
		}
		d, err := hkdf.Key(sha256.New, k.material, nil, purpose, sha256.Size)
		if err != nil {
			panic(err) // the length is more than HKDF gives
		}
		derived = append(derived, d)
	}
	return derived
}

// jwkMembers are what a JSON Web Key says beside the key.
type jwkMembers struct {
	Kty, Crv, Kid, Alg, Use string
	KeyOps                  []string `json:"key_ops"`
}

// parseKey reads a JSON Web Key (RFC 7517, section 4, RFC 7518, section 6, and RFC 8037,
// section 2). It refuses those that do not sign tokens, and those that anyone can guess.
func parseKey(text []byte) (*key, error) {
	var says jwkMembers
	if err := json.Unmarshal(text, &says); err != nil {
		return nil, fmt.Errorf("read the JSON Web Key: %w", err)
	}
	switch says.Kty + " " + says.Crv {
	case "OKP Ed25519", "EC P-256", "oct ":
	default:
		return nil, fmt.Errorf("kty %q with crv %q: want kty OKP with crv Ed25519, kty EC with crv P-256, or kty oct", says.Kty, says.Crv)
	}
	parsed, err := jwk.ParseKey(text)
	if err != nil {
		return nil, err
	}
	k := &key{id: says.Kid, text: text}
	if err := k.setHalves(parsed); err != nil {
		return nil, err
	}
	if k.material != nil {
		if err := CheckSecret(k.material); err != nil {
			return nil, fmt.Errorf("its secret %w", err)
		}
	}
	isForTokens := func(operation string) bool { return operation == "sign" || operation == "verify" }
	switch {
	case says.Alg != "" && says.Alg != k.algorithm.String():
		return nil, fmt.Errorf("alg %q: a key of this kind signs by %s alone", says.Alg, k.algorithm)
	case says.Use != "" && says.Use != "sig":
		return nil, fmt.Errorf("use %q: want sig", says.Use)
	case says.KeyOps != nil && !slices.ContainsFunc(says.KeyOps, isForTokens):
		return nil, fmt.Errorf("key_ops %q: want sign or verify", says.KeyOps)
	case len(says.Kid) > maxKeyID:
		return nil, fmt.Errorf("kid has %d bytes: want at most %d", len(says.Kid), maxKeyID)
	case k.id == "" && k.algorithm != jwa.HS256:
		thumbprint, err := parsed.Thumbprint(crypto.SHA256)
		if err != nil {
			return nil, err
		}
		k.id = base64.RawURLEncoding.EncodeToString(thumbprint)
	}
	return k, nil
}

// setHalves takes the key out of what jwx has parsed, which it has not checked.
func (k *key) setHalves(parsed jwk.Key) error {
	var raw any
	if err := parsed.Raw(&raw); err != nil {
		return err
	}
	switch raw := raw.(type) {
	case ed25519.PrivateKey:
		k.algorithm, k.private, k.public, k.material = jwa.EdDSA, raw, raw.Public(), raw.Seed()
		return nil
	case ed25519.PublicKey:
		if len(raw) != ed25519.PublicKeySize {
			return fmt.Errorf("x has %d bytes: want %d", len(raw), ed25519.PublicKeySize)
		}
		k.algorithm, k.public = jwa.EdDSA, raw
		return nil
	case *ecdsa.PrivateKey:
		return k.setECDSA(&raw.PublicKey, raw)
	case *ecdsa.PublicKey:
		return k.setECDSA(raw, nil)
	case []byte:
		k.algorithm, k.private, k.public, k.material = jwa.HS256, raw, raw, raw
		return nil
	}
	return fmt.Errorf("kty %s is none that signs tokens", parsed.KeyType())
}

// setECDSA sets a key of P-256. private is nil for one that is public only.
func (k *key) setECDSA(public *ecdsa.PublicKey, private *ecdsa.PrivateKey) error {
	if public.Curve != elliptic.P256() {
		return fmt.Errorf("crv %s: want P-256", public.Curve.Params().Name)
	}
	point, err := public.ECDH()
	if err != nil {
		return fmt.Errorf("x and y are no point of P-256: %w", err)
	}
	k.algorithm, k.public = jwa.ES256, public
	if private == nil {
		return nil
	}
	scalar, err := private.ECDH()
	if err != nil {
		return fmt.Errorf("d is no private key of P-256: %w", err)
	}
	if !bytes.Equal(scalar.PublicKey().Bytes(), point.Bytes()) {
		return errors.New("x and y are not the public half of d")
	}
	k.private, k.material = private, scalar.Bytes()
	return nil
}

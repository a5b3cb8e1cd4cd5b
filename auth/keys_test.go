package auth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/auth"
)

// A keyPair is a JSON Web Key, read by hand.
type keyPair struct {
	jwk    map[string]any
	public []byte // as x has it, and y behind that
	sign   func(signed []byte) []byte
}

func (p keyPair) kid() string { return p.jwk["kid"].(string) }

// publicJWK returns the key without its private half.
func (p keyPair) publicJWK() map[string]any { return with(p.jwk, "d", nil) }

// newKeyPair returns one that NewKeySet made.
func newKeyPair(t testing.TB, alg string) keyPair {
	t.Helper()
	text, err := auth.NewKeySet(alg, nil)
	if err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(text, &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("NewKeySet: %s, %v; want one key", text, err)
	}
	return readKeyPair(t, set.Keys[0])
}

func readKeyPair(t testing.TB, jwk map[string]any) keyPair {
	t.Helper()
	p := keyPair{jwk: jwk, public: member(t, jwk, "x")}
	if jwk["kty"] == "OKP" {
		private := ed25519.NewKeyFromSeed(member(t, p.jwk, "d"))
		p.sign = func(signed []byte) []byte { return ed25519.Sign(private, signed) }
		return p
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), member(t, p.jwk, "d"))
	if err != nil {
		t.Fatal(err)
	}
	p.public = append(p.public, member(t, p.jwk, "y")...)
	p.sign = func(signed []byte) []byte {
		digest := sha256.Sum256(signed)
		r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	}
	return p
}

// member returns the bytes of a key's x, y, d or k.
func member(t testing.TB, jwk map[string]any, name string) []byte {
	t.Helper()
	text, _ := jwk[name].(string)
	value, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(value) == 0 {
		t.Fatalf("%s is %v, want base64url", name, jwk[name])
	}
	return value
}

func marshalSet(t testing.TB, jwks ...map[string]any) []byte {
	t.Helper()
	set, err := json.Marshal(map[string]any{"keys": jwks})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func parseKeys(t testing.TB, jwks ...map[string]any) *auth.Keys {
	t.Helper()
	keys, err := auth.ParseKeys(marshalSet(t, jwks...))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func secretJWK(secret []byte) map[string]any {
	return map[string]any{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString(secret)}
}

// publicSet returns the keys that are published, by hand.
func publicSet(t testing.TB, keys *auth.Keys) []map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	if err := keys.ServePublic(w, httptest.NewRequest("GET", "/.well-known/jwks.json", nil)); err != nil {
		t.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil || set.Keys == nil {
		t.Fatalf("%s, %v; want a set", w.Body, err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/jwk-set+json" {
		t.Errorf("Content-Type %s", got)
	}
	return set.Keys
}

// tokenClaims is what our tokens say, by hand.
func tokenClaims() map[string]any {
	now := time.Now().Unix()
	return map[string]any{"iss": "ownql", "aud": "ownql", "sub": "user", "sid": "session", "iat": now, "exp": now + 3600}
}

func TestVerifyByKeys(t *testing.T) {
	ed, ec, other := newKeyPair(t, "EdDSA"), newKeyPair(t, "ES256"), newKeyPair(t, "EdDSA")
	named := []byte("fk8Q0NUnB3GhUvXFCBKnXWkHK2dCXDbX")
	keys := parseKeys(t, ed.jwk, ec.publicJWK(), with(secretJWK(named), "kid", "named"), secretJWK(testSecret))
	verifier := auth.NewVerifier(keys, "ownql")
	claims := tokenClaims()
	header := func(alg, kid string) map[string]any { return map[string]any{"alg": alg, "typ": "JWT", "kid": kid} }
	noKid := map[string]any{"alg": "HS256", "typ": "JWT"}

	issued, err := auth.NewIssuer(keys, "ownql").Issue(t.Context(), auth.Claims{UserID: "user", SessionID: "session"})
	if err != nil {
		t.Fatal(err)
	}
	good := forgeBy(t, ed.sign, header("EdDSA", ed.kid()), claims)
	for name, token := range map[string]string{
		"issued":                       issued,
		"by the first":                 good,
		"by one that is public here":   forgeBy(t, ec.sign, header("ES256", ec.kid()), claims),
		"by a secret with a kid":       forge(t, sha256.New, named, header("HS256", "named"), claims),
		"by the secret without a kid":  forge(t, sha256.New, testSecret, noKid, claims),
		"by the first, without a type": forgeBy(t, ed.sign, with(header("EdDSA", ed.kid()), "typ", nil), claims),
	} {
		if got, err := verifier.Verify(token); err != nil || got != (auth.Claims{UserID: "user", SessionID: "session"}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}

	ecToken := forgeBy(t, ec.sign, header("ES256", ec.kid()), claims)
	for _, test := range []struct{ name, token string }{
		{"a key that is none of ours", forgeBy(t, other.sign, header("EdDSA", other.kid()), claims)},
		{"a key that is none of ours, with our kid", forgeBy(t, other.sign, header("EdDSA", ed.kid()), claims)},
		{"an unknown kid", forgeBy(t, ed.sign, header("EdDSA", "unknown"), claims)},
		{"kid that is a path", forgeBy(t, ed.sign, header("EdDSA", "../../../dev/null"), claims)},
		{"kid that is a list", forgeBy(t, ed.sign, with(header("EdDSA", ""), "kid", []string{ed.kid()}), claims)},
		{"kid of another letter case", forge(t, sha256.New, named, header("HS256", "Named"), claims)},
		{"empty kid", forgeBy(t, ed.sign, header("EdDSA", ""), claims)},
		{"no kid", forgeBy(t, ed.sign, map[string]any{"alg": "EdDSA"}, claims)},
		{"no kid, by a secret that has one", forge(t, sha256.New, named, noKid, claims)},
		{"kid of a secret's neighbour", forge(t, sha256.New, testSecret, header("HS256", "named"), claims)},
		{"Ed25519 under the kid of P-256", forgeBy(t, ed.sign, header("EdDSA", ec.kid()), claims)},
		{"Ed25519 as ES256 under the kid of P-256", forgeBy(t, ed.sign, header("ES256", ec.kid()), claims)},
		{"P-256 under the kid of Ed25519", forgeBy(t, ec.sign, header("ES256", ed.kid()), claims)},
		{"P-256 as EdDSA under its own kid", forgeBy(t, ec.sign, header("EdDSA", ec.kid()), claims)},
		{"HS256 by the public key of Ed25519", forge(t, sha256.New, ed.public, header("HS256", ed.kid()), claims)},
		{"HS256 by the public key of Ed25519, as EdDSA", forge(t, sha256.New, ed.public, header("EdDSA", ed.kid()), claims)},
		{"HS256 by the public key of P-256", forge(t, sha256.New, ec.public, header("HS256", ec.kid()), claims)},
		{"HS256 by the text of the public key", forge(t, sha256.New, marshalSet(t, ec.publicJWK()), header("HS256", ec.kid()), claims)},
		{"HS256 by a public key, without a kid", forge(t, sha256.New, ed.public, noKid, claims)},
		{"HS256 by our secret under the kid of Ed25519", forge(t, sha256.New, testSecret, header("HS256", ed.kid()), claims)},
		{"alg none", beforeSignature(forgeBy(t, ed.sign, header("none", ed.kid()), claims))},
		{"alg Ed25519", forgeBy(t, ed.sign, header("Ed25519", ed.kid()), claims)},
		{"alg ES384", forgeBy(t, ec.sign, header("ES384", ec.kid()), claims)},
		{"no alg", forgeBy(t, ed.sign, with(header("", ed.kid()), "alg", nil), claims)},
		{"jwk beside our kid", forgeBy(t, other.sign, with(header("EdDSA", ed.kid()), "jwk", other.publicJWK()), claims)},
		{"jku beside our kid", forgeBy(t, ed.sign, with(header("EdDSA", ed.kid()), "jku", "https://evil.example/jwks"), claims)},
		{"x5u beside our kid", forgeBy(t, ed.sign, with(header("EdDSA", ed.kid()), "x5u", "https://evil.example/x509"), claims)},
		{"x5c beside our kid", forgeBy(t, ed.sign, with(header("EdDSA", ed.kid()), "x5c", []string{"AAAA"}), claims)},
		{"a payload that is not encoded", forgeBy(t, ed.sign, with(header("EdDSA", ed.kid()), "b64", false, "crit", []string{"b64"}), claims)},
		{"signature cut off", beforeSignature(good)},
		{"signature of zeros", beforeSignature(good) + strings.Repeat("A", 86)},
		{"P-256 signature of zeros", beforeSignature(ecToken) + strings.Repeat("A", 86)},
		{"P-256 signature in ASN.1", forgeBy(t, func(signed []byte) []byte { return inASN1(t, ec.sign(signed)) }, header("ES256", ec.kid()), claims)},
		{"signature of other claims", beforeSignature(forgeBy(t, ed.sign, header("EdDSA", ed.kid()), with(claims, "sub", "eve"))) + signatureOf(good)},
		{"expired", forgeBy(t, ed.sign, header("EdDSA", ed.kid()), with(claims, "exp", claims["iat"].(int64)-1))},
		{"another iss", forgeBy(t, ed.sign, header("EdDSA", ed.kid()), with(claims, "iss", "evil"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			if claims, err := verifier.Verify(test.token); !errors.Is(err, auth.ErrInvalidToken) {
				t.Errorf("%+v, %v; want ErrInvalidToken", claims, err)
			}
		})
	}
}

// inASN1 turns a signature of RFC 7518, section 3.4, into the form that other protocols have.
func inASN1(t testing.TB, signature []byte) []byte {
	t.Helper()
	integer := func(bytes []byte) []byte {
		bytes = append([]byte{0}, bytes...)
		return append([]byte{2, byte(len(bytes))}, bytes...)
	}
	both := append(integer(signature[:32]), integer(signature[32:])...)
	return append([]byte{0x30, byte(len(both))}, both...)
}

func TestRotation(t *testing.T) {
	claims := auth.Claims{UserID: "user", SessionID: "session"}
	issue := func(keys *auth.Keys) string {
		t.Helper()
		token, err := auth.NewIssuer(keys, "ownql").Issue(t.Context(), claims)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	isGood := func(keys *auth.Keys, token string) bool {
		_, err := auth.NewVerifier(keys, "ownql").Verify(token)
		return err == nil
	}
	next := func(alg string, behind *auth.Keys) *auth.Keys {
		t.Helper()
		set, err := auth.NewKeySet(alg, behind)
		if err != nil {
			t.Fatal(err)
		}
		keys, err := auth.ParseKeys(set)
		if err != nil {
			t.Fatalf("%s: %v", set, err)
		}
		return keys
	}
	secret := auth.NewSecretKeys(testSecret)
	first := next("ES256", secret)
	second := next("EdDSA", first)
	tokens := []string{issue(secret), issue(first), issue(second)}
	for i, keys := range []*auth.Keys{secret, first, second} {
		for j, token := range tokens {
			if want := j <= i; isGood(keys, token) != want {
				t.Errorf("after %d rotations, the token of before the %d. is good: %t, want %t", i, j+1, !want, want)
			}
		}
	}
	if isGood(next("EdDSA", nil), tokens[2]) {
		t.Error("a token is good by another set")
	}
}

func TestParseKeysRefuses(t *testing.T) {
	ed, ec := newKeyPair(t, "EdDSA"), newKeyPair(t, "ES256")
	secret := secretJWK(testSecret)
	anEdX, anEcY := newKeyPair(t, "EdDSA").jwk["x"], newKeyPair(t, "ES256").jwk["y"]
	encode := base64.RawURLEncoding.EncodeToString
	set := func(jwks ...map[string]any) string { return string(marshalSet(t, jwks...)) }
	rfc7515 := map[string]any{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
		"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}
	rfc8037 := map[string]any{"kty": "OKP", "crv": "Ed25519",
		"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}
	rsa := map[string]any{"kty": "RSA", "n": encode(slices.Repeat([]byte{0xc3}, 256)), "e": "AQAB"}
	for _, test := range []struct{ name, set, want string }{
		{"nothing", ``, "read the JSON Web Key Set"},
		{"no JSON", `{"keys":[`, "read the JSON Web Key Set"},
		{"no set", `{}`, "with at least one key"},
		{"an empty set", `{"keys":[]}`, "with at least one key"},
		{"keys that are no list", `{"keys":{}}`, "read the JSON Web Key Set"},
		{"a key alone", strings.TrimSuffix(strings.TrimPrefix(set(ed.jwk), `{"keys":[`), `]}`), "with at least one key"},
		{"a key that is text", `{"keys":["secret"]}`, "key 1: read the JSON Web Key"},
		{"a key that is null", `{"keys":[null]}`, "key 1: kty"},
		{"no kty", set(with(ed.jwk, "kty", nil)), "key 1: kty"},
		{"RSA", set(rsa), `key 1: kty "RSA"`},
		{"RSA behind a good one", set(ed.jwk, rsa), `key 2: kty "RSA"`},
		{"X25519", set(with(ed.jwk, "crv", "X25519")), `crv "X25519"`},
		{"Ed448", set(with(ed.jwk, "crv", "Ed448")), `crv "Ed448"`},
		{"P-384", set(with(ec.jwk, "crv", "P-384")), `crv "P-384"`},
		{"secp256k1", set(with(ec.jwk, "crv", "secp256k1")), `crv "secp256k1"`},
		{"the curve of another kty", set(with(ec.jwk, "kty", "OKP")), `crv "P-256"`},
		{"two spellings of crv", strings.Replace(set(ec.jwk), `"crv"`, `"crv":"P-384","CRV"`, 1), "key 1: crv P-384: want P-256"},
		{"two spellings of kty", strings.Replace(set(secret), `"kty"`, `"kty":"RSA","KTY"`, 1), "key 1"},
		{"alg of another kind", set(with(ed.jwk, "alg", "ES256")), `alg "ES256": a key of this kind signs by EdDSA alone`},
		{"alg none", set(with(secret, "alg", "none")), `alg "none"`},
		{"alg HS512", set(with(secret, "alg", "HS512")), `alg "HS512"`},
		{"alg ES512", set(with(ec.jwk, "alg", "ES512")), `alg "ES512"`},
		{"for encryption", set(with(ed.jwk, "use", "enc")), `use "enc"`},
		{"for wrapping", set(with(ed.jwk, "key_ops", []string{"wrapKey"})), `key_ops ["wrapKey"]`},
		{"for nothing", set(with(ed.jwk, "key_ops", []string{})), `key_ops []`},
		{"public only", set(ed.publicJWK()), "key 1: the first key signs, so it needs its private half, d"},
		{"P-256, public only", set(ec.publicJWK(), ed.jwk), "key 1: the first key signs"},
		{"an empty private half", set(with(ed.jwk, "d", "")), "key 1"},
		{"an empty private half of P-256", set(with(ec.jwk, "d", "")), "key 1"},
		{"a private half in another spelling", set(with(ed.jwk, "d", nil, "D", ed.jwk["d"])), "key 1"},
		{"a private half that is no base64", set(with(ed.jwk, "d", "*")), "key 1"},
		{"a short private half", set(with(ed.jwk, "d", encode(testSecret[1:]))), "key 1"},
		{"a private half of zeros", set(with(ec.jwk, "d", encode(make([]byte, 32)))), "key 1: d is no private key"},
		{"a private half past the order", set(with(ec.jwk, "d", encode(slices.Repeat([]byte{0xff}, 32)))), "key 1: d is no private key"},
		{"halves of two keys", set(with(ed.jwk, "x", anEdX)), "key 1"},
		{"halves of two keys of P-256", set(with(newKeyPair(t, "ES256").jwk, "d", ec.jwk["d"])), "key 1: x and y are not the public half of d"},
		{"a point off the curve", set(with(ec.jwk, "y", anEcY)), "key 1: x and y are no point"},
		{"a public point off the curve", set(ed.jwk, with(ec.publicJWK(), "y", anEcY)), "key 2: x and y are no point"},
		{"a short public half", set(ed.jwk, with(ed.publicJWK(), "x", "AAAA", "kid", "short")), "key 2: x has 3 bytes: want 32"},
		{"no public half", set(with(ed.jwk, "x", nil)), "key 1"},
		{"a key of RFC 7515", set(rfc7515), "key 1: its secret is a published example"},
		{"a key of RFC 8037", set(rfc8037), "key 1: its secret is a published example"},
		{"a secret of RFC 7515", set(with(secret, "k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")), "its secret is a published example"},
		{"a secret of documentation", set(secretJWK([]byte("your-256-bit-secret-your-256-bit-secret"))), "its secret is a published example"},
		{"a short secret", set(secretJWK(testSecret[:31])), "key 1: its secret has 31 bytes: want at least 32"},
		{"a short secret behind a good key", set(ed.jwk, secretJWK(testSecret[:31])), "key 2: its secret has 31 bytes"},
		{"an empty secret", set(with(secret, "k", "")), "key 1"},
		{"a secret that repeats itself", set(secretJWK([]byte(strings.Repeat("changeme", 4)))), "its secret repeats a word or counts up"},
		{"a kid twice", set(with(ed.jwk, "kid", "a"), with(ec.jwk, "kid", "a")), `key 2: it is the second with kid "a"`},
		{"a key twice", set(with(ed.jwk, "kid", nil), ed.publicJWK()), "key 2: it is the second with kid"},
		{"two secrets without a kid", set(secret, secretJWK([]byte("fk8Q0NUnB3GhUvXFCBKnXWkHK2dCXDbX"))), "key 2: it is the second secret without a kid"},
		{"a kid that is a number", set(with(ed.jwk, "kid", 1)), "key 1"},
		{"a long kid", set(with(ed.jwk, "kid", strings.Repeat("k", 129))), "kid has 129 bytes: want at most 128"},
	} {
		t.Run(test.name, func(t *testing.T) {
			keys, err := auth.ParseKeys([]byte(test.set))
			if err == nil {
				t.Fatalf("%s is taken: %+v", test.set, keys)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q, want %q in it", err, test.want)
			}
			for _, secret := range []any{ed.jwk["d"], ec.jwk["d"], secret["k"], string(testSecret[:31])} {
				if strings.Contains(err.Error(), secret.(string)) {
					t.Errorf("%q repeats what is secret", err)
				}
			}
		})
	}
}

// TestParseKeysNamesAKeyByItsThumbprint holds the example of RFC 8037, appendix A.3, which
// is public only and so stands behind another.
func TestParseKeysNamesAKeyByItsThumbprint(t *testing.T) {
	keys := parseKeys(t, newKeyPair(t, "EdDSA").jwk,
		map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
	if got := publicSet(t, keys)[1]["kid"]; got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("kid %v", got)
	}
}

// TestOthersVerifyByThePublishedSet does what a user's other services do, with nothing of
// ours and nothing but the standard library.
func TestOthersVerifyByThePublishedSet(t *testing.T) {
	for _, alg := range []string{"EdDSA", "ES256"} {
		keys := parseKeys(t, newKeyPair(t, alg).jwk, newKeyPair(t, "EdDSA").jwk, newKeyPair(t, "ES256").jwk)
		token, err := auth.NewIssuer(keys, "https://api.example.com").Issue(t.Context(), auth.Claims{UserID: "user", SessionID: "session"})
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(token, ".")
		var header struct{ Alg, Kid string }
		decodePart(t, parts[0], &header)
		published := publicSet(t, keys)
		i := slices.IndexFunc(published, func(jwk map[string]any) bool { return jwk["kid"] == header.Kid })
		if i < 0 || published[i]["alg"] != alg || header.Alg != alg || published[i]["use"] != "sig" {
			t.Fatalf("the header %+v is of none of %v", header, published)
		}
		signature, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		if !isSignature(t, published[i], []byte(parts[0]+"."+parts[1]), signature) {
			t.Errorf("%s: the signature is not by the published key", alg)
		}
		if isSignature(t, published[i], []byte(parts[0]+"."+parts[1]+"x"), signature) {
			t.Errorf("%s: the signature is of anything", alg)
		}
		var claims struct {
			Iss, Sub string
			Aud      []string
			Exp      int64
		}
		decodePart(t, parts[1], &claims)
		if claims.Iss != "https://api.example.com" || !slices.Equal(claims.Aud, []string{"ownql"}) || claims.Sub != "user" || claims.Exp <= time.Now().Unix() {
			t.Errorf("%s: the claims are %+v", alg, claims)
		}
	}
}

func decodePart(t testing.TB, part string, into any) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// isSignature verifies by a public JSON Web Key.
func isSignature(t testing.TB, jwk map[string]any, signed, signature []byte) bool {
	t.Helper()
	if jwk["kty"] == "OKP" {
		return ed25519.Verify(member(t, jwk, "x"), signed, signature)
	}
	point := append([]byte{4}, append(member(t, jwk, "x"), member(t, jwk, "y")...)...)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil || len(signature) != 64 {
		t.Fatalf("%v, a signature of %d bytes", err, len(signature))
	}
	digest := sha256.Sum256(signed)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(public, digest[:], r, s)
}

func TestServePublicShowsNothingSecret(t *testing.T) {
	if set := publicSet(t, auth.NewSecretKeys(testSecret)); len(set) != 0 {
		t.Errorf("of a secret, %v is published", set)
	}
	ed, ec := newKeyPair(t, "EdDSA"), newKeyPair(t, "ES256")
	keys := parseKeys(t, with(ed.jwk, "comment", "for Monday", "key_ops", []string{"sign"}), secretJWK(testSecret), ec.jwk)
	set := publicSet(t, keys)
	if len(set) != 2 || set[0]["kid"] != ed.kid() || set[1]["kid"] != ec.kid() {
		t.Fatalf("%v is published, want both public keys", set)
	}
	for _, jwk := range set {
		for name := range jwk {
			if !slices.Contains([]string{"kty", "crv", "x", "y", "kid", "alg", "use"}, name) {
				t.Errorf("%s is published", name)
			}
		}
	}
}

func FuzzParseKeys(f *testing.F) {
	ed, ec := newKeyPair(f, "EdDSA"), newKeyPair(f, "ES256")
	f.Add(marshalSet(f, ed.jwk))
	f.Add(marshalSet(f, ec.jwk, ed.publicJWK(), secretJWK(testSecret)))
	f.Add(marshalSet(f, with(secretJWK(testSecret), "kid", "a", "alg", "HS256", "use", "sig", "key_ops", []string{"sign"})))
	f.Add(marshalSet(f, with(ec.jwk, "x5c", []string{"AAAA"}, "kid", nil), with(ec.publicJWK(), "y", "AAAA")))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AAAA","e":"AQAB"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","d":null,"x":null}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, jwks []byte) {
		keys, err := auth.ParseKeys(jwks)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error of %q has more than a line: %q", jwks, err)
			}
			return
		}
		// What is taken works: it signs, verifies, and publishes no private half.
		token, err := auth.NewIssuer(keys, "ownql").Issue(t.Context(), auth.Claims{UserID: "user", SessionID: "session"})
		if err != nil {
			t.Fatalf("%q does not sign: %v", jwks, err)
		}
		if _, err := auth.NewVerifier(keys, "ownql").Verify(token); err != nil {
			t.Errorf("%q does not verify what it signs: %v", jwks, err)
		}
		for _, jwk := range publicSet(t, keys) {
			if jwk["d"] != nil || jwk["k"] != nil {
				t.Errorf("%q publishes %v", jwks, jwk)
			}
		}
	})
}

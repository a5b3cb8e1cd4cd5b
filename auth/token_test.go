package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/auth"
)

var testSecret = []byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")

// forge makes a compact JWS by hand, of any header and any claims, signed by HMAC.
func forge(t testing.TB, newHash func() hash.Hash, secret []byte, header, claims map[string]any) string {
	t.Helper()
	return forgeBy(t, func(signed []byte) []byte {
		mac := hmac.New(newHash, secret)
		mac.Write(signed)
		return mac.Sum(nil)
	}, header, claims)
}

// forgeBy is forge with a signature of any kind.
func forgeBy(t testing.TB, sign func(signed []byte) []byte, header, claims map[string]any) string {
	t.Helper()
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	signed := strings.Join(parts, ".")
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(signed)))
}

// with returns a copy of values, changed by name and value; nil removes.
func with(values map[string]any, changes ...any) map[string]any {
	changed := map[string]any{}
	for name, value := range values {
		changed[name] = value
	}
	for i := 0; i < len(changes); i += 2 {
		changed[changes[i].(string)] = changes[i+1]
		if changes[i+1] == nil {
			delete(changed, changes[i].(string))
		}
	}
	return changed
}

// beforeSignature returns a token with its last dot and without what follows it.
func beforeSignature(token string) string { return token[:strings.LastIndexByte(token, '.')+1] }

func signatureOf(token string) string { return token[strings.LastIndexByte(token, '.')+1:] }

func TestVerify(t *testing.T) {
	verifier := auth.NewVerifier(auth.NewSecretKeys(testSecret), "ownql")
	now := time.Now().Unix()
	header := map[string]any{"alg": "HS256", "typ": "JWT"}
	claims := map[string]any{"iss": "ownql", "aud": "ownql", "sub": "user", "sid": "session", "iat": now, "exp": now + 3600}

	issued, err := auth.NewIssuer(auth.NewSecretKeys(testSecret), "ownql").Issue(t.Context(), auth.Claims{UserID: "user", SessionID: "session"})
	if err != nil {
		t.Fatal(err)
	}
	good := forge(t, sha256.New, testSecret, header, claims)
	for name, token := range map[string]string{"issued": issued, "forged with the secret": good} {
		if got, err := verifier.Verify(token); err != nil || got != (auth.Claims{UserID: "user", SessionID: "session"}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}

	sign := func(header, claims map[string]any) string { return forge(t, sha256.New, testSecret, header, claims) }
	for _, test := range []struct{ name, token string }{
		{"empty", ""},
		{"no token", "a.b.c"},
		{"alg none without a signature", beforeSignature(sign(with(header, "alg", "none"), claims))},
		{"alg none", sign(with(header, "alg", "none"), claims)},
		{"alg None", sign(with(header, "alg", "None"), claims)},
		{"alg HS512", forge(t, sha512.New, testSecret, with(header, "alg", "HS512"), claims)},
		{"alg RS256", sign(with(header, "alg", "RS256"), claims)},
		{"no alg", sign(with(header, "alg", nil), claims)},
		{"typ of another kind", sign(with(header, "typ", "JWE"), claims)},
		{"jku", sign(with(header, "jku", "https://evil.example/jwks"), claims)},
		{"x5u", sign(with(header, "x5u", "https://evil.example/x509"), claims)},
		{"jwk", sign(with(header, "jwk", map[string]any{"kty": "oct", "k": "c2VjcmV0"}), claims)},
		{"kid that is a path", sign(with(header, "kid", "../../../dev/null"), claims)},
		{"kid that is empty", sign(with(header, "kid", ""), claims)},
		{"kid that is a number", sign(with(header, "kid", 0), claims)},
		{"crit", sign(with(header, "crit", []string{"exp"}), claims)},
		{"another secret", forge(t, sha256.New, []byte("another secret of 32 bytes length"), header, claims)},
		{"empty secret", forge(t, sha256.New, nil, header, claims)},
		{"signature cut off", beforeSignature(good)},
		{"signature of other claims", beforeSignature(sign(header, with(claims, "sub", "eve"))) + signatureOf(good)},
		{"expired", sign(header, with(claims, "iat", now-7200, "exp", now-1))},
		{"expired at 0", sign(header, with(claims, "exp", 0))},
		{"expired before 1", sign(header, with(claims, "iat", 0, "exp", 0.5))},
		{"no exp", sign(header, with(claims, "exp", nil))},
		{"exp that is text", sign(header, with(claims, "exp", "tomorrow"))},
		{"no iat", sign(header, with(claims, "iat", nil))},
		{"from the future", sign(header, with(claims, "iat", now+600, "exp", now+1200))},
		{"not yet", sign(header, with(claims, "nbf", now+600))},
		{"longer than a day", sign(header, with(claims, "exp", now+86401))},
		{"no iss", sign(header, with(claims, "iss", nil))},
		{"another iss", sign(header, with(claims, "iss", "evil"))},
		{"no aud", sign(header, with(claims, "aud", nil))},
		{"another aud", sign(header, with(claims, "aud", "evil"))},
		{"no sub", sign(header, with(claims, "sub", nil))},
		{"empty sub", sign(header, with(claims, "sub", ""))},
		{"sub that is a number", sign(header, with(claims, "sub", 1))},
		{"sid longer than a key", sign(header, with(claims, "sid", strings.Repeat("s", 1025)))},
		{"no sid", sign(header, with(claims, "sid", nil))},
		{"JWE", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"},
		{"JSON form", `{"payload":"e30","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AAAA"}`},
		{"very long", good + strings.Repeat("A", 10_000)},
		{"padded", good + "="},
		{"with a line break", good[:40] + "\n" + good[40:]},
	} {
		t.Run(test.name, func(t *testing.T) {
			if claims, err := verifier.Verify(test.token); !errors.Is(err, auth.ErrInvalidToken) {
				t.Errorf("%+v, %v; want ErrInvalidToken", claims, err)
			}
		})
	}
}

func TestVerifyForgetsATokenThatExpires(t *testing.T) {
	now := time.Now().Unix()
	token := forge(t, sha256.New, testSecret, map[string]any{"alg": "HS256"},
		map[string]any{"iss": "ownql", "aud": "ownql", "sub": "user", "sid": "session", "iat": now, "exp": now + 2})
	verifier := auth.NewVerifier(auth.NewSecretKeys(testSecret), "ownql")
	if _, err := verifier.Verify(token); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(time.Unix(now+2, 1e6)))
	if _, err := verifier.Verify(token); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("%v once it has expired, want ErrInvalidToken", err)
	}
}

func TestVerifyHoldsTheIssuer(t *testing.T) {
	issued, err := auth.NewIssuer(auth.NewSecretKeys(testSecret), "https://api.example.com").Issue(t.Context(), auth.Claims{UserID: "user", SessionID: "session"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.NewVerifier(auth.NewSecretKeys(testSecret), "https://api.example.com").Verify(issued); err != nil {
		t.Error(err)
	}
	if _, err := auth.NewVerifier(auth.NewSecretKeys(testSecret), "ownql").Verify(issued); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("%v, want ErrInvalidToken", err)
	}
}

// fuzzJWKS are the same in each of the processes that fuzz, so that tokens which the one
// makes are good in the others.
const fuzzJWKS = `{"keys":[
	{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"ed","x":"416xrnMd016QiqIRSwCHCbKQHrgT1ICDEhY22MEx8tw","d":"0J5UnFV-NWMkMMNTTVmsUw_rn2HSYDgC-4boGVPxuNQ"},
	{"kty":"EC","crv":"P-256","alg":"ES256","kid":"ec","x":"omnQrkkkCzDm-84EsObi8EKK_pqE5aD_lgtUpo897O8","y":"eiv7kI_pTtithC76u87j5Bp5PRQdkH-laJuG_qVePK0","d":"yI_TR62_3c2FIVoj2AN_eAY4VC10PCYqLrF2V_foorA"},
	{"kty":"oct","k":"WWs0UnJtU0RycUFXZ1d3eE8wZHFFV0NId0p2TFhaMHM"}]}`

func FuzzVerify(f *testing.F) {
	claims := tokenClaims()
	secret := map[string]any{"alg": "HS256", "typ": "JWT"}
	f.Add(forge(f, sha256.New, testSecret, secret, claims))
	f.Add(forge(f, sha256.New, []byte("not the secret that is verified by"), secret, claims))
	f.Add(forge(f, sha256.New, testSecret, with(secret, "alg", "none"), claims))
	f.Add("..")
	f.Add("{}")
	keys, err := auth.ParseKeys([]byte(fuzzJWKS))
	if err != nil {
		f.Fatal(err)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(fuzzJWKS), &set); err != nil {
		f.Fatal(err)
	}
	for _, jwk := range set.Keys[:2] {
		pair := readKeyPair(f, jwk)
		header := map[string]any{"alg": jwk["alg"], "kid": pair.kid()}
		f.Add(forgeBy(f, pair.sign, header, claims))
		f.Add(forgeBy(f, newKeyPair(f, jwk["alg"].(string)).sign, header, claims))
		f.Add(forge(f, sha256.New, pair.public, with(header, "alg", "HS256"), claims))
		f.Add(forge(f, sha256.New, testSecret, with(secret, "kid", pair.kid()), claims))
	}
	verifier := auth.NewVerifier(keys, "ownql")
	f.Fuzz(func(t *testing.T, token string) {
		if got, err := verifier.Verify(token); err == nil && got != (auth.Claims{UserID: "user", SessionID: "session"}) {
			t.Errorf("%q is taken for a token that says %+v", token, got)
		}
	})
}

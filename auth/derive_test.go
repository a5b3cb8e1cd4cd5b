package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

// hkdfByHand is one block of RFC 5869, without a salt.
func hkdfByHand(secret []byte, info string) []byte {
	extract := hmac.New(sha256.New, make([]byte, sha256.Size))
	extract.Write(secret)
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write([]byte(info + "\x01"))
	return expand.Sum(nil)
}

func TestDerive(t *testing.T) {
	secret := []byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")
	fromSecret := NewSecretKeys(secret)
	if got := fromSecret.derive("refresh"); len(got) != 1 || !bytes.Equal(got[0], hkdfByHand(secret, "refresh")) {
		t.Errorf("of a secret: %x", got)
	}
	if bytes.Equal(fromSecret.derive("refresh")[0], fromSecret.derive("cookie")[0]) {
		t.Error("two purposes have the same key")
	}
	if got, want := fromSecret.ID(), hex.EncodeToString(hkdfByHand(secret, "id")[:8]); got != want {
		t.Errorf("the ID is %s, want %s", got, want)
	}

	// The scalar begins with a zero, which counts.
	set := []byte(`{"keys":[
		{"kty":"EC","crv":"P-256","d":"AH2TFkPhaKbcF_IfXGcdmgA0nJ2sDC5emkX4uVFb2iI","x":"cNrn99tlyJ_FTr91PPopqRytX9l-W_ZJ0cdwoP3PMSs","y":"0_QuroReehD8QmKgdcCdk2EADaNIU_6dPo2S0fJEqcU"},
		{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString(secret) + `"}]}`)
	keys, err := ParseKeys(set)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := base64.RawURLEncoding.DecodeString("AH2TFkPhaKbcF_IfXGcdmgA0nJ2sDC5emkX4uVFb2iI")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]byte{hkdfByHand(scalar, "refresh"), hkdfByHand(secret, "refresh")}
	got := keys.derive("refresh")
	if len(got) != len(want) || !bytes.Equal(got[0], want[0]) || !bytes.Equal(got[1], want[1]) {
		t.Errorf("of a set: %x, want %x, the signing key's first and none of the public key", got, want)
	}
}

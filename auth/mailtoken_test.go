package auth

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestMailToken(t *testing.T) {
	const id = "0198f0a1-0000-7000-8000-000000000001"
	token, hash, err := newMailToken(id)
	if err != nil {
		t.Fatal(err)
	}
	gotID, gotHash, err := parseMailToken(token)
	if err != nil || gotID != id || !bytes.Equal(gotHash, hash) {
		t.Errorf("%s is parsed to %s, %x, %v; want %s, %x", token, gotID, gotHash, err, id, hash)
	}
	if again, _, _ := newMailToken(id); again == token {
		t.Error("the same token twice")
	}
	for _, test := range []struct{ name, token string }{
		{"empty", ""},
		{"cut off", token[:63]},
		{"longer", token + "A"},
		{"padded", token + "="},
		{"a line break in it", token[:60] + "\r\n" + token[62:]},
		{"base64 of the other alphabet", "+/" + token[2:]},
		{"not ASCII", "é" + token[2:]},
		{"very long", strings.Repeat("A", 1<<20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if id, _, err := parseMailToken(test.token); err == nil {
				t.Errorf("it is taken for a token of %s", id)
			}
		})
	}
	for _, id := range []string{"", "ada", "urn:uuid:" + id, "{" + id + "}", "0198F0A1-0000-7000-8000-000000000001"} {
		if _, _, err := newMailToken(id); err == nil {
			t.Errorf("a token of %q, which parsing would give back as another", id)
		}
	}
}

func FuzzParseMailToken(f *testing.F) {
	token, _, err := newMailToken(uuid.NewString())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add(strings.Repeat("A", 64))
	f.Add(strings.Repeat("A", 62) + "\r\n")
	f.Fuzz(func(t *testing.T, token string) {
		id, hash, err := parseMailToken(token)
		if err != nil {
			return
		}
		// One text a token, so that no two are told apart that the store does not.
		if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id || len(hash) != 32 || len(token) != 64 || strings.ContainsAny(token, "\r\n=+/") {
			t.Errorf("%q is taken for a token of %q, hash %x", token, id, hash)
		}
	})
}

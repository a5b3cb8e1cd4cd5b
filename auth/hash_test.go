package auth

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// elsewhere returns the hash of the very bytes of a password by other parameters, as another
// program makes it.
func elsewhere(password string, memory, time uint32, threads uint8, saltLength, keyLength int) string {
	salt := []byte(strings.Repeat("s", saltLength))
	encoding := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, time, threads, encoding.EncodeToString(salt),
		encoding.EncodeToString(argon2.IDKey([]byte(password), salt, time, memory, threads, uint32(keyLength))))
}

func TestMatch(t *testing.T) {
	passwords := NewPasswords()
	long := strings.Repeat("0123456789abcdef", 16)
	hash, err := passwords.Hash(t.Context(), asker{}, long+"X")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q is not the PHC string of argon2id, m=19 MiB, t=2, p=1", hash)
	}
	again, err := passwords.Hash(t.Context(), asker{}, long+"X")
	if err != nil || again == hash {
		t.Errorf("a second hash of the same password is the same, or %v", err)
	}
	composed, apart := "Zoë’s café", norm.NFD.String("Zoë’s café")
	for _, test := range []struct {
		name, hash, password string
		want                 passwordMatch
	}{
		{"the password", hash, long + "X", matchesNow},
		{"its other hash", again, long + "X", matchesNow},
		{"another at the 257th character", hash, long + "Y", matchesNot},
		{"one character fewer", hash, long, matchesNot},
		{"another letter case", hash, strings.ToUpper(long) + "X", matchesNot},
		{"empty", hash, "", matchesNot},
		{"an unknown account's", "", long + "X", matchesNot},
		{"an unknown account's, empty", "", "", matchesNot},
		{"an unknown account's, not composed", "", apart, matchesNot},

		{"composed, and so typed", newHash(composed).String(), composed, matchesNow},
		{"composed, and typed apart", newHash(composed).String(), apart, matchesNow},
		{"typed apart at first, composed since", newHash(apart).String(), composed, matchesNow},
		{"of before, of what was typed apart", elsewhere(apart, argonMemory, argonTime, argonThreads, saltLength, keyLength), apart, matchesOutdated},
		{"without its accents", newHash(composed).String(), "Zoe’s cafe", matchesNot},
		{"in compatible letters", newHash("file system").String(), "ﬁle system", matchesNot},

		{"less memory", elsewhere("loom", 4096, 2, 1, 16, 32), "loom", matchesOutdated},
		{"less memory, another", elsewhere("loom", 4096, 2, 1, 16, 32), "Loom", matchesNot},
		{"more passes", elsewhere("loom", argonMemory, 3, 1, 16, 32), "loom", matchesOutdated},
		{"more threads", elsewhere("loom", argonMemory, 2, 4, 16, 32), "loom", matchesOutdated},
		{"a longer key", elsewhere("loom", argonMemory, 2, 1, 16, 64), "loom", matchesOutdated},
		{"a shorter salt", elsewhere("loom", argonMemory, 2, 1, 8, 32), "loom", matchesOutdated},
		{"the most there may be", elsewhere("loom", maxArgonMemory, 1, 4, 16, 32), "loom", matchesOutdated},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := matchHash(test.hash, test.password); err != nil || got != test.want {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// TestParseHash refuses what is no hash, and what would take the server's memory or time.
func TestParseHash(t *testing.T) {
	salt, key := strings.Repeat("A", 22), strings.Repeat("A", 43)
	of := func(parameters string) string { return "$argon2id$v=19$" + parameters + "$" + salt + "$" + key }
	if _, err := parseHash(of("m=19456,t=2,p=1")); err != nil {
		t.Fatal(err)
	}
	for _, broken := range []string{
		"hash", "$", "$$$$$", "$argon2id$v=19$m=19456,t=2,p=1$!!$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA",
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key, "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		of("m=4194304,t=2,p=1"), of("m=65537,t=2,p=1"), of("m=19456,t=11,p=1"), of("m=19456,t=4294967295,p=1"), of("m=19456,t=2,p=17"),
		of("m=0,t=2,p=1"), of("m=7,t=2,p=1"), of("m=19456,t=0,p=1"), of("m=19456,t=2,p=0"), of("m=19456,t=2,p=256"), of("m=-1,t=2,p=1"),
		of("m=19456,t=2,p=1,x=1"), of("m=019456,t=2,p=1"), of("t=2,m=19456,p=1"), of("m=19456,t=2,p=1 "),
		"$argon2id$v=19$m=19456,t=2,p=1$$" + key, "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("A", 1000) + "$" + key, "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + strings.Repeat("A", 1000),
		of("m=19456,t=2,p=1") + "\n", of("m=19456,t=2,p=1") + "$",
	} {
		if h, err := parseHash(broken); err == nil {
			t.Errorf("the hash %q is %+v; want an error", broken, h)
		}
		if got, err := matchHash(broken, "password"); err == nil || got != matchesNot {
			t.Errorf("the hash %q: %v, %v; want an error", broken, got, err)
		}
	}
}

package account_test

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestCanonicalEmail(t *testing.T) {
	for _, test := range []struct{ name, email, want string }{ // want empty: refused
		{"as it is", "ada@example.com", "ada@example.com"},
		{"letter case and spaces around", " \tAda@Example.COM\n", "ada@example.com"},
		{"full-width letters", "ａｄａ＠example.com", "ada@example.com"},
		{"a ligature", "oﬃce@example.com", "office@example.com"},
		{"accents composed", "re\u0301ne\u0301@example.com", "r\u00e9n\u00e9@example.com"},
		{"dotted capital I", "\u0130da@example.com", "ida@example.com"},
		{"a plus and dots are the owner's", "a.d.a+x@example.com", "a.d.a+x@example.com"},
		{"a domain as it is looked up", "ada@xn--bcher-kva.example", "ada@bücher.example"},
		{"an ideographic full stop", "ada@example\u3002com", "ada@example.com"},
		{"a dot at the end", "ada@example.com.", "ada@example.com"},
		{"an ideographic full stop at the end", "ada@example.com\u3002", "ada@example.com"},
		{"one label", "ada@localhost", "ada@localhost"},
		{"254 characters", strings.Repeat("a", 242) + "@example.com", strings.Repeat("a", 242) + "@example.com"},
		{"255 characters", strings.Repeat("a", 243) + "@example.com", ""},
		{"60 KB", strings.Repeat("a", 60_000) + "@example.com", ""},
		{"empty", "", ""},
		{"no @", "ada.example.com", ""},
		{"two @", "ada@lovelace@example.com", ""},
		{"nobody", "@example.com", ""},
		{"two dots at the end", "ada@example.com..", ""},
		{"two dots in the domain", "ada@example..com", ""},
		{"two dots in the name", "a..da@example.com", ""},
		{"an underscore in the domain", "ada@exa_mple.com", ""},
		{"a port", "ada@example.com:25", ""},
		{"a list", "a,ada@example.com", ""},
		{"in angle brackets", "<ada@example.com>", ""},
		{"a variation selector", "a\ufe0fda@example.com", ""},
		{"a Hangul filler", "a\u3164da@example.com", ""},
		{"nowhere", "ada@", ""},
		{"a space inside", "ada lovelace@example.com", ""},
		{"NUL", "ada\x00@example.com", ""},
		{"a line break", "ada@example.com\nbcc: eve@example.com", ""},
		{"a zero-width space", "ada\u200b@example.com", ""},
		{"text from right to left", "ada\u202e@example.com", ""},
		{"not UTF-8", "ada\xff@example.com", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := account.CanonicalEmail(test.email)
			if got != test.want || (test.want == "") != model.IsBadInput(err) {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func FuzzCanonicalEmail(f *testing.F) {
	f.Add("Ada@Example.com")
	f.Add("ａｄａ＠example.com")
	f.Add("\u0130@\u1e9e")
	f.Add("a\u0345@b")
	f.Add("ada@example.com\u3002")
	f.Add("ada@example.com\uff61.")
	f.Fuzz(func(t *testing.T, email string) {
		once, err := account.CanonicalEmail(email)
		if err != nil {
			return
		}
		if twice, err := account.CanonicalEmail(once); err != nil || twice != once {
			t.Errorf("%q becomes %q, and that becomes %q, %v", email, once, twice, err)
		}
	})
}

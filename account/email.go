package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/ownql/ownql/model"
)

// maxEmailLength is what RFC 5321, section 4.5.3.1.3, leaves for an address (erratum 1690).
const maxEmailLength = 254

// CanonicalEmail returns the one spelling under which an address is kept and looked
// up: trimmed, NFKC, in lower case. Code BAD_USER_INPUT: it is not an address.
func CanonicalEmail(email string) (string, error) {
	// This bounds the work before NFKC, which can make 18 characters of one.
	if len(email) > 4*maxEmailLength {
		return "", model.BadInput("email", "an email address has at most 254 characters")
	}
	if !utf8.ValidString(email) {
		return "", model.BadInput("email", "an email address is valid Unicode text")
	}
	canonical := norm.NFKC.String(strings.TrimSpace(email))
	// Lower case can undo NFKC, and NFKC lower case; twice is where it settles.
	for range 2 {
		canonical = norm.NFKC.String(strings.ToLower(canonical))
	}
	canonical = strings.TrimSpace(canonical)
	local, domain, _ := strings.Cut(canonical, "@")
	domain = canonicalDomain(domain)
	canonical = local + "@" + domain
	switch {
	case utf8.RuneCountInString(canonical) > maxEmailLength:
		return "", model.BadInput("email", "an email address has at most 254 characters")
	case canonical == "@":
		return "", model.BadInput("email", "an email address is required")
	case strings.ContainsFunc(canonical, notInEmail):
		return "", model.BadInput("email", "an email address has no spaces and no invisible characters")
	case !isLocalPart(local) || !isDomain(domain):
		return "", model.BadInput("email", "an email address has the form name@domain")
	}
	return canonical, nil
}

// canonicalDomain returns a domain as it is written, not as it is looked up (RFC 5891):
// `bücher.example` for `xn--bcher-kva.example`, and without a dot at its end. What is no
// domain name stays as it is.
func canonicalDomain(domain string) string {
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return domain
	}
	written, err := idna.ToUnicode(strings.TrimSuffix(ascii, "."))
	if err != nil {
		return domain
	}
	return written
}

// isLocalPart tells whether text may stand before the @: a dot-atom (RFC 5322, section
// 3.2.3, and RFC 6531). Quoted ones are as good as extinct.
func isLocalPart(text string) bool {
	for atom := range strings.SplitSeq(text, ".") {
		if atom == "" || strings.ContainsAny(atom, `()<>[]:;@\,"`) {
			return false
		}
	}
	return true
}

// isDomain tells whether text is a domain name that mail can go to: its labels are what IDNA
// makes letters, digits and hyphens of.
func isDomain(text string) bool {
	ascii, err := idna.Lookup.ToASCII(text)
	if err != nil {
		return false
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
}

func notInEmail(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError ||
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

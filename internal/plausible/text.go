// Package plausible makes up values that look as if somebody had typed them: by a field's name, its type, and what
// @validate says of it. The same source of chance makes the same values.
package plausible

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Field is what texts and numbers are made up for.
type Field struct {
	Of   string // the type that has it
	Name string

	MinLength, MaxLength int // characters; MaxLength 0: as many as that may be
	Patterns             []*regexp.Regexp
	Least, Most          *float64 // nil: there is no such limit
	IsWhole              bool     // its numbers are
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// FirstName and LastName return those of somebody.
func FirstName(r *rand.Rand) string { return pick(r, firstNames) }

// LastName is of FirstName.
func LastName(r *rand.Rand) string { return pick(r, lastNames) }

// tries is how often a text is made up again that does not match.
const tries = 50

// Text returns a text; ok is false where none was found that is as the limits say.
func (f Field) Text(r *rand.Rand) (text string, ok bool) {
	for try := range tries {
		if text = f.byName(r); try > 1 && len(f.Patterns) > 0 {
			text = Matching(r, f.Patterns[0], maxRepeats+f.MinLength)
		}
		if text = f.fitted(r, text); f.isGood(text) {
			return text, true
		}
	}
	return text, false
}

// WithNumber returns the text with a number in it, so that it is another for each number.
func (f Field) WithNumber(text string, n int) string {
	suffix := fmt.Sprintf("-%d", n)
	for _, made := range []string{text + suffix, strings.TrimSuffix(suffix[1:]+text, "-")} {
		if local, domain, isEmail := strings.Cut(text, "@"); isEmail {
			made = local + suffix + "@" + domain
		}
		if f.MaxLength > 0 && utf8.RuneCountInString(made) > f.MaxLength {
			made = string([]rune(text)[:max(0, f.MaxLength-len(suffix))]) + suffix
		}
		if f.isGood(made) {
			return made
		}
	}
	return text
}

func (f Field) isGood(text string) bool {
	length := utf8.RuneCountInString(text)
	for _, pattern := range f.Patterns {
		if !pattern.MatchString(text) {
			return false
		}
	}
	return length >= f.MinLength && (f.MaxLength == 0 || length <= f.MaxLength)
}

// fitted makes a text as long as it must be, and no longer than it may be.
func (f Field) fitted(r *rand.Rand, text string) string {
	for utf8.RuneCountInString(text) < f.MinLength && len(f.Patterns) == 0 {
		text += " " + sentence(r)
	}
	if f.MaxLength > 0 && utf8.RuneCountInString(text) > f.MaxLength {
		text = string([]rune(text)[:f.MaxLength])
		if trimmed := strings.TrimRight(text, " ,.-"); utf8.RuneCountInString(trimmed) >= f.MinLength {
			text = trimmed
		}
	}
	return text
}

// wordsOf returns the words of a name in camel case, in small letters, with spaces around each.
func wordsOf(name string) string {
	var words strings.Builder
	words.WriteByte(' ')
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) || c == '_' {
			words.WriteByte(' ')
		}
		if c != '_' {
			words.WriteRune(unicode.ToLower(c))
		}
	}
	words.WriteByte(' ')
	return words.String()
}

// has tells whether one of the words is among those of a name.
func has(name string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(name, " "+word+" ") {
			return true
		}
	}
	return false
}

func (f Field) byName(r *rand.Rand) string {
	name, of := wordsOf(f.Name), wordsOf(f.Of)
	switch {
	case has(name, "email", "mail"):
		return fmt.Sprintf("%s.%s%d@example.com", strings.ToLower(FirstName(r)), strings.ToLower(LastName(r)), r.IntN(1000))
	case has(name, "url", "website", "link", "homepage", "image", "picture", "photo", "avatar", "icon", "href"):
		return "https://example.com/" + pick(r, adjectives) + "-" + pick(r, nouns)
	case has(name, "phone", "mobile", "fax", "telephone"):
		return fmt.Sprintf("+1 555 01%02d", r.IntN(100))
	case has(name, "slug", "handle", "username", "path"):
		return pick(r, adjectives) + "-" + pick(r, nouns)
	case has(name, "color", "colour"):
		return fmt.Sprintf("#%06x", r.IntN(1<<24))
	case has(name, "currency"):
		return pick(r, []string{"EUR", "USD", "GBP", "JPY", "CHF"})
	case has(name, "language", "locale", "lang"):
		return pick(r, []string{"en", "de", "fr", "es", "ja"})
	case has(name, "timezone", "zone"):
		return pick(r, []string{"UTC", "Europe/Oslo", "America/Lima", "Asia/Tokyo"})
	case has(name, "country"):
		return pick(r, countries)
	case has(name, "city", "town", "place", "location", "region", "venue"):
		return pick(r, cities)
	case has(name, "street", "address"):
		return fmt.Sprintf("%d %s street", 1+r.IntN(120), capital(pick(r, nouns)))
	case has(name, "zip", "postal", "postcode"):
		return fmt.Sprintf("%05d", r.IntN(100_000))
	case has(name, "first"), has(name, "given"):
		return FirstName(r)
	case has(name, "last"), has(name, "family"), has(name, "surname"):
		return LastName(r)
	case has(name, "author", "artist", "speaker"), has(name, "name") && has(of, "person", "customer", "author", "contact", "member", "patient", "guest", "employee", "student", "teacher", "artist", "profile"):
		return FirstName(r) + " " + LastName(r)
	case has(name, "company", "organization", "vendor", "brand"), has(name, "name") && has(of, "company", "organization", "organisation", "team", "workspace", "shop", "vendor", "club", "tenant"):
		return capital(pick(r, adjectives)) + " " + capital(pick(r, nouns)) + " " + pick(r, companies)
	case has(name, "label", "tag", "category", "kind", "genre", "topic"), has(name, "name") && has(of, "label", "tag", "category", "genre", "topic"):
		return pick(r, tags)
	case has(name, "code", "sku", "key", "number", "serial", "isbn", "reference", "ref"):
		return fmt.Sprintf("%s-%03d", strings.ToUpper(pick(r, nouns)[:3]), r.IntN(1000))
	case has(name, "body", "description", "text", "content", "note", "notes", "summary", "bio", "comment", "message", "details", "about", "review", "remark"):
		return paragraph(r)
	case has(name, "title", "subject", "headline", "task", "question"):
		return capital(pick(r, verbs)) + " the " + pick(r, adjectives) + " " + pick(r, nouns)
	default:
		return capital(pick(r, adjectives)) + " " + pick(r, nouns)
	}
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func sentence(r *rand.Rand) string {
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("Please %s the %s %s %s.", pick(r, verbs), pick(r, adjectives), pick(r, nouns), pick(r, endings))
	case 1:
		return fmt.Sprintf("We have to %s the %s and the %s %s.", pick(r, verbs), pick(r, nouns), pick(r, nouns), pick(r, endings))
	default:
		return fmt.Sprintf("The %s is %s, and the %s is not.", pick(r, nouns), pick(r, adjectives), pick(r, nouns))
	}
}

func paragraph(r *rand.Rand) string {
	text := sentence(r)
	for range r.IntN(3) {
		text += " " + sentence(r)
	}
	return text
}

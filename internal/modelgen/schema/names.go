package schema

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// lowerCamel returns a type's name as a field's: `BlogPost` as `blogPost`, `URL` as
// `url`, `APIKey` as `apiKey`.
func lowerCamel(name string) string {
	runes := []rune(name)
	for i, r := range runes {
		followedByLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if !unicode.IsUpper(r) || i > 0 && followedByLower {
			break
		}
		runes[i] = unicode.ToLower(r)
	}
	return string(runes)
}

// UpperFirst returns a name that begins in upper case: `posts` as `Posts`.
func UpperFirst(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}

// pluralOf follows one rule, which docs/schema.md states: y after a consonant becomes
// ies; s, x, z, ch and sh get es; everything else gets s. For the rest there is
// @model(plural:).
func pluralOf(name string) string {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, "y") && len(lower) > 1 && !strings.ContainsRune("aeiou", rune(lower[len(lower)-2])):
		return name[:len(name)-1] + "ies"
	case strings.HasSuffix(lower, "s"), strings.HasSuffix(lower, "x"), strings.HasSuffix(lower, "z"),
		strings.HasSuffix(lower, "ch"), strings.HasSuffix(lower, "sh"):
		return name + "es"
	default:
		return name + "s"
	}
}

// words returns a name in camel case as prose: `blogPost` as `blog post`. Acronyms
// stay as they are.
func words(name string) string {
	runes := []rune(name)
	var prose strings.Builder
	start := 0
	for i := 1; i <= len(runes); i++ {
		ends := i == len(runes) ||
			unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if !ends {
			continue
		}
		word := string(runes[start:i])
		if strings.ToUpper(word) != word || len(word) == 1 {
			word = strings.ToLower(word)
		}
		if start > 0 {
			prose.WriteByte(' ')
		}
		prose.WriteString(word)
		start = i
	}
	return strings.ReplaceAll(prose.String(), "_", " ")
}

// withArticle puts `a` or `an` before prose.
func withArticle(prose string) string {
	first, _, _ := strings.Cut(prose, " ")
	vowels := "aeio"
	if strings.ToUpper(first) == first { // an acronym, whose letters are said one by one
		vowels = "AEFHILMNORSX"
	}
	if strings.Contains(vowels, prose[:1]) {
		return "an " + prose
	}
	return "a " + prose
}

// sentence makes prose begin in upper case and end in a full stop.
func sentence(prose string) string {
	prose = UpperFirst(prose)
	if !strings.HasSuffix(prose, ".") {
		prose += "."
	}
	return prose
}

// Singular is the model's name as a field's: `blogPost`.
func (m *Model) Singular() string { return lowerCamel(m.Name) }

// tablesOfAccounts are the tables that every project has and that a plural may name.
var tablesOfAccounts = []string{"logins", "sessions", "tokens", "attempts", "uniques", "outbox", "audit", "undos"}

// Table is the name of the model's table, which is the plural unless there is such a table. A type
// that had another name before keeps the one that goes with that.
func (m *Model) Table() string {
	name := m.Plural
	switch {
	case m.table != "":
		return m.table
	case m.Formerly != "":
		name = pluralOf(lowerCamel(m.Formerly))
	}
	if slices.Contains(tablesOfAccounts, name) {
		return strings.TrimSuffix(name, "s") + "Items"
	}
	return name
}

// Prose is the model's name in a sentence: `blog post`.
func (m *Model) Prose() string { return words(m.Name) }

// ProseArticle is Prose after `a` or `an`.
func (m *Model) ProseArticle() string { return withArticle(m.Prose()) }

// ProsePlural is the plural in a sentence: `blog posts`.
func (m *Model) ProsePlural() string {
	if m.plural {
		return words(m.Plural)
	}
	return pluralOf(m.Prose())
}

// Prose is the field's name in a sentence.
func (f *Field) Prose() string { return words(f.Name) }

// ProseArticle is Prose after `a` or `an`.
func (f *Field) ProseArticle() string { return withArticle(f.Prose()) }

// GoInteger writes a whole number as Go does: `007` as `7`.
func GoInteger(text string) string {
	n, _ := strconv.ParseInt(text, 10, 64) // validated
	return strconv.FormatInt(n, 10)
}

// GoFloat writes a number as Go does: `1e3` as `1000`.
func GoFloat(text string) string {
	n, _ := strconv.ParseFloat(text, 64) // validated
	return strconv.FormatFloat(n, 'f', -1, 64)
}

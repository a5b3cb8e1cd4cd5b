package modelgen

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/codegen/templates"
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

func upperFirst(name string) string {
	return strings.ToUpper(name[:1]) + name[1:]
}

func lowerFirst(name string) string {
	return strings.ToLower(name[:1]) + name[1:]
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

// typeWithArticle puts `a` or `an` before a type's name.
func typeWithArticle(name string) string {
	if strings.Contains("AEIO", name[:1]) {
		return "an " + name
	}
	return "a " + name
}

// sentence makes prose begin in upper case and end in a full stop.
func sentence(prose string) string {
	prose = upperFirst(prose)
	if !strings.HasSuffix(prose, ".") {
		prose += "."
	}
	return prose
}

// Singular is the model's name as a field's: `blogPost`.
func (m *Model) Singular() string { return lowerCamel(m.Name) }

// GoName is the Go type of the model, and of anything else that the schema names so.
func (m *Model) GoName() string { return templates.ToGo(m.Name) }

// GoPlural is the plural in Go's exported names: `BlogPosts`.
func (m *Model) GoPlural() string {
	if m.plural {
		return templates.ToGo(m.Plural)
	}
	return pluralOf(m.GoName())
}

// GoField is the plural as the field of Store: `blogPosts`.
func (m *Model) GoField() string { return m.Plural }

// GoLetter names a receiver. `s` is the store's.
func (m *Model) GoLetter() string {
	letter := m.Singular()[:1]
	if letter == "s" {
		return "v"
	}
	return letter
}

// taken are the names that the methods of Store use otherwise.
var taken = []string{"ctx", "caller", "input", "page", "r", "err", "ids", "byOwner", "s"}

// meansElse tells whether a name means something else in the methods of Store.
func meansElse(name string) bool {
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil || imports[name] != "" || slices.Contains(taken, name)
}

// variable makes a Go variable of a name, or falls back on another.
func variable(name, fallback string) string {
	if meansElse(name) {
		return fallback
	}
	return name
}

// GoVariable names a local variable of the methods of Store.
func (m *Model) GoVariable() string { return variable(m.Singular(), "item") }

// GoVariable names a parameter of the methods of Store.
func (f *Field) GoVariable() string { return variable(templates.ToGoPrivate(f.Attribute()), "value") }

// PayloadField is the model's field of a payload, in Go.
func (m *Model) PayloadField() string { return templates.ToGo(m.Singular()) }

// DeletedIDField is the field of the delete payload that has the global id, in Go.
func (m *Model) DeletedIDField() string { return templates.ToGo("deleted" + m.Name + "Id") }

// GoFile is the model's file in store/ and in graph/.
func (m *Model) GoFile() string { return strings.ToLower(m.Name) + "_gen.go" }

// policyFile is the model's file in graph/testdata/policy/.
func (m *Model) policyFile() string { return strings.ToLower(m.Name) + ".txt" }

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

// GoName is the field's name in the Go struct.
func (f *Field) GoName() string { return templates.ToGo(f.Attribute()) }

// Prose is the field's name in a sentence.
func (f *Field) Prose() string { return words(f.Name) }

// ProseArticle is Prose after `a` or `an`.
func (f *Field) ProseArticle() string { return withArticle(f.Prose()) }

// GoName is the Go type of the enum.
func (e *Enum) GoName() string { return templates.ToGo(e.Name) }

// GoValue is the Go constant of a value.
func (e *Enum) GoValue(value string) string { return e.GoName() + templates.ToGo(value) }

// GoName is the Go type of the object.
func (o *Object) GoName() string { return templates.ToGo(o.Name) }

// goTypes are the types of package store that the model expands into.
func (m *Model) goTypes() []string {
	names := []string{m.GoName(), m.GoName() + "Connection", m.GoName() + "Edge"}
	for _, operation := range m.mutations() {
		names = append(names, operation+m.GoName()+"Input")
	}
	return names
}

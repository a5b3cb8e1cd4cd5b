package modelgen

import (
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

// goTypeName returns the Go type of what the schema names so: by that very name, but for
// those that package store has itself.
func goTypeName(name string) string {
	switch {
	case name == "Store", name == "New":
		return name + "Item"
	case typePattern.MatchString(name):
		return name
	default:
		return templates.ToGo(name)
	}
}

// GoName is the Go type of the model.
func (m *Model) GoName() string { return goTypeName(m.Name) }

// GoTypeOf is the Go type of what the model expands into: `CreatePostInput`.
func (m *Model) GoTypeOf(prefix, suffix string) string { return goTypeName(prefix + m.Name + suffix) }

// WriteMethod is the method of Store that carries out an operation: `CreatePost`.
func (m *Model) WriteMethod(operation string) string { return operation + m.Name }

// GoPlural is the plural in Go's exported names, and the field of Store: `BlogPosts`.
func (m *Model) GoPlural() string {
	if m.plural {
		return templates.ToGo(m.Plural)
	}
	return pluralOf(m.Name)
}

// tablesOfAccounts are those of accounts that a plural may name, and that of unique values.
var tablesOfAccounts = []string{"logins", "sessions", "attempts", "uniques"}

// Table is the name of the model's table, which is the plural unless there is such a table.
func (m *Model) Table() string {
	if slices.Contains(tablesOfAccounts, m.Plural) {
		return strings.TrimSuffix(m.Plural, "s") + "Items"
	}
	return m.Plural
}

// GoFile is the model's file in store/: not one of a test, nor of all models.
func (m *Model) GoFile() string {
	name := strings.ToLower(m.Name)
	if name == "store" || name == "models" {
		name += "item"
	}
	return name + "_gen.go"
}

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
func (f *Field) GoName() string { return f.goInputName() + f.goSuffix }

// goInputName is the field's name in the Go structs of inputs.
func (f *Field) goInputName() string { return templates.ToGo(f.InputName()) }

// Prose is the field's name in a sentence.
func (f *Field) Prose() string { return words(f.Name) }

// ProseArticle is Prose after `a` or `an`.
func (f *Field) ProseArticle() string { return withArticle(f.Prose()) }

// GoName is the Go type of the enum.
func (e *Enum) GoName() string { return goTypeName(e.Name) }

// GoValue is the Go constant of a value.
func (e *Enum) GoValue(value string) string { return e.GoName() + templates.ToGo(value) }

// GoName is the Go type of the object.
func (o *Object) GoName() string { return goTypeName(o.Name) }

// GoInput is the Go type of the object's input.
func (o *Object) GoInput() string { return goTypeName(o.Name + "Input") }

// goTypes are the types of the schema that the model expands into.
func (m *Model) goTypes() []string {
	names := []string{m.Name, m.Name + "Connection", m.Name + "Edge"}
	for _, operation := range m.mutations() {
		names = append(names, operation+m.Name+"Input", operation+m.Name+"Payload")
	}
	return names
}

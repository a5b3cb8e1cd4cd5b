package policy

import (
	"iter"
	"math/rand/v2"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

const (
	// maxTexts is how many texts are tried for a field.
	maxTexts = 1000
	// maxText is the most characters that an example has: an index takes no more.
	maxText = 1000
)

// texts goes through texts that @validate may admit: plain ones of a length that it
// wants, and some that its patterns match. They are the same each time.
func texts(f *schema.Field) iter.Seq[string] {
	shortest, longest := 0, maxText
	var patterns []*syntax.Regexp
	for _, validation := range f.Validations {
		switch limit, _ := strconv.Atoi(validation.Value); validation.Type { // was parsed before
		case "minLength":
			shortest = limit
		case "maxLength":
			longest = min(limit, maxText)
		case "matches":
			pattern, _ := syntax.Parse(validation.Value, syntax.Perl) // was compiled before
			patterns = append(patterns, pattern)
		}
	}
	return func(yield func(string) bool) {
		for i := range maxTexts {
			if shortest > longest || !yield(plainText(f.Prose(), i, shortest, longest)) {
				return
			}
			for _, pattern := range patterns {
				m := matching{random: rand.New(rand.NewPCG(uint64(i), 0)), most: 1 + i%shortText + shortest}
				m.write(pattern)
				if text := m.String(); utf8.ValidString(text) && !yield(text) {
					return
				}
			}
		}
	}
}

// plainText numbers a word, and shortens or lengthens that to what is wanted.
func plainText(word string, i, shortest, longest int) string {
	number := strconv.FormatInt(int64(i+1), 36)
	text := word + " " + number
	if utf8.RuneCountInString(text) > longest {
		text = number[max(0, len(number)-longest):]
	}
	return text + strings.Repeat("x", max(0, shortest-utf8.RuneCountInString(text)))
}

// shortText is what is added at most to the least repetitions of a pattern.
const shortText = 8

// matching is a text of random choices that a pattern matches, unless the pattern looks
// at what stands around it.
type matching struct {
	strings.Builder
	random *rand.Rand
	most   int // repetitions where the pattern sets no bound
}

func (m *matching) write(pattern *syntax.Regexp) {
	if m.Len() > maxText {
		return
	}
	switch pattern.Op {
	case syntax.OpLiteral:
		m.WriteString(string(pattern.Rune))
	case syntax.OpCharClass:
		m.WriteRune(m.oneOf(pattern.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		m.WriteRune('a' + rune(m.random.IntN(26)))
	case syntax.OpStar:
		m.repeat(pattern, 0, -1)
	case syntax.OpPlus:
		m.repeat(pattern, 1, -1)
	case syntax.OpQuest:
		m.repeat(pattern, 0, 1)
	case syntax.OpRepeat:
		m.repeat(pattern, pattern.Min, pattern.Max)
	case syntax.OpAlternate:
		m.write(pattern.Sub[m.random.IntN(len(pattern.Sub))])
	case syntax.OpConcat, syntax.OpCapture:
		for _, part := range pattern.Sub {
			m.write(part)
		}
	}
}

// repeat writes the pattern's only part from least to most times, -1: as often as it
// likes.
func (m *matching) repeat(pattern *syntax.Regexp, least, most int) {
	if most < 0 {
		most = max(least, m.most)
	}
	for range least + m.random.IntN(most-least+1) {
		m.write(pattern.Sub[0])
	}
}

// oneOf returns a character of the ranges, each a first and a last: a visible one,
// if a few tries find it, and rather of ASCII.
func (m *matching) oneOf(ranges []rune) rune {
	if len(ranges) == 0 {
		return utf8.RuneError // nothing matches
	}
	var chosen rune
	for range 20 {
		i := m.random.IntN(len(ranges)/2) * 2
		first, last := ranges[i], min(ranges[i+1], max(unicode.MaxASCII, ranges[i]+unicode.MaxASCII))
		chosen = first + rune(m.random.IntN(int(last-first)+1))
		if unicode.IsGraphic(chosen) && chosen != ' ' {
			break
		}
	}
	return chosen
}

package plausible

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxRepeats is how often something is repeated at most that may be repeated for ever, unless the text is to be
// longer.
const maxRepeats = 6

// Matching returns a text in which the pattern is found, and in which nothing that may be repeated for ever is there
// more often than that. It does not look at the ends of words, so that a text may not match after all.
func Matching(r *rand.Rand, pattern *regexp.Regexp, most int) string {
	parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return ""
	}
	var text strings.Builder
	matcher{r, most, &text}.match(parsed.Simplify())
	return text.String()
}

// A matcher writes a text.
type matcher struct {
	r    *rand.Rand
	most int
	text *strings.Builder
}

func (m matcher) match(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		m.text.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		m.text.WriteRune(oneOf(m.r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		m.text.WriteRune('a' + rune(m.r.IntN(26)))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			m.match(sub)
		}
	case syntax.OpAlternate:
		m.match(re.Sub[m.r.IntN(len(re.Sub))])
	case syntax.OpQuest:
		m.repeat(re, 0, 1)
	case syntax.OpStar:
		m.repeat(re, 0, m.most)
	case syntax.OpPlus:
		m.repeat(re, 1, m.most)
	}
}

func (m matcher) repeat(re *syntax.Regexp, least, most int) {
	for range least + m.r.IntN(most-least+1) {
		m.match(re.Sub[0])
	}
}

// oneOf returns a character of a class, a printable one of ASCII where there are some.
func oneOf(r *rand.Rand, class []rune) rune {
	var plain []rune
	for i := 0; i+1 < len(class) && class[i] <= '~'; i += 2 { // they are in order
		for c := max(class[i], ' '); c <= min(class[i+1], '~'); c++ {
			plain = append(plain, c)
		}
	}
	if len(plain) > 0 {
		if letters := onlyLetters(plain); len(letters) > 0 {
			plain = letters
		}
		return plain[r.IntN(len(plain))]
	}
	if len(class) == 0 {
		return 'a'
	}
	i := 2 * r.IntN(len(class)/2)
	return class[i] + rune(r.IntN(int(class[i+1]-class[i])+1))
}

func onlyLetters(class []rune) (letters []rune) {
	for _, c := range class {
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' {
			letters = append(letters, c)
		}
	}
	return letters
}

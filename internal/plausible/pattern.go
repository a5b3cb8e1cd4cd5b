package plausible

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxRepeats is how often something is repeated that may be repeated for ever.
const maxRepeats = 6

// Matching returns a text in which the pattern is found. It does not look at the ends of words, so that a text may
// not match after all.
func Matching(r *rand.Rand, pattern *regexp.Regexp) string {
	parsed, err := syntax.Parse(pattern.String(), syntax.Perl)
	if err != nil {
		return ""
	}
	var text strings.Builder
	match(r, parsed.Simplify(), &text)
	return text.String()
}

func match(r *rand.Rand, re *syntax.Regexp, text *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		text.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		text.WriteRune(oneOf(r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		text.WriteRune('a' + rune(r.IntN(26)))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			match(r, sub, text)
		}
	case syntax.OpAlternate:
		match(r, re.Sub[r.IntN(len(re.Sub))], text)
	case syntax.OpQuest:
		repeat(r, re, 0, 1, text)
	case syntax.OpStar:
		repeat(r, re, 0, maxRepeats, text)
	case syntax.OpPlus:
		repeat(r, re, 1, maxRepeats, text)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + maxRepeats
		}
		repeat(r, re, re.Min, most, text)
	}
}

func repeat(r *rand.Rand, re *syntax.Regexp, least, most int, text *strings.Builder) {
	for range least + r.IntN(most-least+1) {
		match(r, re.Sub[0], text)
	}
}

// oneOf returns a character of a class, a printable one of ASCII where there are some.
func oneOf(r *rand.Rand, class []rune) rune {
	var plain []rune
	for c := rune(' '); c <= '~'; c++ {
		for i := 0; i+1 < len(class); i += 2 {
			if class[i] <= c && c <= class[i+1] {
				plain = append(plain, c)
			}
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

package auth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ownql/ownql/internal/listed"
)

// An owner is whom a password is to be of, and what anyone knows about them.
type owner struct {
	email string   // canonical
	names []string // the first and the last
	site  string   // the server's host
}

const (
	maxAround  = 5  // characters around a word that add little to it: `2026!`
	maxPattern = 40 // characters: of a longer one nobody knows where it ends
	minDigits  = 12 // digits that are not a date, a phone number or a PIN typed twice
	maxRuns    = 4  // on the alphabet or the keyboard
)

// whyGuessable returns why a password, in NFC, is one of the first million or so that anyone would
// try, or nothing where it is not.
func whyGuessable(password string, about owner) string {
	lower := strings.ToLower(password)
	joined := strings.Map(withoutSeparator, lower)
	length := utf8.RuneCountInString(password)
	switch {
	case isCommon(lower) || isCommon(joined):
		return "it is a common one"
	case length < minDigits && strings.IndexFunc(lower, isNotInDate) < 0:
		return "it is digits alone, as dates are"
	case length <= maxPattern && (isRepeated(lower) || isRepeated(joined)):
		return "it repeats itself"
	case length <= maxPattern && (runs([]rune(lower)) <= maxRuns || isBraid(lower)):
		return "it goes along the alphabet or the keyboard"
	case isMadeOf(lower, about):
		return "it is made of your name, your address or this site's"
	}
	return ""
}

// isCommon tells whether a password in lower case is one of those that are used most, or a common
// word or name, alone or with little around it, in plain letters or with digits for some.
func isCommon(lower string) bool {
	for _, plain := range []string{lower, plainOne.Replace(lower), plainEl.Replace(lower)} {
		word := strings.TrimFunc(plain, isNoLetter)
		isWord := word != "" && utf8.RuneCountInString(plain)-utf8.RuneCountInString(word) <= maxAround
		if listed.Has(plain) || isWord && listed.Has(word) {
			return true
		}
	}
	// Digits around a word are not letters of it.
	word := strings.TrimFunc(lower, isNoLetter)
	if word == "" || utf8.RuneCountInString(lower)-utf8.RuneCountInString(word) > maxAround {
		return false
	}
	return listed.Has(plainOne.Replace(word)) || listed.Has(plainEl.Replace(word))
}

// Letters that digits and signs are written for; 1 is i or l.
var (
	plainOne = strings.NewReplacer(slices.Concat(leet, []string{"1", "i", "!", "i", "|", "i"})...)
	plainEl  = strings.NewReplacer(slices.Concat(leet, []string{"1", "l", "!", "l", "|", "l"})...)

	leet = []string{"4", "a", "@", "a", "8", "b", "(", "c", "3", "e", "6", "g", "9", "g", "0", "o", "5", "s", "$", "s", "7", "t", "+", "t", "2", "z"}
)

func isNoLetter(r rune) bool { return !unicode.IsLetter(r) }

// isNotInDate tells whether nobody writes a date or a phone number with that.
func isNotInDate(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(" .-/:+()", r) }

// withoutSeparator drops what is typed between words, for [strings.Map].
func withoutSeparator(r rune) rune {
	if unicode.IsSpace(r) || strings.ContainsRune("-_.,", r) {
		return -1
	}
	return r
}

// isRepeated tells whether a text is repetitions of little.
func isRepeated(text string) bool {
	unit := repeatedUnit(text)
	return unit != text && (utf8.RuneCountInString(unit) < minPasswordLength || isCommon(unit))
}

// repeatedUnit returns the shortest text of which text is repetitions, the last of them perhaps cut
// short; text itself where there is none.
func repeatedUnit(text string) string {
	runes := []rune(text)
	// The prefix function of Knuth, Morris and Pratt.
	borders := make([]int, len(runes))
	for i := 1; i < len(runes); i++ {
		k := borders[i-1]
		for k > 0 && runes[i] != runes[k] {
			k = borders[k-1]
		}
		if runes[i] == runes[k] {
			k++
		}
		borders[i] = k
	}
	if len(runes) == 0 {
		return text
	}
	if period := len(runes) - borders[len(runes)-1]; 2*period <= len(runes) {
		return string(runes[:period])
	}
	return text
}

// tracks are what fingers run along, in both directions: the alphabet, the digits, and the rows and
// columns of keyboards.
var tracks = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890123456789",
	"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "!@#$%^&*()_+", "1234567890-=",
	"qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
	"qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm", "147", "258", "369", "159", "753", "951", "357",
}

// runs returns how many runs along tracks a text is, each of what is on none counting as one. What
// is typed twice or more at a place counts once.
func runs(text []rune) (count int) {
	runes := slices.Compact(slices.Clone(text))
	for len(runes) > 0 {
		runes = runes[longestRun(runes):]
		count++
	}
	return count
}

// isBraid tells whether every other character of a text is of one run, and the others are of another,
// as in `1q2w3e4r`.
func isBraid(text string) bool {
	var strands [2][]rune
	for i, r := range []rune(text) {
		strands[i%2] = append(strands[i%2], r)
	}
	return runs(strands[0]) == 1 && runs(strands[1]) == 1
}

// longestRun returns how many of the first runes are on one track; 1, where that are fewer than 3.
func longestRun(runes []rune) int {
	longest := 1
	for _, track := range tracks {
		forth := []rune(track)
		back := slices.Clone(forth)
		slices.Reverse(back)
		for _, along := range [][]rune{forth, back} {
			for start := range along {
				n := 0
				for n < len(runes) && start+n < len(along) && along[start+n] == runes[n] {
					n++
				}
				if n >= 3 {
					longest = max(longest, n)
				}
			}
		}
	}
	return longest
}

// isMadeOf tells whether little is left of a password, or nothing but a common one, without what
// anyone knows about its owner.
func isMadeOf(lower string, about owner) bool {
	rest := lower
	for _, word := range about.words() {
		rest = strings.ReplaceAll(rest, word, "")
	}
	if rest == lower {
		return false
	}
	return utf8.RuneCountInString(rest) <= maxAround || isCommon(rest)
}

// words returns what anyone knows about an owner, in lower case, the longest first: the address and
// the host whole, and the words of each and of the names.
func (o owner) words() []string {
	const shortest = 3 // letters
	var words []string
	for _, text := range append([]string{o.email, o.site}, o.names...) {
		text = strings.ToLower(text)
		words = append(words, text)
		words = append(words, strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	words = slices.DeleteFunc(words, func(word string) bool { return utf8.RuneCountInString(word) < shortest })
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

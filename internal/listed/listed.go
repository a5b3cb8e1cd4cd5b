// Package listed knows the passwords, words and names that people use most, by their sums.
package listed

import (
	"crypto/sha256"
	_ "embed"
	"sort"
)

// Size is how many bytes of a text's SHA-256 are kept: of 10 million texts that are not listed, one is taken for one that is.
const Size = 5

//go:generate go run ./sums

// sums are those of the lists of zxcvbn, sorted. The lists themselves would be copied into memory, 1.5 MB of it, as each
// program starts that has them.
//
//go:embed sums.bin
var sums string

// Has tells whether a text in lower case is one of zxcvbn's 30,000 passwords, 30,000 words of English, 19,000 of television
// and films, or 15,000 names.
func Has(text string) bool {
	sum := SumOf(text)
	n := len(sums) / Size
	at := sort.Search(n, func(i int) bool { return sums[i*Size:(i+1)*Size] >= sum })
	return at < n && sums[at*Size:(at+1)*Size] == sum
}

// SumOf returns what is kept of a text.
func SumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return string(sum[:Size])
}

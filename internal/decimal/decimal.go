// Package decimal has decimal numbers as DynamoDB keeps them, exactly.
package decimal

import (
	"cmp"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// A Number is zero, or of at most 38 significant digits and of a size from 1E-130 to
// 9.9999999999999999999999999999999999999E+125. Two are equal, by ==, where their values are.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
type Number struct { // 0.digits × 10^exponent; zero has no digits
	isNegative bool
	digits     string // without zeros at either end
	exponent   int
}

const (
	maxDigits   = 38
	minExponent = -129 // 1E-130 is 0.1E-129
	maxExponent = 126  // 9.9E+125 is 0.99E+126
)

// The reasons why a text is no number.
var (
	ErrForm   = errors.New("want digits with a point at most, such as 12.50, -3 or 1.5e6")
	ErrDigits = errors.New("it has more than 38 significant digits")
	ErrGreat  = errors.New("it is beyond 9.99e125")
	ErrSmall  = errors.New("it is nearer to zero than 1e-130")
)

// Parse reads a number as JSON writes those, and nothing else: no blanks, no `+` before it, no zero
// before other digits, and digits on both sides of a point. Errors: those above.
// https://www.rfc-editor.org/rfc/rfc8259#section-6
func Parse(text string) (Number, error) {
	var n Number
	rest, isNegative := strings.CutPrefix(text, "-")
	whole, rest := digits(rest)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return Number{}, ErrForm
	}
	var fraction string
	if behind, hasPoint := strings.CutPrefix(rest, "."); hasPoint {
		if fraction, rest = digits(behind); fraction == "" {
			return Number{}, ErrForm
		}
	}
	exponent, ok := exponentOf(rest)
	if !ok {
		return Number{}, ErrForm
	}
	all := whole + fraction
	significant := strings.TrimLeft(all, "0")
	n.isNegative, n.exponent = isNegative, exponent+len(whole)-(len(all)-len(significant))
	switch n.digits = strings.TrimRight(significant, "0"); {
	case n.digits == "":
		return Number{}, nil // of the two zeros, that which DynamoDB has
	case len(n.digits) > maxDigits:
		return Number{}, ErrDigits
	case n.exponent > maxExponent:
		return Number{}, ErrGreat
	case n.exponent < minExponent:
		return Number{}, ErrSmall
	}
	return n, nil
}

// digits cuts the digits off that a text begins with.
func digits(text string) (found, rest string) {
	rest = strings.TrimLeft(text, "0123456789")
	return text[:len(text)-len(rest)], rest
}

// exponentOf reads what is behind the digits: nothing, or an exponent.
func exponentOf(text string) (exponent int, ok bool) {
	if text == "" {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	if text != "" && (text[0] == '+' || text[0] == '-') {
		if found, rest := digits(text[1:]); found == "" || rest != "" {
			return 0, false
		}
	} else if found, rest := digits(text); found == "" || rest != "" {
		return 0, false
	}
	const beyond = 1 << 40 // any number of digits in front of it
	exponent, err := strconv.Atoi(text)
	if err != nil { // it is out of range
		exponent = beyond
		if text[0] == '-' {
			exponent = -beyond
		}
	}
	return max(-beyond, min(exponent, beyond)), true
}

// String returns n in full, without an exponent and without zeros that say nothing, as DynamoDB does:
// `12.5`, `-0.001`, `0`. It has at most 170 characters.
func (n Number) String() string {
	var out strings.Builder
	if n.isNegative {
		out.WriteByte('-')
	}
	switch {
	case n.digits == "":
		return "0"
	case n.exponent <= 0:
		out.WriteString("0." + strings.Repeat("0", -n.exponent) + n.digits)
	case n.exponent >= len(n.digits):
		out.WriteString(n.digits + strings.Repeat("0", n.exponent-len(n.digits)))
	default:
		out.WriteString(n.digits[:n.exponent] + "." + n.digits[n.exponent:])
	}
	return out.String()
}

// Sign is -1, 0 or +1.
func (n Number) Sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.isNegative:
		return -1
	}
	return 1
}

// Cmp is -1, 0 or +1 as n is less than, equal to or greater than other.
func (n Number) Cmp(other Number) int {
	if n.Sign() != other.Sign() {
		return cmp.Compare(n.Sign(), other.Sign())
	}
	size := cmp.Or(cmp.Compare(n.exponent, other.exponent), strings.Compare(n.digits, other.digits))
	return size * n.Sign()
}

// AppendSortable appends bytes that sort as the numbers do, of which none begins with all of another's.
func (n Number) AppendSortable(to []byte) []byte {
	to = append(to, byte(n.Sign()+1))
	if n.digits == "" {
		return to
	}
	size := binary.BigEndian.AppendUint16(nil, uint16(n.exponent-minExponent))
	size = append(append(size, n.digits...), 0)
	if n.isNegative {
		for i := range size {
			size[i] = ^size[i]
		}
	}
	return append(to, size...)
}

package dynamolocal

import (
	"cmp"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// A number is DynamoDB's: a decimal of at most 38 significant digits, zero or of a magnitude
// from 1E-130 to 9.9999999999999999999999999999999999999E+125. Its value is
// 0.digits × 10^exp; digits has no zero at either end, and zero has no digits at all.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
type number struct {
	negative bool
	digits   string
	exp      int
}

const (
	maxDigits = 38
	minExp    = -129 // 1E-130 is 0.1E-129
	maxExp    = 126  // 9.9E+125 is 0.99E+126
)

// parseNumber reads what AWS reads: an optional sign, digits with an optional point, an
// optional exponent. The error is a ValidationException.
func parseNumber(s string) (number, error) {
	n, ok := scanNumber(s)
	if !ok {
		return number{}, notNumeric(s)
	}
	return n, n.check()
}

// notNumeric is the answer to what is no number.
func notNumeric(s string) error {
	if s == "" {
		return validation("The parameter cannot be converted to a numeric value")
	}
	return validation("The parameter cannot be converted to a numeric value: %s", s)
}

// maxExponent is beyond every bound; what is written with a greater one is out of them too.
const maxExponent = 1_000_000

// scanNumber reads s without regard to DynamoDB's bounds.
func scanNumber(s string) (n number, ok bool) {
	mantissa := s
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(s[i+1:])
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return number{}, false
		}
		mantissa, n.exp = s[:i], max(-maxExponent, min(exponent, maxExponent))
	}
	if mantissa != "" && (mantissa[0] == '+' || mantissa[0] == '-') {
		n.negative = mantissa[0] == '-'
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return number{}, false
	}
	n.exp += len(whole)
	return n.trim(digits), true
}

// trim is n with these digits, whose point stands n.exp places from their start, without
// the zeros at either end.
func (n number) trim(digits string) number {
	trimmed := strings.TrimLeft(digits, "0")
	n.exp -= len(digits) - len(trimmed)
	n.digits = strings.TrimRight(trimmed, "0")
	if n.digits == "" {
		return number{}
	}
	return n
}

// check refuses what DynamoDB cannot hold.
func (n number) check() error {
	switch {
	case n.digits == "":
		return nil
	case n.exp > maxExp:
		return errOverflow
	case n.exp < minExp:
		return validation("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	case len(n.digits) > maxDigits:
		return validation("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

var errOverflow = validation("Number overflow. Attempting to store a number with magnitude larger than supported range")

// String is n as AWS prints it: in full, without an exponent.
func (n number) String() string {
	var b strings.Builder
	if n.negative {
		b.WriteByte('-')
	}
	switch {
	case n.digits == "":
		return "0"
	case n.exp <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -n.exp))
		b.WriteString(n.digits)
	case n.exp >= len(n.digits):
		b.WriteString(n.digits)
		b.WriteString(strings.Repeat("0", n.exp-len(n.digits)))
	default:
		b.WriteString(n.digits[:n.exp])
		b.WriteByte('.')
		b.WriteString(n.digits[n.exp:])
	}
	return b.String()
}

// compare is -1, 0 or +1 as n is less than, equal to or greater than m.
func (n number) compare(m number) int {
	if s, t := n.sign(), m.sign(); s != t {
		return cmp.Compare(s, t)
	}
	c := cmp.Compare(n.exp, m.exp)
	if c == 0 {
		c = strings.Compare(n.digits, m.digits)
	}
	if n.negative {
		return -c
	}
	return c
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// negate is -n.
func (n number) negate() number {
	if n.digits != "" {
		n.negative = !n.negative
	}
	return n
}

// add is n+m, exactly. A sum that DynamoDB cannot hold is its ValidationException.
func (n number) add(m number) (number, error) {
	// Both as integers at the scale of the one with the more decimal places.
	scale := max(len(n.digits)-n.exp, len(m.digits)-m.exp)
	sum := n.integer(scale)
	sum.Add(sum, m.integer(scale))
	digits := new(big.Int).Abs(sum).String()
	r := number{negative: sum.Sign() < 0, exp: len(digits) - scale}.trim(digits)
	if len(r.digits) > maxDigits {
		return r, errOverflow // as AWS has it
	}
	return r, r.check()
}

// integer is n × 10^scale, for a scale of at least n's decimal places.
func (n number) integer(scale int) *big.Int {
	i := new(big.Int)
	if n.digits == "" {
		return i
	}
	i.SetString(n.digits+strings.Repeat("0", n.exp-len(n.digits)+scale), 10)
	if n.negative {
		i.Neg(i)
	}
	return i
}

// appendKey appends n so that the bytes sort as the numbers do, and so that no number's
// bytes begin another's: a byte for the sign, one for the exponent, the digits two a byte
// (1 to 100), a zero. A negative number's bytes after the first are inverted.
func (n number) appendKey(b []byte) []byte {
	if n.digits == "" {
		return append(b, 0x02)
	}
	var invert byte
	if n.negative {
		b = append(b, 0x01)
		invert = 0xff
	} else {
		b = append(b, 0x03)
	}
	b = append(b, byte(n.exp-minExp)^invert)
	for i := 0; i < len(n.digits); i += 2 {
		pair := (n.digits[i] - '0') * 10
		if i+1 < len(n.digits) {
			pair += n.digits[i+1] - '0'
		}
		b = append(b, (pair+1)^invert)
	}
	return append(b, invert)
}

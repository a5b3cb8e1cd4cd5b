package model

import (
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/internal/decimal"
)

// Decimal is a decimal number, exactly: the scalar of that name. It has at most 38 significant digits
// and, unless it is 0, a size from 1E-130 to 9.99E+125, as DynamoDB's numbers have. Decimals are
// compared by ==, or by Cmp; the zero Decimal is 0.
type Decimal struct{ number decimal.Number }

// ParseDecimal reads a number as JSON writes those: `12.50`, `-3`, `1.5e6`. It rounds nothing: what
// has more digits is refused.
func ParseDecimal(text string) (Decimal, error) {
	number, err := decimal.Parse(text)
	if err != nil {
		return Decimal{}, BadInput("", "it is no Decimal: "+err.Error())
	}
	return Decimal{number}, nil
}

// MustDecimal is ParseDecimal of a text that is known to be a number.
func MustDecimal(text string) Decimal { return must(ParseDecimal(text)) }

// DecimalOf returns an exact number of math/big as a Decimal. The error says that it is none: it has too
// many digits, or no end of them, as 1/3 has. Round it first.
func DecimalOf(number *big.Rat) (Decimal, error) {
	places, isExact := number.FloatPrec()
	if !isExact {
		return Decimal{}, BadInput("", "it is no Decimal: its digits have no end")
	}
	return ParseDecimal(number.FloatString(places))
}

// Rat returns d as a number of math/big, to calculate with:
//
//	sum, err := model.DecimalOf(new(big.Rat).Add(a.Rat(), b.Rat()))
func (d Decimal) Rat() *big.Rat {
	number, _ := new(big.Rat).SetString(d.String()) // it is always one
	return number
}

// Cmp is -1, 0 or +1 as d is less than, equal to or greater than other.
func (d Decimal) Cmp(other Decimal) int { return d.number.Cmp(other.number) }

// Sign is -1, 0 or +1.
func (d Decimal) Sign() int { return d.number.Sign() }

// String returns d in full, without an exponent, and without zeros that say nothing: `12.5`, `-0.001`.
func (d Decimal) String() string { return d.number.String() }

// MarshalDynamo is how d is stored.
func (d Decimal) MarshalDynamo() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: d.String()}, nil
}

// UnmarshalDynamo reads a stored d.
func (d *Decimal) UnmarshalDynamo(value types.AttributeValue) error {
	number, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return fmt.Errorf("a Decimal is stored as N, not as %T", value)
	}
	return d.UnmarshalText([]byte(number.Value))
}

// MarshalText returns String.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDecimal.
func (d *Decimal) UnmarshalText(text []byte) (err error) {
	if *d, err = ParseDecimal(string(text)); err != nil {
		return fmt.Errorf("%.200q is not a Decimal", text)
	}
	return nil
}

// MarshalGQL writes d as a GraphQL string, since a number of JSON loses digits in most clients.
func (d Decimal) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(d.String())) }

// UnmarshalGQL takes the text of a number, or a number with all its digits. Code BAD_USER_INPUT: it is
// none.
func (d *Decimal) UnmarshalGQL(value any) (err error) {
	switch value := value.(type) {
	case string:
		*d, err = ParseDecimal(value)
	case json.Number:
		*d, err = ParseDecimal(string(value))
	case int:
		*d, err = ParseDecimal(strconv.Itoa(value))
	case int64:
		*d, err = ParseDecimal(strconv.FormatInt(value, 10))
	default:
		err = BadInput("", "a Decimal is text, or a number: "+decimal.ErrForm.Error())
	}
	return err
}

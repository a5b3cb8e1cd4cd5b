package model

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/internal/rfc3339"
)

// dateTimeLayout has a fixed width, so that text sorts as time does. (The time
// encoding of guregu/dynamo drops trailing zeros: its ".1Z" sorts after ".12Z".)
const dateTimeLayout = "2006-01-02T15:04:05.000Z"

// DateTime is a moment in UTC to the millisecond: the scalar of that name, and the
// form in which the tables hold times.
type DateTime struct{ at time.Time }

// Now returns the present moment.
func Now() DateTime { return NewDateTime(time.Now()) }

// NewDateTime returns t in UTC, cut to the millisecond.
func NewDateTime(t time.Time) DateTime {
	return DateTime{t.UTC().Truncate(time.Millisecond)}
}

// Time returns d as a time.Time in UTC.
func (d DateTime) Time() time.Time { return d.at }

// String returns d as RFC 3339 text of 24 characters.
func (d DateTime) String() string { return string(d.Append(make([]byte, 0, len(dateTimeLayout)))) }

// Append appends String.
func (d DateTime) Append(to []byte) []byte {
	to = d.at.AppendFormat(to, time.RFC3339) // for which package time reads no layout
	millisecond := d.at.Nanosecond() / int(time.Millisecond)
	return append(to[:len(to)-len("Z")], '.', '0'+byte(millisecond/100), '0'+byte(millisecond/10%10), '0'+byte(millisecond%10), 'Z')
}

// MarshalText is how d is stored.
func (d DateTime) MarshalText() ([]byte, error) {
	if year := d.at.Year(); year < 0 || year > 9999 {
		return nil, fmt.Errorf("year %d is outside 0 to 9999", year)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads a stored d: RFC 3339 text, and whatever else earlier versions took for it.
func (d *DateTime) UnmarshalText(text []byte) error {
	return d.read(string(text))
}

func (d *DateTime) read(text string) error {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = rfc3339.Parse(text)
	}
	if err != nil {
		return fmt.Errorf("%q is not an RFC 3339 time", text)
	}
	*d = NewDateTime(t)
	return nil
}

// take takes a stored d; false: the value is none.
func (d *DateTime) take(value itembytes.Scalar) bool {
	text, isText := value.Text()
	return isText && d.read(text) == nil
}

// MarshalGQL writes d as a GraphQL string.
func (d DateTime) MarshalGQL(w io.Writer) {
	io.WriteString(w, strconv.Quote(d.String()))
}

// UnmarshalGQL takes an RFC 3339 string. Code BAD_USER_INPUT: it is none, or none that a table
// can hold.
func (d *DateTime) UnmarshalGQL(value any) error {
	text, ok := value.(string)
	if !ok {
		return BadInput("", "a DateTime is text: "+rfc3339.ErrForm.Error())
	}
	t, err := rfc3339.Parse(text)
	if err != nil {
		return BadInput("", "it is no DateTime: "+err.Error())
	}
	*d = NewDateTime(t)
	return nil
}

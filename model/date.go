package model

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ownql/ownql/internal/rfc3339"
)

// Date is a day of the calendar, without a time or a zone: the scalar of that name. The calendar is
// the Gregorian one, for all years from 0001 to 9999. Dates are compared by ==; the zero Date is 0001-01-01.
type Date struct{ days int } // since 0001-01-01

var firstDate = time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)

// DateOf returns the day that it is at t, where t's location is.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() - firstDate.Unix()
	return Date{int(seconds / (24 * 60 * 60))}
}

// ParseDate reads a day as RFC 3339 writes it: `2026-11-28`, and in no other way.
func ParseDate(text string) (Date, error) {
	t, err := rfc3339.ParseDate(text)
	if err != nil {
		return Date{}, BadInput("", "it is no Date: "+err.Error())
	}
	return DateOf(t), nil
}

// MustDate is ParseDate of a text that is known to be a day.
func MustDate(text string) Date { return must(ParseDate(text)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Time returns the midnight in UTC that the day begins with.
func (d Date) Time() time.Time { return firstDate.AddDate(0, 0, d.days) }

// String returns the day as `2026-11-28`.
func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText is how d is stored.
func (d Date) MarshalText() ([]byte, error) {
	if year := d.Time().Year(); year < 1 || year > 9999 {
		return nil, fmt.Errorf("year %d is outside 1 to 9999", year)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads a stored d.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if *d, err = ParseDate(string(text)); err != nil {
		return fmt.Errorf("%q is not a Date", text)
	}
	return nil
}

// MarshalGQL writes d as a GraphQL string.
func (d Date) MarshalGQL(w io.Writer) { io.WriteString(w, strconv.Quote(d.String())) }

// UnmarshalGQL takes the text of a day. Code BAD_USER_INPUT: it is none.
func (d *Date) UnmarshalGQL(value any) (err error) {
	text, ok := value.(string)
	if !ok {
		return BadInput("", "a Date is text: "+rfc3339.ErrDayForm.Error())
	}
	*d, err = ParseDate(text)
	return err
}

// Package rfc3339 reads times and days as RFC 3339 writes them, and nothing else: time.Parse also takes
// a comma before the fraction and an hour of one digit, and takes neither small letters nor leap
// seconds.
package rfc3339

import (
	"errors"
	"time"
)

// The reasons why a text is no time.
var (
	ErrForm = errors.New("want RFC 3339 text, such as 2026-11-22T15:04:05Z or 2026-11-22T15:04:05.250+01:00")
	ErrDate = errors.New("there is no such day")
	ErrTime = errors.New("there is no such time of day: hours go from 00 to 23, minutes and seconds from 00 to 59")
	ErrLeap = errors.New("second 60 is only the last of a month, at 23:59:60 in UTC")
	ErrYear = errors.New("in UTC the year is outside 0000 to 9999")
)

// Parse returns the time in UTC that a text is. A leap second is the next second, as POSIX counts.
// Errors: those above.
// https://www.rfc-editor.org/rfc/rfc3339#section-5.6
func Parse(text string) (time.Time, error) {
	r := reader{text: text, ok: true}
	year := r.digits(4)
	r.one("-")
	month := r.digits(2)
	r.one("-")
	day := r.digits(2)
	r.one("Tt")
	hour := r.digits(2)
	r.one(":")
	minute := r.digits(2)
	r.one(":")
	second := r.digits(2)
	nanosecond := r.fraction()
	offset, isOffset := r.offset()
	if !r.ok || r.text != "" {
		return time.Time{}, ErrForm
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if month < 1 || month > 12 || date.Day() != day {
		return time.Time{}, ErrDate
	}
	if hour > 23 || minute > 59 || second > 60 || !isOffset {
		return time.Time{}, ErrTime
	}
	t := date.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second +
		time.Duration(nanosecond) - offset)
	if second == 60 && !t.Truncate(time.Second).Equal(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)) {
		return time.Time{}, ErrLeap
	}
	if t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}, ErrYear
	}
	return t, nil
}

// The reasons why a text is no day, beside ErrDate.
var (
	ErrDayForm = errors.New("want a day as RFC 3339 writes it, such as 2026-11-28")
	ErrDayYear = errors.New("the year is outside 0001 to 9999")
)

// ParseDate returns the day that a text is, as its midnight in UTC. Errors: ErrDayForm, ErrDayYear and
// ErrDate.
// https://www.rfc-editor.org/rfc/rfc3339#section-5.6
func ParseDate(text string) (time.Time, error) {
	r := reader{text: text, ok: true}
	year := r.digits(4)
	r.one("-")
	month := r.digits(2)
	r.one("-")
	day := r.digits(2)
	if !r.ok || r.text != "" {
		return time.Time{}, ErrDayForm
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	switch {
	case year == 0:
		return time.Time{}, ErrDayYear
	case month < 1 || month > 12 || date.Day() != day:
		return time.Time{}, ErrDate
	}
	return date, nil
}

// reader reads a text from its beginning; ok is false once it has found something else than it was
// asked for.
type reader struct {
	text string
	ok   bool
}

// one reads one of the characters.
func (r *reader) one(characters string) byte {
	if r.text != "" {
		for i := range len(characters) {
			if c := r.text[0]; c == characters[i] {
				r.text = r.text[1:]
				return c
			}
		}
	}
	r.ok = false
	return 0
}

// digits reads a number of n digits.
func (r *reader) digits(n int) (number int) {
	for range n {
		number = number*10 + int(r.one("0123456789")-'0')
	}
	return number
}

// fraction reads the fraction of a second, of any length, and returns it in nanoseconds.
func (r *reader) fraction() (nanoseconds int) {
	if r.text == "" || r.text[0] != '.' {
		return 0
	}
	r.text = r.text[1:]
	unit := int(time.Second / 10)
	nanoseconds = r.digits(1) * unit
	for r.text != "" && '0' <= r.text[0] && r.text[0] <= '9' {
		unit /= 10
		nanoseconds += r.digits(1) * unit
	}
	return nanoseconds
}

// offset reads how far the time is ahead of UTC, and tells whether there can be such an offset.
func (r *reader) offset() (ahead time.Duration, ok bool) {
	sign := r.one("Zz+-")
	if sign == 'Z' || sign == 'z' {
		return 0, true
	}
	hours := r.digits(2)
	r.one(":")
	minutes := r.digits(2)
	ahead = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if sign == '-' {
		ahead = -ahead
	}
	return ahead, hours <= 23 && minutes <= 59
}

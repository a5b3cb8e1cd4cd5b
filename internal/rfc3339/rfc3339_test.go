package rfc3339_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/rfc3339"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text string
		want string // in UTC
		err  error
	}{
		{text: "2026-11-22T15:04:05Z", want: "2026-11-22T15:04:05Z"},
		{text: "2026-11-22t15:04:05z", want: "2026-11-22T15:04:05Z"},
		{text: "2026-11-22T15:04:05.1234567890123+05:45", want: "2026-11-22T09:19:05.123456789Z"},
		{text: "2026-11-22T15:04:05-00:00", want: "2026-11-22T15:04:05Z"},
		{text: "2024-02-29T23:59:59.999Z", want: "2024-02-29T23:59:59.999Z"},
		{text: "0000-01-01T00:00:00Z", want: "0000-01-01T00:00:00Z"},
		{text: "9999-12-31T23:59:59.999Z", want: "9999-12-31T23:59:59.999Z"},
		{text: "9999-12-31T23:59:59+12:00", want: "9999-12-31T11:59:59Z"},
		{text: "2016-12-31T23:59:60Z", want: "2017-01-01T00:00:00Z"},
		{text: "1990-12-31T15:59:60.25-08:00", want: "1991-01-01T00:00:00.25Z"},
		{text: "2027-01-01T05:29:60+05:30", want: "2027-01-01T00:00:00Z"},

		{text: "2026-11-22T15:04:60Z", err: rfc3339.ErrLeap},
		{text: "2026-11-22T23:59:60Z", err: rfc3339.ErrLeap},
		{text: "2026-12-31T23:59:60+01:00", err: rfc3339.ErrLeap},
		{text: "2026-12-31T23:59:61Z", err: rfc3339.ErrTime},
		{text: "9999-12-31T23:59:60Z", err: rfc3339.ErrYear},
		{text: "9999-12-31T23:59:59-12:00", err: rfc3339.ErrYear},
		{text: "0000-01-01T00:00:00+00:01", err: rfc3339.ErrYear},
		{text: "2026-02-29T00:00:00Z", err: rfc3339.ErrDate},
		{text: "2026-13-01T00:00:00Z", err: rfc3339.ErrDate},
		{text: "2026-00-01T00:00:00Z", err: rfc3339.ErrDate},
		{text: "2026-01-00T00:00:00Z", err: rfc3339.ErrDate},
		{text: "2026-11-22T24:00:00Z", err: rfc3339.ErrTime},
		{text: "2026-11-22T15:60:00Z", err: rfc3339.ErrTime},
		{text: "2026-11-22T15:04:05+24:00", err: rfc3339.ErrTime},
		{text: "2026-11-22T15:04:05+01:60", err: rfc3339.ErrTime},
		{text: "2026-11-22", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05,5Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05.Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T1:04:05Z", err: rfc3339.ErrForm},
		{text: "2026-11-22 15:04:05Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05+0100", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05+01", err: rfc3339.ErrForm},
		{text: " 2026-11-22T15:04:05Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05Z\n", err: rfc3339.ErrForm},
		{text: "+02026-11-22T15:04:05Z", err: rfc3339.ErrForm},
		{text: "-0001-11-22T15:04:05Z", err: rfc3339.ErrForm},
		{text: "２０26-11-22T15:04:05Z", err: rfc3339.ErrForm},
		{text: "2026-11-22T15:04:05−01:00", err: rfc3339.ErrForm},
		{text: "", err: rfc3339.ErrForm},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := rfc3339.Parse(test.text)
			if !errors.Is(err, test.err) || err == nil && got.Format(time.RFC3339Nano) != test.want {
				t.Errorf("%v, %v; want %s, %v", got, err, test.want, test.err)
			}
		})
	}
}

// FuzzParse: what it takes, time.Parse takes for the same moment, but for what that does not know,
// and a text of it is read again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"2026-11-22T15:04:05Z", "0000-01-01t00:00:00.000000000000001-23:59", "2016-12-31T23:59:60+00:00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := rfc3339.Parse(text)
		if err != nil {
			return
		}
		if other, err := time.Parse(time.RFC3339, text); err == nil && !other.Equal(parsed) {
			t.Errorf("%q is %v, time.Parse: %v", text, parsed, other)
		}
		again, err := rfc3339.Parse(parsed.Format("2006-01-02T15:04:05.999999999Z07:00"))
		if err != nil || !again.Equal(parsed) {
			t.Errorf("%q is %v, and read again %v, %v", text, parsed, again, err)
		}
	})
}

func TestParseDate(t *testing.T) {
	for _, test := range []struct {
		name, text string
		err        error
	}{
		{"a day", "2026-11-28", nil},
		{"the first", "0001-01-01", nil},
		{"the last", "9999-12-31", nil},
		{"of a leap year", "2000-02-29", nil},
		{"before the Gregorian calendar", "1500-03-01", nil},
		{"of no leap year", "1900-02-29", rfc3339.ErrDate},
		{"no day of the month", "2026-02-30", rfc3339.ErrDate},
		{"day 0", "2026-01-00", rfc3339.ErrDate},
		{"month 13", "2026-13-01", rfc3339.ErrDate},
		{"month 0", "2026-00-10", rfc3339.ErrDate},
		{"year 0", "0000-01-01", rfc3339.ErrDayYear},
		{"a digit each", "2026-2-3", rfc3339.ErrDayForm},
		{"a year of five digits", "10000-01-01", rfc3339.ErrDayForm},
		{"a year before", "-0001-01-01", rfc3339.ErrDayForm},
		{"with a time", "2026-11-28T00:00:00Z", rfc3339.ErrDayForm},
		{"a blank before", " 2026-11-28", rfc3339.ErrDayForm},
		{"a blank behind", "2026-11-28 ", rfc3339.ErrDayForm},
		{"without hyphens", "20261128", rfc3339.ErrDayForm},
		{"slashes", "2026/11/28", rfc3339.ErrDayForm},
		{"wide digits", "２０26-11-28", rfc3339.ErrDayForm},
		{"nothing", "", rfc3339.ErrDayForm},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := rfc3339.ParseDate(test.text)
			if !errors.Is(err, test.err) || err == nil && got.Format(time.RFC3339Nano) != test.text+"T00:00:00Z" {
				t.Errorf("%q is %v, %v; want error %v", test.text, got, err, test.err)
			}
		})
	}
}

// FuzzParseDate: it takes what time.Parse takes for a day, but for the year 0.
func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2026-11-28", "0001-01-01", "2026-02-30", "2026-2-3", "2026-11-28 "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := rfc3339.ParseDate(text)
		other, otherErr := time.Parse(time.DateOnly, text)
		if isDay := otherErr == nil && other.Year() > 0; isDay != (err == nil) || isDay && !other.Equal(parsed) {
			t.Errorf("%q is %v, %v; time.Parse: %v, %v", text, parsed, err, other, otherErr)
		}
	})
}

package model_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/model"
)

func TestDateTimesSortAsText(t *testing.T) {
	start := time.Date(1999, 12, 31, 23, 59, 59, 0, time.FixedZone("", 3600))
	var texts []string
	for _, ms := range []int{0, 1, 9, 10, 100, 119, 120, 999, 1000, 1001, 60_000, 86_400_000} {
		texts = append(texts, model.NewDateTime(start.Add(time.Duration(ms)*time.Millisecond)).String())
	}
	if !slices.IsSorted(texts) {
		t.Errorf("not in order: %q", texts)
	}
	if want := "1999-12-31T22:59:59.000Z"; texts[0] != want {
		t.Errorf("got %s, want %s", texts[0], want)
	}
}

// TestDateTimeText has times of all years written, and read again.
func TestDateTimeText(t *testing.T) {
	for _, start := range []time.Time{{}, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 30, 23, 59, 59, 999e6, time.UTC), time.Date(9998, 1, 31, 0, 0, 0, 0, time.UTC)} {
		for i := range 1000 {
			at := model.NewDateTime(start.Add(time.Duration(i) * (9*time.Hour + 7*time.Minute + 61*time.Second + 13*time.Millisecond)))
			text := at.String()
			if want := at.Time().Format("2006-01-02T15:04:05.000Z"); text != want || string(at.Append([]byte("at "))) != "at "+want {
				t.Fatalf("%s, want %s", text, want)
			}
			var got model.DateTime
			if err := got.UnmarshalText([]byte(text)); err != nil || got != at {
				t.Fatalf("%s is %v, %v", text, got, err)
			}
		}
	}
	if text := model.NewDateTime(time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)).String(); text != "12026-01-01T00:00:00.000Z" {
		t.Errorf("the year 12026 is %s", text)
	}
}

func TestDateTimeOfGraphQL(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  string // empty: refused
	}{
		{"UTC", "2026-11-22T15:04:05.123Z", "2026-11-22T15:04:05.123Z"},
		{"an offset becomes UTC", "2026-11-22T15:04:05+02:00", "2026-11-22T13:04:05.000Z"},
		{"finer than milliseconds is cut", "2026-11-22T15:04:05.123999Z", "2026-11-22T15:04:05.123Z"},
		{"small letters", "2026-11-22t15:04:05z", "2026-11-22T15:04:05.000Z"},
		{"a leap second is the next", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
		{"the last that a table can hold", "9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999Z"},
		{"the first", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
		{"in UTC it is beyond year 9999", "9999-12-31T23:59:59-12:00", ""},
		{"in UTC it is before year 0", "0000-01-01T00:00:00+01:00", ""},
		{"a comma", "2026-11-22T15:04:05,5Z", ""},
		{"a date alone", "2026-11-22", ""},
		{"a number", 1766415845, ""},
		{"null", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got model.DateTime
			err := got.UnmarshalGQL(test.value)
			if (err == nil) != (test.want != "") {
				t.Fatalf("error %v", err)
			}
			if err == nil {
				var out strings.Builder
				got.MarshalGQL(&out)
				if out.String() != `"`+test.want+`"` {
					t.Errorf("got %s, want %q", out.String(), test.want)
				}
			}
		})
	}
}

// TestStoredDateTimes are read however they were once written.
func TestStoredDateTimes(t *testing.T) {
	for stored, want := range map[string]string{
		"2026-11-22T15:04:05.123Z": "2026-11-22T15:04:05.123Z",
		"2026-11-22T15:04:05Z":     "2026-11-22T15:04:05.000Z",
		"2026-11-22T15:04:05,5Z":   "2026-11-22T15:04:05.500Z",
		"2026-11-22T1:04:05+01:00": "2026-11-22T00:04:05.000Z",
		"2026-11-22t15:04:05.5z":   "2026-11-22T15:04:05.500Z",
		"2026-11-22T15:04:05.12Z":  "2026-11-22T15:04:05.120Z",
	} {
		var got model.DateTime
		if err := got.UnmarshalText([]byte(stored)); err != nil || got.String() != want {
			t.Errorf("%s is %v, %v; want %s", stored, got, err, want)
		}
	}
}

package rfc3339_test

import (
	"testing"
	"time"

	"github.com/ownql/ownql/internal/rfc3339"
)

// fixed is the form that ParseFixed reads.
const fixed = "2006-01-02T15:04:05.000Z"

func TestParseFixed(t *testing.T) {
	for _, test := range []struct {
		text string
		ok   bool
	}{
		{"2026-11-22T15:04:05.250Z", true},
		{"0000-01-01T00:00:00.000Z", true},
		{"9999-12-31T23:59:59.999Z", true},
		{"2024-02-29T00:00:00.000Z", true},
		{"2000-02-29T00:00:00.000Z", true},
		{"1900-02-29T00:00:00.000Z", false},
		{"2026-02-29T00:00:00.000Z", false},
		{"2026-04-31T00:00:00.000Z", false},
		{"2026-01-00T00:00:00.000Z", false},
		{"2026-00-01T00:00:00.000Z", false},
		{"2026-13-01T00:00:00.000Z", false},
		{"2026-01-01T24:00:00.000Z", false},
		{"2026-01-01T00:60:00.000Z", false},
		{"2026-12-31T23:59:60.000Z", false}, // which Parse takes
		{"2026-11-22T15:04:05,250Z", false},
		{"2026-11-22T15:04:05.250z", false},
		{"2026-11-22T15:04:05.25Z", false},
		{"2026-11-22T15:04:05.2500Z", false},
		{"2026-11-22T15:04:05+00:0", false},
		{"2026-11-22T15:0a:05.250Z", false},
		{"", false},
	} {
		got, ok := rfc3339.ParseFixed(test.text)
		if ok != test.ok || ok && got.Format(fixed) != test.text {
			t.Errorf("%q is %v, %v", test.text, got, ok)
		}
	}
	for day := time.Date(1896, 1, 1, 1, 2, 3, 4e6, time.UTC); day.Year() < 2105; day = day.AddDate(0, 0, 1) {
		if got, ok := rfc3339.ParseFixed(day.Format(fixed)); !ok || got != day {
			t.Fatalf("%v is %v, %v", day, got, ok)
		}
	}
}

// FuzzParseFixed: what it takes, Parse takes for the same.
func FuzzParseFixed(f *testing.F) {
	for _, text := range []string{"2026-11-22T15:04:05.250Z", "0000-02-29T00:00:00.000Z", "2016-12-31T23:59:60.000Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fast, ok := rfc3339.ParseFixed(text)
		parsed, err := rfc3339.Parse(text)
		if ok && (err != nil || fast != parsed) {
			t.Errorf("%q is %v; Parse: %v, %v", text, fast, parsed, err)
		}
		if !ok && err == nil && parsed.Format(fixed) == text {
			t.Errorf("%q is not taken", text)
		}
	})
}

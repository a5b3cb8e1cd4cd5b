package command

import (
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 11, 28, 18, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-11-28T18:00:00Z":      "2026-11-28T18:00:00Z",
		"2026-11-28T18:00:00+02:00": "2026-11-28T16:00:00Z",
		"2026-11-27":                "2026-11-27T00:00:00Z",
		"36h":                       "2026-11-27T06:00:00Z",
		"90m":                       "2026-11-28T16:30:00Z",
		"7d":                        "2026-11-21T18:00:00Z",
		"0d":                        "2026-11-28T18:00:00Z",
		"-1h":                       "",
		"-1d":                       "",
		"99999d":                    "",
		"yesterday":                 "",
		"d":                         "",
		"":                          "",
		"2026-02-30":                "",
	} {
		at, err := parseMoment(text, now)
		if (err == nil) != (want != "") || err == nil && at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v; want %q", text, at, err, want)
		}
	}
}

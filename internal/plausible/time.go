package plausible

import (
	"math/rand/v2"
	"time"
)

// Time returns a moment that is near to a day, or, of a birthday, that is not: to the second.
func (f Field) Time(r *rand.Rand, today time.Time) time.Time {
	const day = 24 * time.Hour
	ofDay := time.Duration(8*3600+r.IntN(10*3600)) * time.Second
	switch name := wordsOf(f.Name); {
	case has(name, "birth", "birthday", "born"):
		return today.Add(-time.Duration(18*365+r.IntN(60*365)) * day)
	case has(name, "due", "deadline", "start", "starts", "begin", "begins", "end", "ends", "until", "expires", "expiry", "scheduled", "snoozed", "remind", "reminder", "departs", "departure", "arrival", "arrives", "next"):
		return today.Add(time.Duration(1+r.IntN(60))*day + ofDay)
	default:
		return today.Add(-time.Duration(1+r.IntN(90))*day + ofDay)
	}
}

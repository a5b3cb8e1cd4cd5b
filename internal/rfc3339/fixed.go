package rfc3339

import "time"

// ParseFixed returns the time of a text in the form 2006-01-02T15:04:05.000Z, as the tables have nearly all. false: it is
// in another, or no time; [Parse] tells.
func ParseFixed(text string) (t time.Time, ok bool) {
	const form = "0000-00-00T00:00:00.000Z"
	if len(text) != len(form) {
		return time.Time{}, false
	}
	for i := range len(form) {
		if c := text[i]; form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return time.Time{}, false
		}
	}
	two := func(at int) int { return int(text[at]-'0')*10 + int(text[at+1]-'0') }
	year, month, day := two(0)*100+two(2), time.Month(two(5)), two(8)
	hour, minute, second := two(11), two(14), two(17)
	millisecond := two(20)*10 + int(text[22]-'0')
	t = time.Date(year, month, day, hour, minute, second, millisecond*int(time.Millisecond), time.UTC)
	if t.Month() != month || t.Day() != day || hour > 23 || minute > 59 || second > 59 { // there is no such day, or time
		return time.Time{}, false
	}
	return t, true
}

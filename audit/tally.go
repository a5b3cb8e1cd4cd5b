package audit

import (
	"sync"
	"time"
)

// What has a line of its own, in a minute. Whoever repeats a thing thousands of times gets
// perAccount lines and one that counts the rest; all who do that together get perName lines,
// and at most countedAccounts that count.
const (
	tallyWindow     = time.Minute
	perAccount      = 20
	perName         = 300
	countedAccounts = 100
)

// A tally decides which events have a line of their own, and counts the others: a flood of
// what anybody can cause is to fill no disk and no table, and to bury nothing else.
type tally struct {
	mu      sync.Mutex
	began   time.Time        // of the window
	lines   map[tallyKey]int // events, by whose they are
	named   map[Name]int     // of what isProvoked: lines
	counted map[tallyKey]*Event
	perName map[Name]int // entries of counted
}

// tallyKey is whose events of a name are counted together.
type tallyKey struct {
	name Name
	who  string // the user's id, or else the account; empty: nobody's, or everybody else's
}

func keyOf(e Event) tallyKey {
	if e.UserID != "" {
		return tallyKey{e.Name, e.UserID}
	}
	return tallyKey{e.Name, e.Account}
}

// admit tells whether the event has a line of its own; if not, it is counted. The first of
// a window to be counted isFirst. What the window before has counted is ended.
func (t *tally) admit(e Event, now time.Time) (isAdmitted, isFirst bool, ended []Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ended = t.end(now)
	if t.lines == nil {
		t.began = now
		t.lines, t.named = map[tallyKey]int{}, map[Name]int{}
		t.counted, t.perName = map[tallyKey]*Event{}, map[Name]int{}
	}
	key := keyOf(e)
	isProvoked := e.Name.isProvoked()
	if t.lines[key] < perAccount && (!isProvoked || t.named[e.Name] < perName) {
		t.lines[key]++
		if isProvoked {
			t.named[e.Name]++
		}
		return true, false, ended
	}
	isFirst = len(t.counted) == 0
	if t.counted[key] == nil && isProvoked && t.perName[e.Name] >= countedAccounts {
		key.who = ""
	}
	if t.counted[key] == nil {
		t.perName[e.Name]++
		t.counted[key] = &Event{Name: e.Name}
		if key.who != "" {
			t.counted[key].UserID, t.counted[key].Account = e.UserID, e.Account
		}
	}
	t.counted[key].Count++
	return false, isFirst, ended
}

// over ends the window, where its time is over or isLast, and returns a line for each count.
func (t *tally) over(now time.Time, isLast bool) []Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	if isLast {
		now = now.Add(tallyWindow)
	}
	return t.end(now)
}

func (t *tally) end(now time.Time) (ended []Event) {
	if t.lines == nil || now.Sub(t.began) < tallyWindow {
		return nil
	}
	for _, event := range t.counted {
		ended = append(ended, *event)
	}
	t.lines, t.named, t.counted, t.perName = nil, nil, nil, nil
	return ended
}

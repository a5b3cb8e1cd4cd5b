package audit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// newTable returns the table on an engine of its own.
func newTable(t *testing.T) *Table {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	db := model.Open(engine, "")
	table := NewTable(db)
	if _, err := db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return table.Keeping(24 * time.Hour)
}

// TestTable keeps lines of three days, and finds them by what a Query says, the newest first.
func TestTable(t *testing.T) {
	table, now := newTable(t), time.Now().Truncate(time.Millisecond)
	at := func(ago time.Duration, number int, e Event) *Line {
		when := model.NewDateTime(now.Add(-ago))
		return &Line{
			ID:   fmt.Sprintf("%s-7000-8000-%012d", idAt(when.Time()), number),
			Time: when, Mark: mark, Event: e, Day: dayOf(when.Time()),
		}
	}
	const day = 24 * time.Hour
	lines := []*Line{
		at(0, 1, Event{Name: SignIn, UserID: "ada", Account: "ada@example.com"}),
		at(time.Minute, 2, Event{Name: SignInFailed, Account: "nobody@example.com"}),
		at(time.Hour, 3, Event{Name: EmailChanged, UserID: "ada", From: "old@example.com", To: "ada@example.com"}),
		at(day, 4, Event{Name: SignIn, UserID: "bob", Account: "bob@example.com"}),
		at(2*day, 5, Event{Name: RolesChanged, UserID: "ada", From: "-", To: "admin"}),
	}
	keeping := table.Keeping(10 * day)
	if err := keeping.put(t.Context(), lines); err != nil {
		t.Fatal(err)
	}
	if err := table.Keeping(time.Second).put(t.Context(), []*Line{at(time.Hour, 6, Event{Name: SignIn, UserID: "ada"})}); err != nil {
		t.Fatal(err)
	}
	all := Query{Since: now.Add(-3 * day), Until: now}
	for what, test := range map[string]struct {
		change func(*Query)
		want   string
	}{
		"all but what has expired":   {func(*Query) {}, "1 2 3 4 5"},
		"of a user":                  {func(q *Query) { q.UserID = "ada" }, "1 3 5"},
		"of a user, by event":        {func(q *Query) { q.UserID, q.Events = "ada", []Name{SignIn, RolesChanged} }, "1 5"},
		"of a user, since":           {func(q *Query) { q.UserID, q.Since = "ada", now.Add(-day) }, "1 3"},
		"of an account":              {func(q *Query) { q.Account = "nobody@example.com" }, "2"},
		"of an address given up":     {func(q *Query) { q.Account = "old@example.com" }, "3"},
		"until":                      {func(q *Query) { q.Until = now.Add(-time.Minute) }, "2 3 4 5"},
		"a millisecond earlier":      {func(q *Query) { q.Until = now.Add(-time.Minute - time.Millisecond) }, "3 4 5"},
		"since the very millisecond": {func(q *Query) { q.Since = now.Add(-day) }, "1 2 3 4"},
		"of nobody":                  {func(q *Query) { q.UserID = "eve" }, ""},
		"of a span with nothing":     {func(q *Query) { q.Since, q.Until = now.Add(-2*time.Hour), now.Add(-90*time.Minute) }, ""},
	} {
		t.Run(what, func(t *testing.T) {
			query := all
			test.change(&query)
			var found []string
			for line, err := range table.Lines(t.Context(), query) {
				if err != nil {
					t.Fatal(err)
				}
				if line.Mark != mark || line.Time.String() == "" {
					t.Errorf("a line is %+v", line)
				}
				found = append(found, strings.TrimLeft(line.ID[24:], "0"))
			}
			if got := strings.Join(found, " "); got != test.want {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

// TestKept: what a Log takes down is found again as it was written into the stream.
func TestKept(t *testing.T) {
	table := newTable(t)
	var stream strings.Builder
	l := New(&stream, table, "root")
	for i := range 60 { // more than one batch
		l.Write(t.Context(), Event{Name: UserCreated, UserID: fmt.Sprint("user", i)})
	}
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for line, err := range table.Lines(t.Context(), Query{Since: time.Now().Add(-time.Hour), Until: time.Now()}) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stream.String(), `"id":"`+line.ID+`"`) || line.Operator != "root" {
			t.Errorf("the stream lacks %+v", line)
		}
		kept++
	}
	if kept != 60 {
		t.Errorf("%d lines are kept, want 60", kept)
	}
}

// TestNoTable: lines are lost, nobody waits, and Close ends.
func TestNoTable(t *testing.T) {
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	l := New(nil, NewTable(model.Open(engine, "")).Keeping(time.Hour), "")
	l.Write(t.Context(), Event{Name: SignIn})
	if err := l.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestKeeping(t *testing.T) {
	if newTable(t).Keeping(0) != nil {
		t.Error("a table that keeps nothing is one")
	}
}

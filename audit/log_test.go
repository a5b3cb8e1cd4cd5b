package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/web"
)

// takenDown returns the lines that write has a Log write.
func takenDown(t *testing.T, operator string, write func(*Log)) []map[string]any {
	t.Helper()
	var stream bytes.Buffer
	l := New(&stream, nil, operator)
	write(l)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lines []map[string]any
	for text := range strings.Lines(stream.String()) {
		line := map[string]any{}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		lines = append(lines, line)
	}
	return lines
}

// TestLine wants the fields that docs/audit.md names, and no others.
func TestLine(t *testing.T) {
	e := Event{
		Name: EmailChanged, UserID: "u", Account: "new@example.com", SessionID: "s", Method: "password", Reason: "r",
		From: "old@example.com", To: "new@example.com", Operation: "update", Type: "Note", Object: "o", Count: 2,
	}
	proxies, err := web.ParseTrustedProxies([]string{"192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/graphql", nil) // from 192.0.2.1
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	lines := takenDown(t, "root", func(l *Log) {
		web.WithRequestID(web.WithClientAddress(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { l.Write(r.Context(), e) }))).
			ServeHTTP(httptest.NewRecorder(), r)
		l.Write(context.Background(), Event{Name: SignIn})
	})
	if len(lines) != 2 || len(lines[1]) != 5 {
		t.Fatalf("the lines are %v", lines)
	}
	line := lines[0]
	for _, changing := range []string{"id", "time", "request"} {
		if text, _ := line[changing].(string); len(text) < 24 {
			t.Errorf("%s is %v", changing, line[changing])
		}
		delete(line, changing)
	}
	want := map[string]any{
		"msg": "audit", "event": "authn_email_change", "user": "u", "account": "new@example.com", "session": "s", "method": "password",
		"reason": "r", "from": "old@example.com", "to": "new@example.com", "operation": "update", "type": "Note", "object": "o",
		"count": 2.0, "address": "203.0.113.9", "operator": "root",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLineOfHostileText wants one line of whatever a field holds, which a terminal shows and
// does not obey.
func TestLineOfHostileText(t *testing.T) {
	for what, text := range map[string]string{
		"line breaks":         "a\n{\"event\":\"authn_login_success\"}\r\nb",
		"Unicode line breaks": "a\u2028b\u2029c\u0085d",
		"escape sequences":    "\x1b[2J\x1b]0;title\a",
		"C1 controls":         "\u009b2J",
		"right to left":       "\u202etxt.exe",
		"zero width":          "ad\u200bmin",
		"no UTF-8":            "\xff\xfe\xc3",
		"NUL":                 "a\x00b",
		"a long one":          strings.Repeat("ü", 100_000),
	} {
		t.Run(what, func(t *testing.T) {
			var stream bytes.Buffer
			l := New(&stream, nil, "")
			l.Write(t.Context(), Event{Name: SignInFailed, Account: text, Object: text})
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			line := stream.String()
			if strings.Count(line, "\n") != 1 || len(line) > 4*maxField {
				t.Errorf("the line is %.200q…, %d bytes", line, len(line))
			}
			for _, r := range strings.TrimSuffix(line, "\n") {
				if isUnseen(r) {
					t.Errorf("%q has %q", line, r)
				}
			}
		})
	}
}

// TestTally wants a flood to get few lines, that count the rest of it, and nothing else to lose
// any.
func TestTally(t *testing.T) {
	for _, test := range []struct {
		what        string
		flood       func(l *Log)
		lines, most int // of the flood: events that they stand for, lines
	}{
		{"one account", func(l *Log) {
			for range 10_000 {
				l.Write(t.Context(), Event{Name: SignInFailed, UserID: "victim", Account: "victim@example.com"})
			}
		}, 10_000, perAccount + 1},
		{"as many accounts as guesses", func(l *Log) {
			for i := range 10_000 {
				l.Write(t.Context(), Event{Name: SignInFailed, Account: fmt.Sprintf("%d@example.com", i)})
			}
		}, 10_000, perName + countedAccounts + 1},
		{"nobody", func(l *Log) {
			for range 10_000 {
				l.Write(t.Context(), Event{Name: Refused, Type: "Note"})
			}
		}, 10_000, perAccount + 1},
		{"one who signs in again and again", func(l *Log) {
			for range 1000 {
				l.Write(t.Context(), Event{Name: SignIn, UserID: "eager"})
			}
		}, 1000, perAccount + 1},
	} {
		t.Run(test.what, func(t *testing.T) {
			lines := takenDown(t, "", func(l *Log) {
				test.flood(l)
				l.Write(t.Context(), Event{Name: SignIn, UserID: "victim", Account: "victim@example.com"})
				l.Write(t.Context(), Event{Name: PasswordChanged, UserID: "victim"})
			})
			events, others := 0, 0
			for _, line := range lines {
				switch {
				case line["user"] == "victim" && line["event"] != string(SignInFailed):
					others++
				case line["count"] == nil:
					events++
				default:
					events += int(line["count"].(float64))
				}
			}
			if events != test.lines || len(lines)-others > test.most || others != 2 {
				t.Errorf("%d lines stand for %d events, want at most %d for %d; beside them %d, want 2", len(lines)-others, events, test.most, test.lines, others)
			}
		})
	}
}

// TestTallyWindow: a minute later there are lines again, and those of the minute before count.
func TestTallyWindow(t *testing.T) {
	var (
		tally tally
		begun = time.Now()
		event = Event{Name: Refused, UserID: "u"}
	)
	for i := range perAccount + 5 {
		isAdmitted, isFirst, ended := tally.admit(event, begun)
		if isAdmitted != (i < perAccount) || isFirst != (i == perAccount) || ended != nil {
			t.Fatalf("event %d: %v %v %v", i, isAdmitted, isFirst, ended)
		}
	}
	if ended := tally.over(begun.Add(tallyWindow-1), false); ended != nil {
		t.Errorf("too early there is %v", ended)
	}
	isAdmitted, _, ended := tally.admit(event, begun.Add(tallyWindow))
	want := []Event{{Name: Refused, UserID: "u", Count: 5}}
	if diff := cmp.Diff(want, ended); diff != "" || !isAdmitted {
		t.Errorf("admitted %v; -want +got:\n%s", isAdmitted, diff)
	}
}

// TestStreamThatNobodyReads: it holds up nobody, and what fits its queue is written once it is
// read.
func TestStreamThatNobodyReads(t *testing.T) {
	reader, writer := io.Pipe()
	l := New(writer, nil, "")
	const written = 3 * maxQueued
	for i := range written {
		l.Write(t.Context(), Event{Name: UserCreated, UserID: fmt.Sprint(i)})
	}
	ended := make(chan int)
	go func() {
		text, _ := io.ReadAll(reader)
		ended <- bytes.Count(text, []byte("\n"))
	}()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if lines := <-ended; lines < maxQueued || lines >= written {
		t.Errorf("%d lines of %d are written", lines, written)
	}
}

// TestNoLog: it is as good as one that writes nowhere.
func TestNoLog(t *testing.T) {
	for _, l := range []*Log{nil, New(nil, nil, "")} {
		l.Write(t.Context(), Event{Name: SignIn})
		if err := l.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// lineUp has those wait whom the text names, each as ACCOUNT@ADDRESS, *N for N of them, while
// somebody has the one turn.
func lineUp(q *queue, text string) (names map[*waiter]string) {
	names = map[*waiter]string{}
	for field := range strings.FieldsSeq(text) {
		who, times, n := field, "", 1
		if who, times, _ = strings.Cut(field, "*"); times != "" {
			fmt.Sscan(times, &n)
		}
		name, address, _ := strings.Cut(who, "@")
		for range n {
			names[q.join(asker{name, netip.MustParseAddr(address)})] = name
		}
	}
	return names
}

// TestQueueIsFair tells how many are served before the last one in line, whoever else waits.
func TestQueueIsFair(t *testing.T) {
	for _, test := range []struct {
		name, waiting string
		before        int // at most
	}{
		{"nobody else", "", 0},
		{"one account from one address", "eve@192.0.2.1*100", 1},
		{"one account from the address of the last", "eve@192.0.2.9*100", 13},
		{"one account from many addresses", "eve@192.0.2.1*30 eve@192.0.2.2*30 eve@192.0.2.3*30", 1},
		{"many accounts from one address", accounts("192.0.2.1", 100), 8},
		{"two accounts from two addresses", "eve@192.0.2.1*50 mallory@192.0.2.2*50", 2},
		{"an IPv6 network that counts as one address", networkOf(100), 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := newQueue(1)
			done, err := q.turn(t.Context(), asker{account: "first"})
			if err != nil {
				t.Fatal(err)
			}
			names := lineUp(q, test.waiting+" ada@192.0.2.9")
			for before := 0; ; before++ {
				done()
				name, ok := served(names)
				if !ok {
					t.Fatal("nobody has the turn")
				}
				if name == "ada" {
					if before > test.before {
						t.Errorf("%d are served before, want at most %d", before, test.before)
					}
					return
				}
			}
		})
	}
}

// served returns whose turn it is, and takes it from the names.
func served(names map[*waiter]string) (name string, ok bool) {
	for w, name := range names {
		if w.place < 0 {
			delete(names, w)
			return name, true
		}
	}
	return "", false
}

func accounts(address string, n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("eve%d@%s", i, address))
	}
	return strings.Join(all, " ")
}

func networkOf(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("eve%d@2001:db8::%x", i, i+1))
	}
	return strings.Join(all, " ")
}

// A queue serves everybody, also those at whose turn others have gone, and then knows nobody.
func TestQueueForgets(t *testing.T) {
	q := newQueue(2)
	served := make(chan error, 400)
	gone, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 400 {
		ctx := t.Context()
		if i%3 == 0 {
			ctx = gone
		}
		go func() {
			done, err := q.turn(ctx, asker{fmt.Sprint(i % 50), netip.MustParseAddr("192.0.2.1")})
			if err == nil {
				done()
			}
			served <- err
		}()
		if i == 200 {
			cancel()
		}
	}
	var failed []error
	for range 400 {
		if err := <-served; err != nil && !errors.Is(err, context.Canceled) {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 {
		t.Errorf("%d were not served: %v", len(failed), failed[0])
	}
	done, err := q.turn(t.Context(), asker{})
	if err != nil {
		t.Fatal(err)
	}
	done()
	if q.free != 2 || len(q.waiting)+len(q.accounts)+len(q.networks) > 0 {
		t.Errorf("%d turns are free, %d wait, %d accounts and %d networks are known", q.free, len(q.waiting), len(q.accounts), len(q.networks))
	}
}

// Under load without an end a queue knows no more than who wait.
func TestQueueIsBounded(t *testing.T) {
	q := newQueue(1)
	q.join(asker{account: "first"})
	q.join(asker{account: "second"})
	for i := range 10_000 {
		q.join(asker{fmt.Sprint(i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})})
		q.next()
	}
	if known := len(q.accounts) + len(q.networks); len(q.waiting) != 1 || known > 2 {
		t.Errorf("%d wait, and %d accounts and networks are known", len(q.waiting), known)
	}
}

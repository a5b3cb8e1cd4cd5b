package auth

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"golang.org/x/time/rate"

	"github.com/ownql/ownql/web"
)

// TestRateLimit holds how many of many requests pass, which of IPv6 share a network in
// different ways.
func TestRateLimit(t *testing.T) {
	const burst, sent = 5, 100
	for _, test := range []struct {
		name    string
		address func(i int) string
		passed  int
	}{
		{"of one address", func(int) string { return "192.0.2.1" }, burst},
		{"each of its own", func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }, sent},
		{"of a /64", func(i int) string { return fmt.Sprintf("2001:db8:0:1::%x", i) }, burst},
		{"of the /64 of a /48", func(i int) string { return fmt.Sprintf("2001:db8:0:%x::1", i) }, siteShare * burst},
		{"each of a /48 of its own", func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i) }, sent},
		{"of IPv4 in IPv6, each of its own", func(i int) string { return fmt.Sprintf("::ffff:192.0.2.%d", i) }, sent},
		{"without an address", func(int) string { return "" }, burst},
	} {
		t.Run(test.name, func(t *testing.T) {
			limited := web.REST("GET", NewRateLimit(nil, burst, rate.Limit(1e-9)).Limit(func(http.ResponseWriter, *http.Request) error { return nil }))
			passed := 0
			for i := range sent {
				r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
				r.RemoteAddr = net.JoinHostPort(test.address(i), "80")
				limited.ServeHTTP(w, r)
				switch {
				case w.Code == http.StatusOK:
					passed++
				case w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "":
					t.Fatalf("answered %d, %v", w.Code, w.Header())
				}
			}
			if passed != test.passed {
				t.Errorf("%d of %d pass, want %d", passed, sent, test.passed)
			}
		})
	}
}

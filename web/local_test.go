package web

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
)

// TestIsLocal: what came by another machine, or may have, is not local.
func TestIsLocal(t *testing.T) {
	for _, test := range []struct {
		name    string
		request string
		from    string // empty: this machine
		want    bool
	}{
		{"a browser here", "GET / HTTP/1.1\r\nHost: localhost:8080", "", true},
		{"by address", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080", "", true},
		{"by IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8080", "", true},
		{"by IPv6 of IPv4", "GET / HTTP/1.1\r\nHost: localhost:8080", "[::ffff:127.0.0.1]:50000", true},
		{"another machine", "GET / HTTP/1.1\r\nHost: localhost:8080", "192.0.2.2:50000", false},
		{"rebound DNS", "GET / HTTP/1.1\r\nHost: evil.example.com", "", false},
		{"a name that begins as an address", "GET / HTTP/1.1\r\nHost: 127.0.0.1.example.com", "", false},
		{"a proxy", "GET / HTTP/1.1\r\nHost: localhost:8080\r\nX-Forwarded-For: 203.0.113.7", "", false},
		{"nginx as it comes", "GET / HTTP/1.0\r\nHost: 127.0.0.1:8080\r\nConnection: close", "", false},
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(test.request + "\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		if r.RemoteAddr = test.from; test.from == "" {
			r.RemoteAddr = "127.0.0.1:50000"
		}
		if got := IsLocal(r); got != test.want {
			t.Errorf("%s: local is %t", test.name, got)
		}
	}
}

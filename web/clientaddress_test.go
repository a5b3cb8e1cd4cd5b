package web_test

import (
	"net/http"
	"testing"

	"github.com/ownql/ownql/web"
)

func TestClientAddress(t *testing.T) {
	proxies, err := web.ParseTrustedProxies([]string{"10.0.0.0/8", "192.168.1.1/32", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, connection string
		forwarded        []string
		want             string
	}{
		{"nobody forwards", "203.0.113.7:4711", nil, "203.0.113.7"},
		{"a stranger says so", "203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7"},
		{"a stranger says it was a proxy", "203.0.113.7:4711", []string{"198.51.100.1, 10.0.0.1"}, "203.0.113.7"},
		{"a proxy", "10.0.0.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"the only address of a network", "192.168.1.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"its neighbour", "192.168.1.2:80", []string{"198.51.100.1"}, "192.168.1.2"},
		{"what the client made up stands left", "10.0.0.1:80", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"the client claims to be a proxy", "10.0.0.1:80", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:80", []string{"1.2.3.4, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		{"two proxies of other families", "10.0.0.1:80", []string{"2001:db8::1, fd00::2"}, "2001:db8::1"},
		{"several headers", "10.0.0.1:80", []string{"1.2.3.4", "198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		{"a proxy itself", "10.0.0.1:80", nil, "10.0.0.1"},
		{"proxies only", "10.0.0.1:80", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"with a port", "10.0.0.1:80", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6", "[fd00::1]:80", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 in brackets", "[fd00::1]:80", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with a port", "[fd00::1]:80", []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{"IPv6 with a zone", "[fe80::1%eth0]:80", nil, "fe80::1"},
		{"a proxy's IPv4 in IPv6", "[::ffff:10.0.0.1]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"spaces", "10.0.0.1:80", []string{" \t198.51.100.1 ,\t10.0.0.2 "}, "198.51.100.1"},
		{"no address at the end", "10.0.0.1:80", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"no address behind a proxy", "10.0.0.1:80", []string{"198.51.100.1, <script>, 10.0.0.2"}, "10.0.0.2"},
		{"nothing at the end", "10.0.0.1:80", []string{"198.51.100.1,"}, "10.0.0.1"},
		{"empty", "10.0.0.1:80", []string{""}, "10.0.0.1"},
		{"a bracket left open", "10.0.0.1:80", []string{"[2001:db8::1"}, "10.0.0.1"},
		{"a network", "10.0.0.1:80", []string{"198.51.100.0/24"}, "10.0.0.1"},
		{"a socket", "@", []string{"198.51.100.1"}, "invalid IP"},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := &http.Request{RemoteAddr: test.connection, Header: http.Header{"X-Forwarded-For": test.forwarded}}
			if got := proxies.ClientAddress(request); got.String() != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if got, err := web.ParseTrustedProxies(nil); err != nil || got.ClientAddress(request) != got.ClientAddress(&http.Request{RemoteAddr: test.connection}) {
				t.Errorf("without trusted proxies the header counts, or %v", err)
			}
		})
	}
}

func TestParseTrustedProxies(t *testing.T) {
	for _, test := range []struct {
		name, network string
		ok            bool
	}{
		{"IPv4", "10.0.0.0/8", true},
		{"IPv6", "2001:db8::/32", true},
		{"one address", "192.0.2.1/32", true},
		{"an address within the network", "10.1.2.3/8", true},
		{"spaces around", " 10.0.0.0/8 ", true},
		{"no length", "10.0.0.1", false},
		{"too long", "10.0.0.0/33", false},
		{"IPv4 in IPv6, which nothing would match", "::ffff:10.0.0.0/104", false},
		{"a zone", "fe80::%eth0/10", false},
		{"a name", "localhost/8", false},
		{"empty", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := web.ParseTrustedProxies([]string{test.network}); test.ok != (err == nil) || test.ok != (len(got) == 1) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func FuzzClientAddress(f *testing.F) {
	proxies, err := web.ParseTrustedProxies([]string{"10.0.0.0/8", "fd00::/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("10.0.0.1:80", "1.2.3.4, [2001:db8::1]:80, 10.0.0.2")
	f.Add("[fd00::1]:80", ",,[")
	f.Fuzz(func(t *testing.T, connection, forwarded string) {
		request := &http.Request{RemoteAddr: connection, Header: http.Header{"X-Forwarded-For": {forwarded}}}
		// A proxy adds whom it forwards for, and then nothing before it matters.
		request.Header.Add("X-Forwarded-For", "198.51.100.1")
		request.RemoteAddr = "10.0.0.1:80"
		if got := proxies.ClientAddress(request); got.String() != "198.51.100.1" {
			t.Errorf("%q makes it %s", forwarded, got)
		}
		request.RemoteAddr = connection
		proxies.ClientAddress(request)
	})
}

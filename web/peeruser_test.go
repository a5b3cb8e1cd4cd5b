package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"testing"
)

func TestOnlyOwner(t *testing.T) {
	server := httptest.NewServer(OnlyOwner(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})))
	defer server.Close()
	for _, test := range []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"no browser", nil, http.StatusOK},
		{"by hand", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, http.StatusOK},
		{"a page of its own", map[string]string{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, http.StatusOK},
		{"a page of its own, by an older browser", map[string]string{"Origin": server.URL}, http.StatusOK},
		{"a link from elsewhere", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, http.StatusOK},
		{"a page of another port, by CORS", map[string]string{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, http.StatusNotFound},
		{"a page of another port, by an older browser", map[string]string{"Origin": "http://127.0.0.1:3000"}, http.StatusNotFound},
		{"another name of this machine", map[string]string{"Origin": "http://localhost:3000"}, http.StatusNotFound},
		{"a page in a sandbox", map[string]string{"Origin": "null"}, http.StatusNotFound},
		{"a script of another origin", map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, http.StatusNotFound},
		{"a frame of another origin", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, http.StatusNotFound},
		{"a proxy", map[string]string{"X-Forwarded-For": "192.0.2.1"}, http.StatusNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequest("GET", server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range test.headers {
				r.Header.Set(name, value)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.status {
				t.Errorf("%s, want %d", response.Status, test.status)
			}
		})
	}
}

// The kernel knows whose socket is at the other end.
func TestSocketUser(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s: %v", address, err)
			continue
		}
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		from, to := netip.MustParseAddrPort(conn.LocalAddr().String()), netip.MustParseAddrPort(conn.RemoteAddr().String())
		uid, isKnown := socketUser(from, to)
		if isKnown != (runtime.GOOS == "linux") || isKnown && uid != os.Getuid() {
			t.Errorf("%s: user %d, known: %v; want user %d", address, uid, isKnown, os.Getuid())
		}
		if uid, isKnown := socketUser(netip.AddrPortFrom(from.Addr(), to.Port()), to); isKnown && uid != -1 {
			t.Errorf("%s: a socket that is not there has user %d", address, uid)
		}
		conn.Close()
		listener.Close()
	}
}

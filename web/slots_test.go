package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/web"
)

// get returns the status and the header of an answer.
func get(t *testing.T, url string) (int, http.Header) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

// dial connects to a server and sends text.
func dial(t *testing.T, url, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestShedding has two requests be served, which is the most, and the third turned away.
func TestShedding(t *testing.T) {
	arrived, finish := make(chan bool), make(chan bool)
	server := httptest.NewServer(web.WithShedding(2, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/work" {
			arrived <- true
			<-finish
		}
	})))
	t.Cleanup(server.Close)
	for range 2 {
		dial(t, server.URL, "GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n")
		<-arrived
	}
	if status, header := get(t, server.URL+"/"); status != http.StatusServiceUnavailable || header.Get("Retry-After") != "1" {
		t.Errorf("the third is answered %d, %v", status, header)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := get(t, server.URL+path); status != http.StatusOK {
			t.Errorf("%s is answered %d", path, status)
		}
	}
	close(finish)
	for range 20 { // as many as there were slots, and more
		if status, _ := get(t, server.URL+"/healthz"); status != http.StatusOK {
			t.Errorf("afterwards: %d", status)
		}
	}
}

// TestSheddingOfSlowClients: who is waited for, to send a body or to take an answer, has no slot.
func TestSheddingOfSlowClients(t *testing.T) {
	large := strings.Repeat("x", 64<<20)
	reached := make(chan bool, 2)
	server := httptest.NewServer(web.WithShedding(1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			reached <- true
			body, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s, %v", body, err)
		case "/large":
			reached <- true
			io.WriteString(w, large)
		}
	})))
	t.Cleanup(server.Close)
	body := dial(t, server.URL, "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
	<-reached
	dial(t, server.URL, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") // whose answer nobody takes
	<-reached
	for status := 0; status != http.StatusOK; { // once both wait
		status, _ = get(t, server.URL+"/")
	}
	io.WriteString(body, "b")
	response, err := http.ReadResponse(bufio.NewReader(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(response.Body); err != nil || string(text) != "ab, <nil>" {
		t.Errorf("the slow body is answered %q, %v", text, err)
	}
}

// TestSheddingOfABodyThatArrivesTooLate: the body is there, but no slot any more.
func TestSheddingOfABodyThatArrivesTooLate(t *testing.T) {
	reading, working, finish := make(chan bool), make(chan bool), make(chan bool)
	server := httptest.NewServer(web.WithShedding(1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/work" {
			select {
			case working <- true:
			case <-finish: // one of those that were turned away until then
			}
			<-finish
			return
		}
		close(reading)
		if _, err := io.ReadAll(r.Body); err != nil {
			web.Refuse(w, r, err)
		}
	})))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(finish) })
	body := dial(t, server.URL, "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
	<-reading
	for isWorking := false; !isWorking; {
		dial(t, server.URL, "GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n")
		select {
		case isWorking = <-working:
		default: // the first has not begun to wait
		}
	}
	io.WriteString(body, "b")
	response, err := http.ReadResponse(bufio.NewReader(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("answered %s, %v", response.Status, response.Header)
	}
}

// TestConnections has a client with too many connections lose its own, and neither another
// client's nor one that is served.
func TestConnections(t *testing.T) {
	const most = 4
	arrived, finish := make(chan bool), make(chan bool)
	server := httptest.NewUnstartedServer(web.WithShedding(100, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/work" {
			arrived <- true
			<-finish
		}
	})))
	web.NewConnections(most).Bound(server.Config)
	server.Start()
	t.Cleanup(server.Close)

	working := dial(t, server.URL, "GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-arrived
	other := dialFrom(t, server.URL, "127.0.0.2", "GET /other HTTP/1.1\r\n")
	first := dial(t, server.URL, "GET /first HTTP/1.1\r\n")
	dial(t, server.URL, "")
	dial(t, server.URL, "")
	if n, err := first.Read(make([]byte, 1)); err == nil {
		t.Errorf("the oldest connection of the client with the most is read %d bytes from", n)
	}
	close(finish)
	io.WriteString(other, "Host: localhost\r\n\r\n")
	for name, conn := range map[string]net.Conn{"that is served": working, "of another client": other} {
		if response, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("the connection %s: %v, %v", name, response, err)
		}
	}
}

// TestConnectionsKeepWhatIsUsed has a client that opens connections and says nothing lose those,
// and not the one that it had used just before.
func TestConnectionsKeepWhatIsUsed(t *testing.T) {
	const most = 4
	server := httptest.NewUnstartedServer(web.WithShedding(100, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})))
	web.NewConnections(most).Bound(server.Config)
	server.Start()
	t.Cleanup(server.Close)

	const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	used := dial(t, server.URL, request)
	answers := bufio.NewReader(used)
	for i := range 3 {
		if response, err := http.ReadResponse(answers, nil); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %v, %v", i, response, err)
		}
		var silent []net.Conn
		for range 3 * most {
			silent = append(silent, dial(t, server.URL, ""))
		}
		for n, conn := range silent[:2*most] {
			if _, err := conn.Read(make([]byte, 1)); err == nil {
				t.Errorf("silent connection %d is answered", n)
			}
		}
		if _, err := io.WriteString(used, request); err != nil {
			t.Fatal(err)
		}
	}
}

// dialFrom is dial from another address of this machine.
func dialFrom(t *testing.T, url, from, text string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(context.Background(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

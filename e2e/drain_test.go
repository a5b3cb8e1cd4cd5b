package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDrain sends SIGTERM while a request is half sent: it is answered, and the exit
// status is 0.
func TestDrain(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(filepath.Join(binary, "ownql"), "--addr", "127.0.0.1:0", "--store", t.TempDir())
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	first, err := bufio.NewReader(stdout).ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("it printed %q, %v", first, err)
	}

	half := sendHalf(t, at[1])
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for { // until it takes no more connections
		another, err := net.Dial("tcp", at[1])
		if err != nil {
			break
		}
		another.Close()
	}
	response, err := half.sendRest()
	if err != nil {
		t.Fatalf("the request in flight got no answer: %v", err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("the request in flight was answered %s", response.Status)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// A halfRequest is one that a handler waits for the rest of.
type halfRequest struct {
	conn    net.Conn
	answers *bufio.Reader
}

const halfBody = `{"query":"{ __typename }"}`

// sendHalf sends the first half of a request of GraphQL.
func sendHalf(t *testing.T, addr string) *halfRequest {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(halfBody))
	// The server asks for the body, so the request has reached its handler.
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, halfBody[:10])
	return &halfRequest{conn, answers}
}

// sendRest sends the other half, and returns the answer without its body.
func (h *halfRequest) sendRest() (*http.Response, error) {
	fmt.Fprint(h.conn, halfBody[10:])
	response, err := http.ReadResponse(h.answers, nil)
	if err == nil {
		response.Body.Close()
	}
	return response, err
}

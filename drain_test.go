package main

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

	const body = `{"query":"{ __typename }"}`
	conn, err := net.Dial("tcp", at[1])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	// The server asks for the body, so the request has reached its handler.
	answers := bufio.NewReader(conn)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, body[:10])
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
	fmt.Fprint(conn, body[10:])
	response, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatalf("the request in flight got no answer: %v", err)
	}
	if response.StatusCode != http.StatusOK {
		t.Errorf("the request in flight was answered %s", response.Status)
	}
	response.Body.Close()
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

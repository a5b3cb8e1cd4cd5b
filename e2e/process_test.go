package e2e

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// freeAddr returns a loopback address where nobody listens.
func freeAddr(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// runShell runs commands, which must succeed, and returns what they print.
func runShell(t *testing.T, dir string, env []string, script string) string {
	t.Helper()
	shell := exec.Command("sh", "-e", "-c", script)
	shell.Dir, shell.Env = dir, env
	var stdout, stderr bytes.Buffer
	shell.Stdout, shell.Stderr = &stdout, &stderr
	if err := shell.Run(); err != nil {
		t.Fatalf("%s\n%v\n%s%s", script, err, stdout.String(), stderr.String())
	}
	return strings.TrimSpace(stdout.String())
}

// startServer runs a command that serves, waits until it does, and returns what stops it.
func startServer(t testing.TB, dir string, env []string, script string) (stop func()) {
	t.Helper()
	shell := exec.Command("sh", "-e", "-c", script)
	shell.Dir, shell.Env = dir, env
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // `go run` has a child
	var stderr bytes.Buffer
	shell.Stderr = &stderr
	stdout, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		syscall.Kill(-shell.Process.Pid, syscall.SIGTERM)
		timeout := time.AfterFunc(20*time.Second, func() { syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) })
		defer timeout.Stop()
		shell.Wait()
	}
	t.Cleanup(stop)
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, "ownql serves ") {
			go io.Copy(io.Discard, lines)
			return stop
		}
		if err != nil {
			stop()
			t.Fatalf("%s\nended before it served: %v\n%s", script, err, stderr.String())
		}
	}
}

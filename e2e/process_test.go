package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// triedPorts counts the ports that freeAddr has tried.
var triedPorts atomic.Int64

// freeAddr returns a loopback address where nobody listens, another one each time. Its port is not of those that the system gives
// to connections (32768 and above, ip(7)): one of these may be somebody's before a server that is being started has it.
func freeAddr(t testing.TB) string {
	t.Helper()
	const first, ports = 10000, 20000
	for range ports {
		port := first + (int64(os.Getpid())*97+triedPorts.Add(1))%ports // test processes at once begin at different ones
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("there is no free port")
	return ""
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

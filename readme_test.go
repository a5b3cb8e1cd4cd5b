package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// readmeBlocks returns the README's fenced commands of that kind, such as `sh` or `sh dynamodb`.
func readmeBlocks(t *testing.T, kind string) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, match := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, strings.TrimSpace(match[1]))
	}
	return blocks
}

// TestREADME runs the README's commands as they are written, in their order, in a copy
// of the project. `go run .` goes on in the background;
// `go test ./...` is what runs this test.
func TestREADME(t *testing.T) {
	blocks := readmeBlocks(t, "sh")
	if len(blocks) < 3 || blocks[0] != "go run ." || blocks[1] != "go test ./..." {
		t.Fatalf("the README does not begin with `go run .` and `go test ./...`, but %q", blocks)
	}
	dir := copyProject(t)
	env := readmeEnvironment(t)
	startServer(t, dir, env, blocks[0])
	viewer := regexp.MustCompile(`{"data":{"viewer":{"id":".*","firstName":"Ada","lastName":"Lovelace","email":"ada@example.com"}},"extensions":{"cost":{"calls":1,"items":2,"readUnits":2,"writeUnits":0}}}$`)
	for i, block := range blocks[2:] {
		out := runShell(t, dir, env, block)
		if i == 0 && !viewer.MatchString(out) {
			t.Errorf("the first query answers %s", out)
		}
		if strings.Contains(out, `"error`) {
			t.Errorf("%s\nanswers %s", block, out)
		}
	}
	if out := runShell(t, dir, env, "git status --porcelain"); out != "" {
		t.Errorf("the commands left changes:\n%s", out)
	}
}

// copyProject copies the project's files, as git would commit them, into a repository
// of their own.
func copyProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, ".ci/") {
			mode = 0o755
		}
		if err := os.WriteFile(to, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	runShell(t, dir, os.Environ(), "git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm 'readme: begin'")
	return dir
}

// readmeEnvironment lets the README's server listen on a free port, and takes its curl
// there.
func readmeEnvironment(t *testing.T) []string {
	t.Helper()
	addr := freeAddr(t)
	return append(os.Environ(),
		"OWNQL_ADDR="+addr,
		"OWNQL_TEST_CONNECT_TO=localhost:8080="+addr,
		"PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

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

// curlDir returns a directory that holds our stand-in for curl.
func curlDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	testBinary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(testBinary, filepath.Join(dir, "curl")); err != nil {
		t.Fatal(err)
	}
	return dir
}

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

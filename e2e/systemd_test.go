//go:build deploy

package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSystemdUnit has systemd read the unit, and rate how much of the machine it leaves open:
// from 0.0, nothing, to 10.0.
func TestSystemdUnit(t *testing.T) {
	const worst = "12" // tenths
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	unit, err := os.ReadFile(inRepository("deploy/ownql.service"))
	if err != nil {
		t.Fatal(err)
	}
	// It is installed nowhere here.
	here := strings.Replace(string(unit), "ExecStart=/usr/local/bin/ownql", "ExecStart="+filepath.Join(binary, "ownql"), 1)
	path := filepath.Join(t.TempDir(), "ownql.service")
	if err := os.WriteFile(path, []byte(here), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold="+worst, path).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
	t.Log(regexp.MustCompile(`Overall exposure.*`).FindString(string(out)))
}

// TestSystemdSystemCalls serves, under strace, a sign-up, the first query and a health check:
// it asks the kernel for nothing that the unit forbids.
func TestSystemdSystemCalls(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	unit, err := os.ReadFile(inRepository("deploy/ownql.service"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, filter := range regexp.MustCompile(`(?m)^SystemCallFilter=(~?)(.*)$`).FindAllStringSubmatch(string(unit), -1) {
		for _, set := range strings.Fields(filter[2]) {
			for _, call := range systemCalls(t, set) {
				allowed[call] = filter[1] == ""
			}
		}
	}
	if len(allowed) < 100 {
		t.Fatalf("the unit allows %d system calls", len(allowed))
	}

	var (
		dir   = t.TempDir()
		trace = filepath.Join(dir, "trace")
		env   = append(readmeEnvironment(t), "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")
	)
	stop := startServer(t, dir, env, "exec strace -f -qq -o "+trace+" "+binary+"/ownql serve --store "+dir+"/data")
	token := regexp.MustCompile(`"access_token":"([^"]*)"`).FindStringSubmatch(runShell(t, dir, env,
		`curl localhost:8080/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}'`))
	if token == nil {
		t.Fatal("no token")
	}
	runShell(t, dir, env, `curl localhost:8080/graphql -H 'Authorization: Bearer `+token[1]+`' -H 'Content-Type: application/json' -d '{"query":"{ viewer { id } }"}'`)
	runShell(t, dir, env, binary+"/ownql health")
	time.Sleep(time.Second) // what the runtime does when there is nothing to do
	stop()

	file, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var used []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if call := regexp.MustCompile(`^\d+ +(\w+)\(`).FindStringSubmatch(lines.Text()); call != nil && !slices.Contains(used, call[1]) {
			used = append(used, call[1])
		}
	}
	if !slices.Contains(used, "fdatasync") && !slices.Contains(used, "fsync") {
		t.Errorf("the trace lacks what writes the data: %s", used)
	}
	for _, call := range used {
		if !allowed[call] {
			t.Errorf("it calls %s, which the unit forbids", call)
		}
	}
}

// systemCalls returns those of one of systemd's sets, such as @system-service, and of the
// sets in it.
func systemCalls(t *testing.T, set string) (calls []string) {
	t.Helper()
	if !strings.HasPrefix(set, "@") {
		return []string{set}
	}
	out, err := exec.Command("systemd-analyze", "syscall-filter", "--no-pager", set).Output()
	if err != nil {
		t.Fatalf("systemd-analyze syscall-filter %s: %v", set, err)
	}
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		if line != "" && line != set && !strings.HasPrefix(line, "#") {
			calls = append(calls, systemCalls(t, line)...)
		}
	}
	return calls
}

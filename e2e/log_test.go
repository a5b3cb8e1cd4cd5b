package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// logged runs a server with its log at stderr, has it answer a few requests, and returns what
// they carried that no log may show.
func logged(t *testing.T, stderr *os.File) (secrets []string) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(binary+"/ownql", "--addr", "127.0.0.1:0", "--store", t.TempDir())
	server.Env = append(os.Environ(), "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s") // not dev, where mails are shown beside it
	server.Stderr = stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Wait()
	defer server.Process.Signal(syscall.SIGTERM)
	first, err := bufio.NewReader(stdout).ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("it printed %q, %v", first, err)
	}
	token := signUpAda(t, at[1])
	url := "http://" + at[1] + "/graphql"
	postTraced(t, url+"?secret=inthequery", token, `{"query":"query Me($x: ID = \"avariable\") { viewer { email } node(id: $x) { id } }","variables":{"x":"anothervariable"}}`)
	postTraced(t, url, "no.such.token", `{"query":"{ viewer { email } }"}`)
	for _, path := range []string{"/healthz", "/" + strings.Repeat("long", 1000)} {
		response, err := http.Get("http://" + at[1] + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	return []string{token, "no.such.token", "inthequery", "avariable", "anothervariable", "viewer", "ada@example.com", "correct horse"}
}

// TestLogAsJSON: outside a terminal, a line of JSON for each request.
func TestLogAsJSON(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	secrets := logged(t, file)
	log, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if bytes.Contains(log, []byte(secret)) {
			t.Errorf("the log has %q: %s", secret, log)
		}
	}
	const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`
	want := []string{
		`"request":"` + uuid + `","method":"POST","path":"/signup","status":201,"ms":[0-9.]+,"user":"` + uuid + `","calls":3,"readUnits":0,"writeUnits":10}`, // the first project included
		`"request":"` + uuid + `","method":"POST","path":"/graphql","status":200,"ms":[0-9.]+,"user":"` + uuid + `","kind":"query","operation":"Me","calls":1,"readUnits":2,"writeUnits":0}`,
		`"request":"` + uuid + `","method":"POST","path":"/graphql","status":401,"ms":[0-9.]+,"code":"UNAUTHENTICATED"}`,
		`"request":"` + uuid + `","method":"GET","path":"/(long){24}lon…","status":404,"ms":[0-9.]+,"code":"NOT_FOUND"}`,
	}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(log)), "\n"), func(line string) bool {
		return !strings.Contains(line, `"msg":"request"`)
	})
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %s", len(lines), len(want), log)
	}
	for i, line := range lines {
		if !json.Valid([]byte(line)) || !regexp.MustCompile(`"level":"INFO","msg":"request",`+want[i]+`$`).MatchString(line) {
			t.Errorf("%s\nis not\n%s", line, want[i])
		}
	}
}

// TestLogOnTerminal: a line to read.
func TestLogOnTerminal(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	ours, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	lines := make(chan string, 1)
	go func() {
		defer close(lines)
		for reader := bufio.NewReader(ours); ; {
			line, err := reader.ReadString('\n')
			if err != nil || strings.Contains(line, "path=/graphql") {
				lines <- line
				return
			}
		}
	}()
	logged(t, theirs)
	theirs.Close()
	want := regexp.MustCompile(`^\d\d:\d\d:\d\d INF request request=\S+ method=POST path=/graphql status=200 ms=[0-9.]+ user=\S+ kind=query operation=Me calls=1 readUnits=2 writeUnits=0\r\n$`)
	if line := <-lines; !want.MatchString(line) {
		t.Errorf("%q is not %s", line, want)
	}
}

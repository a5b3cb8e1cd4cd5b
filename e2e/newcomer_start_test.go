//go:build newcomer && !dynamodblocal

package e2e

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/docs"
)

// startDocument is the document of the ten minutes.
const startDocument = "docs/start.md"

// TestNewcomerStart does what docs/start.md says, from an empty directory on, with a release: commands in one shell, those that
// serve in another, types in the place of the example, and a file of Go. What a block of JSON shows, the commands before it
// print, where … is any text. It says how long each step takes.
func TestNewcomerStart(t *testing.T) {
	t.Parallel()
	proxy := newModuleProxy(t)
	proxy.publish(t, "v0.1.0", copyRepository(t))
	text, err := os.ReadFile(inRepository(startDocument))
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := append(proxy.env, "OWNQL_ADDR="+addr, "OWNQL_TEST_CONNECT_TO=localhost:8080="+addr,
		"PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	shell := newTerminal(t, env)
	project := filepath.Join(shell.dir, "harbour")
	begun, stop, printed := time.Now(), func() {}, ""
	for _, block := range docs.Parse(startDocument, string(text)).Blocks {
		begin := time.Now()
		switch block.Info {
		case "sh":
			printed = shell.run(t, block.Text)
		case "sh server":
			stop()
			stop = startServer(t, project, env, strings.TrimSpace(block.Text))
		case "graphql":
			schema := filepath.Join(project, "schema.graphqls")
			content, err := os.ReadFile(schema)
			example := regexp.MustCompile(`(?s)\n("[^\n]*"\n)?type Todo .*$`)
			if err != nil || !example.Match(content) {
				t.Fatalf("the example is not the last type: %v", err)
			}
			writeFile(t, schema, example.ReplaceAllLiteralString(string(content), "\n"+block.Text))
		case "json":
			want := "^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(block.Text)), "…", ".*") + "$"
			if !regexp.MustCompile(want).MatchString(printed) {
				t.Errorf("line %d: it prints\n%s\nand shows\n%s", block.Line, printed, block.Text)
			}
			continue
		default:
			name := block.Option("file")
			if name == "" {
				t.Fatalf("line %d: nothing says what becomes of %q", block.Line, block.Info)
			}
			writeFile(t, filepath.Join(project, name), block.Text)
		}
		first, _, _ := strings.Cut(block.Text, "\n")
		t.Logf("%6.1f s  %s", time.Since(begin).Seconds(), first)
	}
	t.Logf("%6.1f s  in all, without reading and typing", time.Since(begun).Seconds())
	if printed == "" || strings.Contains(printed, "FAIL") {
		t.Errorf("the tests print %q", printed)
	}
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A terminal is a shell that goes on from one block of commands to the next.
type terminal struct {
	dir   string
	input io.Writer
	lines *bufio.Reader
	said  string // the file of what it says on standard error
}

func newTerminal(t *testing.T, env []string) *terminal {
	t.Helper()
	shell := exec.Command("sh", "-e")
	terminal := &terminal{dir: t.TempDir(), said: filepath.Join(t.TempDir(), "stderr")}
	stderr, err := os.Create(terminal.said)
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	shell.Dir, shell.Env, shell.Stderr = terminal.dir, env, stderr
	input, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	terminal.input, terminal.lines = input, bufio.NewReader(output)
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		shell.Wait()
	})
	return terminal
}

// run runs commands, which must succeed, and returns what they print.
func (s *terminal) run(t *testing.T, commands string) string {
	t.Helper()
	const mark = "-- the next --"
	if _, err := io.WriteString(s.input, commands+"\necho\necho '"+mark+"'\n"); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			said, _ := os.ReadFile(s.said)
			t.Fatalf("%s\nprints\n%s\nand ends the shell: %s", commands, printed.String(), said)
		}
		if strings.TrimSpace(line) == mark {
			return strings.TrimSpace(printed.String())
		}
		printed.WriteString(line)
	}
}

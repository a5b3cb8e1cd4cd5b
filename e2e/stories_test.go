package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"curl": curl, "lambda": lambdaOfTests})
}

// tests removes what the tests share when they have all run.
type tests struct{ *testing.M }

func (t tests) Run() int {
	defer func() {
		for _, path := range sharedPaths.paths {
			os.RemoveAll(path)
		}
	}()
	return t.M.Run()
}

// sharedPaths are the files and directories that several tests share.
var sharedPaths struct {
	sync.Mutex
	paths []string
}

// removeAtEnd has files and directories removed when all tests have run.
func removeAtEnd(paths ...string) {
	sharedPaths.Lock()
	defer sharedPaths.Unlock()
	sharedPaths.paths = append(sharedPaths.paths, paths...)
}

// TestStories runs testdata/script against the real binary on the embedded engine.
func TestStories(t *testing.T) {
	for _, dir := range []string{"testdata/script", "testdata/script/counted", "testdata/script/embedded"} {
		runStories(t, dir, func(*testscript.Env) error { return nil })
	}
}

// runStories runs the txtar files of dir. Beside testscript's own commands, they have
//
//	curl …                    our stand-in for curl, see curl_test.go
//	server start [FLAG]…      starts `ownql serve` on a free port and waits for it; sets ADDR
//	server start              starts the same again
//	server stop               SIGTERM; it must exit with 0; writes its log to serve.log
//	server kill               SIGKILL
//	dynamodb …                the same for `ownql dynamodb`; sets DYNAMODB
//	capture NAME REGEXP       sets NAME to the first group's match in the last stdout
func runStories(t *testing.T, dir string, setup func(*testscript.Env) error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	runSomeStories(t, files, setup)
}

// runSomeStories is runStories for these files.
func runSomeStories(t *testing.T, files []string, setup func(*testscript.Env) error) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:              files,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", binary+string(os.PathListSeparator)+env.Getenv("PATH"))
			env.Values[serverKey("serve")] = new(testServer)
			env.Values[serverKey("dynamodb")] = new(testServer)
			return setup(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server":   serverCommand("serve", "ADDR"),
			"dynamodb": serverCommand("dynamodb", "DYNAMODB"),
			"capture":  captureCommand,
		},
	})
}

// serverKey is the command of a testServer.
type serverKey string

// testServer is an ownql that a story runs.
type testServer struct {
	args    []string
	addr    string
	process *exec.Cmd
	log     bytes.Buffer // stderr, to read once the process has ended
}

// serverCommand starts and stops `ownql COMMAND`, whose address it puts into a variable.
func serverCommand(command, variable string) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) == 0 {
			ts.Fatalf("usage: server start|stop|kill")
		}
		server := ts.Value(serverKey(command)).(*testServer)
		switch args[0] {
		case "start":
			if len(args) > 1 || server.args == nil {
				server.args = append([]string{command, "--addr", "127.0.0.1:0"}, args[1:]...)
			}
			ts.Defer(func() { server.end(syscall.SIGKILL) })
			ts.Check(server.start(ts))
			ts.Setenv(variable, server.addr)
		case "stop":
			ts.Check(server.end(syscall.SIGTERM))
			ts.Check(os.WriteFile(ts.MkAbs(command+".log"), server.log.Bytes(), 0o600))
		case "kill":
			server.end(syscall.SIGKILL)
		}
	}
}

var servesAt = regexp.MustCompile(`^ownql serves (?:GraphQL|DynamoDB) at http://([^/]*)(?:/graphql)?$`)

func (s *testServer) start(ts *testscript.TestScript) error {
	s.process = exec.Command(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "ownql"), s.args...)
	s.process.Dir = ts.MkAbs(".")
	s.process.Env = storyEnvironment(ts)
	s.process.Stderr = &s.log
	s.log.Reset()
	stdout, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		s.process.Wait()
		return fmt.Errorf("%v printed %q, %v\n%s", s.process.Args, first, err, s.log.String())
	}
	go io.Copy(io.Discard, lines)
	s.addr = at[1]
	return nil
}

// end sends the signal, waits, and returns an error unless the exit status is 0.
func (s *testServer) end(signal syscall.Signal) error {
	if s.process == nil {
		return nil
	}
	process := s.process
	s.process = nil
	process.Process.Signal(signal)
	timeout := time.AfterFunc(20*time.Second, func() { process.Process.Kill() })
	defer timeout.Stop()
	if err := process.Wait(); err != nil {
		return fmt.Errorf("%v after %v: %w\n%s", process.Args, signal, err, s.log.String())
	}
	return nil
}

// storyEnvironment returns the script's variables that a child process is to have.
func storyEnvironment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "WORK", "PORT",
		"OWNQL_ADDR", "OWNQL_STORE", "OWNQL_TABLE_PREFIX", "OWNQL_DEV", "OWNQL_URL", "OWNQL_SIGNUP", "OWNQL_ANONYMOUS",
		"OWNQL_INTROSPECTION", "OWNQL_TRUSTED_DOCUMENTS", "OWNQL_CORS_ORIGINS", "OWNQL_RATE_LIMIT", "OWNQL_TRUSTED_PROXIES",
		"OWNQL_SECRET", "OWNQL_JWKS", "OWNQL_SMTP_URL",
		"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_DYNAMODB"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func captureCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture NAME REGEXP")
	}
	match := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(match) != 2 {
		ts.Fatalf("no match for %s in the last stdout", args[1])
	}
	ts.Setenv(args[0], match[1])
}

//go:build newcomer

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A project is the newcomer's own, and the server that is built of it.
type project struct {
	dir  string
	addr string   // where it serves
	env  []string // of its commands
	stop func()   // the server, where it runs
}

// starterProject makes a project, once, which uses this checkout, and returns its directory.
var starterProject = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ownql-newcomer-")
	if err != nil {
		return "", err
	}
	removeAtEnd(dir)
	checkout, err := filepath.Abs(repositoryDir)
	if err != nil {
		return "", err
	}
	shop := filepath.Join(dir, "shop")
	script := `go run ./cmd/ownql new "$1" --module example.com/shop && cd "$1" &&
		go mod edit -replace ` + ownql + `="$2" && # the copies are elsewhere
		git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -qm begin`
	command := exec.Command("sh", "-e", "-c", script, "sh", shop, checkout)
	command.Dir = repositoryDir
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("make a project: %w\n%s", err, out)
	}
	return shop, nil
})

// newProject returns a new project of the test's own.
func newProject(t *testing.T) *project {
	t.Helper()
	starter, err := starterProject()
	if err != nil {
		t.Fatal(err)
	}
	p := &project{dir: filepath.Join(t.TempDir(), "shop"), addr: freeAddr(t), stop: func() {}}
	if out, err := exec.Command("cp", "-a", starter, p.dir).CombinedOutput(); err != nil {
		t.Fatalf("copy a project: %v\n%s", err, out)
	}
	p.env = append(os.Environ(), "OWNQL_ADDR="+p.addr)
	for name, value := range newcomerVariables(t) {
		p.env = append(p.env, name+"="+value)
	}
	return p
}

// shell runs commands, which must succeed, and returns what they print.
func (p *project) shell(t *testing.T, script string) string {
	t.Helper()
	return runShell(t, p.dir, p.env, script)
}

// fails runs a command, which must fail before long, and returns what it prints on
// stderr.
func (p *project) fails(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-e", "-c", "exec "+script)
	command.Dir, command.Env = p.dir, p.env
	var stderr strings.Builder
	command.Stderr = &stderr
	if err := command.Run(); err == nil || ctx.Err() != nil {
		t.Errorf("%s: it does not fail", script)
	}
	return stderr.String()
}

// timed runs commands, and returns how long they take.
func (p *project) timed(t *testing.T, script string) time.Duration {
	t.Helper()
	begin := time.Now()
	p.shell(t, script)
	return time.Since(begin)
}

// tree returns what tells the project's files, as git would commit them, from any
// others.
func (p *project) tree(t *testing.T) string {
	t.Helper()
	return p.shell(t, "export GIT_INDEX_FILE=.git/of-tree && git add -A && git write-tree")
}

func (p *project) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func (p *project) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace replaces what stands once in a file.
func (p *project) replace(t *testing.T, name, old, new string) {
	t.Helper()
	content := p.read(t, name)
	if strings.Count(content, old) != 1 {
		t.Fatalf("%s has %q %d times, want once:\n%s", name, old, strings.Count(content, old), content)
	}
	p.write(t, name, strings.Replace(content, old, new, 1))
}

// start serves, on DynamoDB Local once it has made the tables, until the test ends, or
// stop.
func (p *project) start(t *testing.T, flags string) {
	t.Helper()
	if newcomerMigrates != "" {
		p.shell(t, newcomerMigrates)
	}
	p.serve(t, flags)
}

func (p *project) serve(t *testing.T, flags string) {
	t.Helper()
	p.stop = startServer(t, p.dir, p.env, "./shop "+flags)
}

// A visitor is someone who asks the newcomer's server.
type visitor struct {
	name  string
	addr  string
	token string            // empty: anonymous
	names map[string]string // `$post` for the id of that post: what all visitors call it by
	asked []string          // the documents that were valid
}

// signUp makes the visitor an account.
func (v *visitor) signUp(t *testing.T) {
	t.Helper()
	body := fmt.Sprintf(`{"email":"%[1]s@example.com","password":"correct horse","firstName":"%[1]s"}`, v.name)
	var answer struct {
		Token string `json:"access_token"`
	}
	v.post(t, "/signup", body, &answer)
	if answer.Token == "" {
		t.Fatalf("%s gets no token", v.name)
	}
	v.token = answer.Token
}

func (v *visitor) post(t *testing.T, path, body string, answer any) {
	t.Helper()
	if _, content := request(t, "POST", "http://"+v.addr+path, v.token, body); json.Unmarshal(content, answer) != nil {
		t.Fatalf("POST %s %s answers %s", path, body, content)
	}
}

// query sends a document, and returns the data; where there are errors, these in short
// instead: `CODE` or `CODE field`.
func (v *visitor) query(t *testing.T, document string) (data json.RawMessage, problems string) {
	t.Helper()
	document = v.spelled(document)
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Extensions struct{ Code, Field string }
		}
	}
	v.post(t, "/graphql", string(body), &answer)
	var short []string
	for _, e := range answer.Errors {
		short = append(short, strings.TrimSpace(e.Extensions.Code+" "+e.Extensions.Field))
	}
	if len(short) == 0 || short[0] != "GRAPHQL_VALIDATION_FAILED" {
		v.asked = append(v.asked, document)
	}
	return answer.Data, strings.Join(short, ", ")
}

// wants sends a document, and compares what query returns: the data as it came, but for
// names of ids, TIME for each time and CURSOR for each cursor.
func (v *visitor) wants(t *testing.T, document, want string) {
	t.Helper()
	data, got := v.query(t, document)
	if got == "" {
		got = v.named(data)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "$me", v.name), got); diff != "" {
		t.Errorf("%s sends %s: %s", v.name, document, diff)
	}
}

// makes sends a mutation that makes something, and gives its id a name. No two things
// are made in the same millisecond, so lists by time have one order.
func (v *visitor) makes(t *testing.T, name, mutation, input string) {
	t.Helper()
	kind := strings.ToLower(strings.TrimPrefix(mutation, "create"))
	data, problems := v.query(t, fmt.Sprintf("mutation { made: %s(input: {%s}) { made: %s { id } } }", mutation, input, kind))
	var answer struct {
		Made struct{ Made struct{ ID string } }
	}
	if err := json.Unmarshal(data, &answer); err != nil || problems != "" {
		t.Fatalf("%s: %s by %s: %s %v", name, mutation, v.name, problems, err)
	}
	v.names[name] = answer.Made.Made.ID
	time.Sleep(time.Millisecond)
}

// spelled returns a document with the ids that its names are for.
func (v *visitor) spelled(document string) string {
	for name, id := range v.names {
		document = regexp.MustCompile(regexp.QuoteMeta(name)+`\b`).ReplaceAllLiteralString(document, id)
	}
	return strings.ReplaceAll(document, "$me", v.name)
}

var (
	aTime   = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
	anID    = regexp.MustCompile(`("id":)"[^"]+"`)
	aCursor = regexp.MustCompile(`("(?:cursor|startCursor|endCursor)":)"[^"]+"`)
)

// named returns data with names for what another run has otherwise.
func (v *visitor) named(data json.RawMessage) string {
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return err.Error()
	}
	text := aCursor.ReplaceAllString(aTime.ReplaceAllString(compact.String(), "TIME"), "${1}CURSOR")
	for name, id := range v.names {
		text = strings.ReplaceAll(text, `"`+id+`"`, name)
	}
	return anID.ReplaceAllString(text, "${1}ID")
}

// id returns the visitor's own.
func (v *visitor) id(t *testing.T) string {
	t.Helper()
	var answer struct{ Viewer struct{ ID string } }
	data, problems := v.query(t, "{ viewer { id } }")
	if err := json.Unmarshal(data, &answer); err != nil || problems != "" {
		t.Fatalf("%s asks who that is: %s %v", v.name, problems, err)
	}
	return answer.Viewer.ID
}

//go:build newcomer && !dynamodblocal

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestNewcomerDev has `ownql dev` run while its user writes: fields, mistakes in the schema and in Go, and what mends
// them. Beside it all, the last good server answers.
func TestNewcomerDev(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	good := p.read(t, "schema.graphqls")
	noted := strings.Replace(good, "done: Boolean!", "note: String\n  done: Boolean!", 1)
	p.write(t, "schema.graphqls", strings.Replace(good, "done: Boolean!", "done: Bolean!", 1))
	dev := p.startDev(t)
	lines := fencedBlocks(t, "docs/dev.md", "text")
	if len(lines) != 1 {
		t.Fatalf("docs/dev.md shows %d lines", len(lines))
	}
	shown := regexp.MustCompile(regexp.MustCompile(`\d+\\.\d`).ReplaceAllString(regexp.QuoteMeta(strings.TrimSpace(lines[0])), `\d+\.\d`))

	t.Run("a mistake from the start", func(t *testing.T) {
		dev.says(t, "no server runs: it starts when that is mended", "schema.graphqls:", "undefined type Bolean")
		p.write(t, "schema.graphqls", good)
		dev.serves(t, "done: Boolean!")
		dev.until(t, "like the line of docs/dev.md", func() bool { return shown.MatchString(dev.text()) })
		dev.says(t, "playground: http://"+p.addr+"/", "schema.graphqls: ", "generated in ", "built in ", "serving in ")
	})
	t.Run("a second one", func(t *testing.T) {
		if says := p.fails(t, "go tool ownql dev"); !strings.Contains(says, "already (process ") {
			t.Errorf("it says %q", says)
		}
	})
	t.Run("a field", func(t *testing.T) {
		begun := time.Now()
		p.write(t, "schema.graphqls", noted)
		dev.serves(t, "note: String")
		t.Logf("a new field is there after %.1f s", time.Since(begun).Seconds())
		dev.is(t, "serving", "")
	})
	t.Run("mistakes in the schema", func(t *testing.T) {
		mistaken := strings.Replace(good, "done: Boolean!", "note: String\n  urgent: Boolen\n  done: Boolean!", 1)
		p.write(t, "schema.graphqls", mistaken)
		line := 1 + strings.Count(mistaken[:strings.Index(mistaken, "urgent")], "\n")
		at := "schema.graphqls:" + strconv.Itoa(line) + ":"
		dev.is(t, "mistake", at)
		dev.says(t, at, "the server goes on as it was")
		dev.serves(t, "note: String")
	})
	t.Run("a mistake in Go", func(t *testing.T) {
		p.write(t, "schema.graphqls", noted)
		dev.is(t, "serving", "")
		p.write(t, "store/hooks.go", hookOfTodo(`return "no"`))
		dev.is(t, "mistake", "store/hooks.go:12:")
		dev.says(t, "store/hooks.go:12:")
		dev.serves(t, "note: String")
		p.write(t, "store/hooks.go", hookOfTodo(`return nil`))
		dev.is(t, "serving", "")
	})
	t.Run("a resolver that is written while its stub is built", func(t *testing.T) {
		p.write(t, "schema.graphqls", good+"\nextend type Query {\n  hello: String!\n}\n")
		const resolvers, stub = "graph/schema.resolvers.go", "\treturn \"\", gql.NotImplemented"
		dev.until(t, "a stub", func() bool {
			content, err := os.ReadFile(filepath.Join(p.dir, resolvers))
			return err == nil && strings.Contains(string(content), stub)
		})
		written := p.read(t, resolvers)
		p.write(t, resolvers, strings.Replace(written, stub, "\tif r != nil {\n\t\treturn \"Hello.\", nil\n\t}\n"+stub, 1))
		session := dev.post(t, "/signup", "", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`)
		token, _ := session["access_token"].(string)
		dev.until(t, "what was written", func() bool {
			answer := dev.post(t, "/graphql", token, `{"query":"{ hello }"}`)
			data, _ := answer["data"].(map[string]any)
			return data["hello"] == "Hello."
		})
		if err := os.Remove(filepath.Join(p.dir, resolvers)); err != nil {
			t.Fatal(err)
		}
		p.write(t, "schema.graphqls", noted)
		dev.until(t, "the field gone", func() bool {
			body, err := dev.get("/schema.graphql")
			return err == nil && !strings.Contains(body, "hello")
		})
	})
	t.Run("a server that crashes", func(t *testing.T) {
		dev.kill(t)
		dev.says(t, "the server ended by itself: signal: killed")
		p.write(t, "store/hooks.go", hookOfTodo(`return nil // once more`))
		dev.serves(t, "note: String")
	})
	t.Run("no schema", func(t *testing.T) {
		if err := os.Remove(filepath.Join(p.dir, "schema.graphqls")); err != nil {
			t.Fatal(err)
		}
		dev.is(t, "mistake", "schema.graphqls: it is gone")
		p.write(t, "schema.graphqls", good)
		dev.is(t, "serving", "")
	})
	dev.stop(t)
	if err := os.Remove(filepath.Join(p.dir, "store/hooks.go")); err != nil {
		t.Fatal(err)
	}
	p.shell(t, "go generate ./...")
	if changed := p.shell(t, "git status --porcelain"); changed != "" {
		t.Errorf("it leaves behind %s", changed)
	}
}

// hookOfTodo returns a file whose hook has the statement in line 12.
func hookOfTodo(statement string) string {
	return `package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

// BeforeCreateTodo is called before a todo is made.
func (s *Store) BeforeCreateTodo(ctx context.Context, caller model.Caller, todo *Todo) error {

	` + statement + `
}
`
}

// A devServer is an `ownql dev` that runs.
type devServer struct {
	url     string
	process *os.Process
	ended   chan error

	mutex sync.Mutex
	said  bytes.Buffer
}

func (d *devServer) Write(text []byte) (int, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.said.Write(text)
}

func (d *devServer) text() string {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.said.String()
}

func (p *project) startDev(t *testing.T) *devServer {
	t.Helper()
	p.shell(t, "go build -o tool github.com/ownql/ownql/cmd/ownql")
	tool := filepath.Join(t.TempDir(), "ownql")
	if err := os.Rename(filepath.Join(p.dir, "tool"), tool); err != nil {
		t.Fatal(err)
	}
	d := &devServer{url: "http://" + p.addr, ended: make(chan error, 1)}
	command := exec.Command(tool, "dev") // as `go tool` does, which would be one process more to tell to end
	command.Dir, command.Env = p.dir, p.env
	command.Stdout, command.Stderr = d, d
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	d.process = command.Process
	go func() { d.ended <- command.Wait() }()
	t.Cleanup(func() { d.process.Signal(syscall.SIGTERM) })
	return d
}

// until asks again until it is true.
func (d *devServer) until(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Minute); !isSo(); {
		select {
		case err := <-d.ended:
			t.Fatalf("it ended: %v\n%s", err, d.text())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("not %s; it says\n%s", what, d.text())
		}
	}
}

// says waits for it to have said all of the texts since it was asked last.
func (d *devServer) says(t *testing.T, texts ...string) {
	t.Helper()
	d.until(t, "said: "+strings.Join(texts, ", "), func() bool {
		said := d.text()
		for _, text := range texts {
			if !strings.Contains(said, text) {
				return false
			}
		}
		return true
	})
	d.mutex.Lock()
	d.said.Reset()
	d.mutex.Unlock()
}

// serves waits for a server whose public schema has the text.
func (d *devServer) serves(t *testing.T, text string) {
	t.Helper()
	d.until(t, "served: "+text, func() bool {
		body, err := d.get("/schema.graphql")
		return err == nil && strings.Contains(body, text)
	})
}

// is waits for the state that the playground is told, with a text of which this is a part.
func (d *devServer) is(t *testing.T, state, text string) {
	t.Helper()
	d.until(t, "told: "+state+" "+text, func() bool {
		status, err := d.status()
		return err == nil && status.State == state && strings.Contains(status.Text, text)
	})
}

type devStatus struct{ Server, State, Text string }

func (d *devServer) status() (status devStatus, err error) {
	body, err := d.get("/dev/status")
	if err != nil {
		return devStatus{}, err
	}
	return status, json.Unmarshal([]byte(body), &status)
}

func (d *devServer) get(path string) (string, error) {
	answer, err := http.Get(d.url + path)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return string(body), err
}

// post sends JSON, and returns what is answered; empty where no server is there just now.
func (d *devServer) post(t *testing.T, path, token, body string) (answer map[string]any) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	_ = json.NewDecoder(response.Body).Decode(&answer) // what is no JSON is none
	return answer
}

// kill kills the server beneath it.
func (d *devServer) kill(t *testing.T) {
	t.Helper()
	status, err := d.status()
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(status.Server, "-")
	number, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(number, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// stop ends it, and wants its server to be gone.
func (d *devServer) stop(t *testing.T) {
	t.Helper()
	if err := d.process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-d.ended:
		if err != nil {
			t.Errorf("it ends with %v\n%s", err, d.text())
		}
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
	if _, err := d.get("/healthz"); err == nil {
		t.Error("its server still answers")
	}
}

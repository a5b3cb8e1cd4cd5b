//go:build newcomer && !dynamodblocal

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// A moduleProxy is a directory that answers as a proxy of Go modules does, with versions of ownql.
// https://go.dev/ref/mod#goproxy-protocol
type moduleProxy struct {
	dir string // of ownql's versions
	env []string
	// Where this machine gets modules, and keeps them.
	machine struct{ GOPROXY, GOMODCACHE string }
}

func newModuleProxy(t *testing.T) *moduleProxy {
	t.Helper()
	var (
		p    moduleProxy
		root = t.TempDir()
	)
	out, err := exec.Command("go", "env", "-json", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &p.machine); err != nil {
		t.Fatal(err)
	}
	p.dir = filepath.Join(root, ownql, "@v")
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.env = append(os.Environ(), "GOPROXY=file://"+root+","+p.machine.GOPROXY, "GONOSUMDB="+ownql, "GOWORK=off",
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com")
	return &p
}

// publish makes a version of a copy of the repository, and returns its name: the number with a
// hash of the content. Until all tests have run, it is in this machine's module cache, where the
// other modules are compiled already.
func (p *moduleProxy) publish(t *testing.T, number, repository string) (version string) {
	t.Helper()
	tree := runShell(t, repository, os.Environ(), "git add -A && git write-tree")
	version = number + "-e2e.h" + tree[:12]
	cached := filepath.Join(p.machine.GOMODCACHE, "cache/download", ownql, "@v", version)
	removeAtEnd(filepath.Join(p.machine.GOMODCACHE, ownql+"@"+version),
		cached+".info", cached+".lock", cached+".mod", cached+".zip", cached+".ziphash")

	file, err := os.Create(filepath.Join(p.dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := zip.CreateFromDir(file, module.Version{Path: ownql, Version: version}, repository); err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(p.dir, "list"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		version + ".mod":  string(goMod),
		version + ".info": fmt.Sprintf(`{"Version":%q,"Time":%q}`, version, time.Now().UTC().Format(time.RFC3339)),
		"list":            string(list) + version + "\n",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return version
}

// newProject returns the project that ownql of a proxy makes under a path
// with a space, as the README says. The time is the one at which the command was given.
func (p *moduleProxy) newProject(t *testing.T) (made *project, begin time.Time) {
	t.Helper()
	command := regexp.MustCompile(`(?m)^go run github.com/ownql/ownql/cmd/ownql@latest new shop$`)
	readme, err := os.ReadFile(inRepository("README.md"))
	if err != nil || !command.Match(readme) {
		t.Fatalf("the README does not say how a project is made from a release: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "a path with a space")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	runShell(t, dir, p.env, `go run github.com/ownql/ownql/cmd/ownql@latest new "my shop" --module example.com/shop --git`)
	made = &project{dir: filepath.Join(dir, "my shop"), addr: freeAddr(t), stop: func() {}}
	made.env = append(p.env, "OWNQL_ADDR="+made.addr)
	return made, begin
}

// TestNew makes a project by a release, and does in it what its README says, and what a project
// has to bear.
func TestNew(t *testing.T) {
	t.Parallel()
	proxy := newModuleProxy(t)
	version := proxy.publish(t, "v0.1.0", copyRepository(t))
	p, begin := proxy.newProject(t)

	t.Run("the first answer", func(t *testing.T) {
		stop := startServer(t, p.dir, p.env, "go run .")
		v := &visitor{name: "ada", addr: p.addr}
		v.signUp(t)
		v.wants(t, `{ viewer { firstName } }`, `{"viewer":{"firstName":"ada"}}`)
		t.Logf("from the command to the first answer it takes %.1f s", time.Since(begin).Seconds())
		stop()
	})
	t.Run("its files", func(t *testing.T) {
		goMod := p.read(t, "go.mod")
		if strings.Contains(goMod, "replace") || !strings.Contains(goMod, "github.com/ownql/ownql "+version+"\n") {
			t.Errorf("go.mod does not use %s, and that alone:\n%s", version, goMod)
		}
		files := strings.Split(p.shell(t, "git ls-files"), "\n")
		all, byHand := 0, 0
		for _, name := range files {
			content := p.read(t, name)
			lines := strings.Count(content, "\n")
			all += lines
			isGenerated := strings.HasPrefix(name, "go.") || strings.Contains(name, "testdata/") || strings.Contains(content[:min(100, len(content))], "DO NOT EDIT")
			if !isGenerated {
				byHand += lines
			}
		}
		t.Logf("%d files of %d lines, of which %d are not generated", len(files), all, byHand)
		if len(files) > 25 {
			t.Errorf("a new project has %d files: %q", len(files), files)
		}
		if commits := p.shell(t, "git log --oneline"); strings.Count(commits, "\n") != 0 {
			t.Errorf("it begins with the commits\n%s", commits)
		}
	})
	isClean := func(t *testing.T, after string) {
		t.Helper()
		if changed := p.shell(t, "git status --porcelain"); changed != "" {
			t.Errorf("%s changes\n%s\n%s", after, changed, p.shell(t, "git diff | head -100"))
		}
	}
	t.Run("its tests pass, and nothing is left to generate", func(t *testing.T) {
		isClean(t, "go run .")
		p.shell(t, "go test ./... && go generate ./...")
		isClean(t, "go generate ./...")
		p.shell(t, "go vet ./... && go build && go mod tidy && go generate ./...")
		isClean(t, "go mod tidy")
	})
	t.Run("it generates where the project does not compile", func(t *testing.T) {
		for name, breaks := range map[string]string{
			"types by hand":              `printf 'package store\n\nfunc (s *Store) Lost() Lost { return 1 }\n' > store/lost.go; printf 'package graph\n\nvar _ = lost.Found(1)\n' > graph/lost.go`,
			"types in what is generated": `sed -i 's/Title/Subject/' store/todo_gen.go; sed -i 's/func newSchema/func oldSchema/' graph/resolvers_gen.go; sed -i 's/store.Todo/store.Lost/' graph/generated.go`,
			"no Go":                      `for file in store/todo_gen.go store/store_gen.go graph/resolvers_gen.go graph/generated.go; do head -n 30 $file > cut; printf 'func (' >> cut; mv cut $file; done`,
			"nothing generated":          `rm -r store/*_gen.go graph/*_gen.go graph/generated.go graph/schema.graphqls graph/testdata`,
		} {
			p.shell(t, breaks)
			p.fails(t, "go build ./...")
			p.shell(t, "go generate ./... && rm -f store/lost.go graph/lost.go")
			isClean(t, name)
		}
	})
	t.Run("a directory that is not empty", func(t *testing.T) {
		said := p.fails(t, `go tool ownql new . --module example.com/other`)
		if !strings.Contains(said, ". is not empty: name a new directory") {
			t.Errorf("it is refused by %q", said)
		}
		isClean(t, "new")
	})
}

// TestNewREADME runs the README's commands that make a project of a checkout, in a copy of the
// repository.
func TestNewREADME(t *testing.T) {
	t.Parallel()
	blocks := readmeBlocks(t, "sh new")
	if len(blocks) != 1 {
		t.Fatalf("the README has %d such blocks", len(blocks))
	}
	dir := copyRepository(t)
	runShell(t, dir, os.Environ(), blocks[0])
	if changed := runShell(t, dir, os.Environ(), "git status --porcelain"); changed != "" {
		t.Errorf("the commands left changes:\n%s", changed)
	}
	goMod, err := os.ReadFile(filepath.Join(dir, "../shop/go.mod"))
	if err != nil || !strings.Contains(string(goMod), "\nreplace "+ownql+" => ../"+filepath.Base(dir)+"\n") {
		t.Errorf("the project does not use the checkout: %v\n%s", err, goMod)
	}
}

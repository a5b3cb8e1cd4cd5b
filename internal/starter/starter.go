// Package starter makes a new project: the same as the one at the root of ownql's repository,
// under a module path of its own.
package starter

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/ownql/ownql/internal/modelgen"
)

// library is ownql's module path. The starter project has it for its own, too.
const library = "github.com/ownql/ownql"

// files are those of the project at the root of ownql's source that are not generated, or
// generated in part. They are read there: ownql's module has them, in every version of it.
var files = []string{
	".dockerignore", ".gitattributes",
	"deploy/Dockerfile", "deploy/ownql.service", "deploy/template.yaml",
	"gqlgen.yml", "graph/graph_test.go", "graph/resolver.go",
	"schema.graphqls", "seed/1-ada.graphql", "server.go", "store/generate_test.go", "tools.go",
}

//go:embed README.md
var readme string

//go:embed gitignore
var gitignore string

//go:embed workflow.yml
var workflow string

// workflowFile is what GitHub does with what is pushed.
const workflowFile = ".github/workflows/ownql.yml"

// A Project is one that is to be made.
type Project struct {
	Dir     string // must be empty, or not there
	Module  string // its module path; empty: the directory's name
	Version string // of ownql, such as v0.1.0; empty: that of Checkout
	// Checkout is a directory with ownql's source, which the project is made to use until there
	// is a published version; empty: it uses Version.
	Checkout string
}

// Write makes the project, generated code and go.sum included. Where it returns an error, it
// leaves nothing behind.
func (p Project) Write(ctx context.Context) (err error) {
	isThere, err := isEmptyDir(p.Dir)
	if err != nil {
		return err
	}
	if p.Module == "" {
		abs, err := filepath.Abs(p.Dir)
		if err != nil {
			return err
		}
		p.Module = filepath.Base(abs)
	}
	if err := checkModule(p.Module); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo(p.Dir, isThere))
		}
	}()
	source, err := p.source(ctx)
	if err != nil {
		return err
	}
	if err := p.writeFiles(source); err != nil {
		return err
	}
	// What gqlgen reads has to be there before it does: first the types, then what they import.
	if err := modelgen.Expand(p.Dir); err != nil {
		return err
	}
	if err := p.goCommand(ctx, "mod", "tidy", "-e"); err != nil {
		return err
	}
	if _, err := modelgen.Generate(p.Dir); err != nil {
		return err
	}
	return p.goCommand(ctx, "mod", "tidy")
}

// isEmptyDir tells whether the directory is there. The error: something is in it.
func isEmptyDir(dir string) (isThere bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case len(entries) > 0:
		return false, fmt.Errorf("%s is not empty: name a new directory", dir)
	}
	return true, nil
}

// undo removes what was made; the directory stays where it was there before.
func undo(dir string, wasThere bool) error {
	if !wasThere {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}

// checkModule refuses what is no module path, and what Go would take for its own packages.
func checkModule(path string) error {
	if err := module.CheckImportPath(path); err != nil {
		return fmt.Errorf("%q is no module path: name one by --module, such as --module example.com/shop", path)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	first, _, _ := strings.Cut(path, "/")
	if info, err := os.Stat(filepath.Join(strings.TrimSpace(string(root)), "src", first)); err == nil && info.IsDir() {
		return fmt.Errorf("%q is a package of Go's own: name a module path by --module, such as --module example.com/%[1]s", first)
	}
	if path == library || strings.HasPrefix(path, library+"/") {
		return fmt.Errorf("%q is ownql's own: name a module path by --module, such as --module example.com/shop", path)
	}
	return nil
}

// source returns the directory with ownql's source: the checkout, or the version's in Go's module
// cache, where it is put if it is not there yet.
func (p Project) source(ctx context.Context) (string, error) {
	if p.Checkout != "" {
		return p.Checkout, nil
	}
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", library+"@"+p.Version)
	command.Dir = os.TempDir() // where no other module's go.mod counts
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	out, err := command.Output()
	// It says on stdout why a version is not to be had, and exits with 1.
	var downloaded struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &downloaded); err == nil {
		err = jsonErr
	}
	if err != nil {
		return "", fmt.Errorf("go mod download %s@%s: %w %s", library, p.Version, err, downloaded.Error)
	}
	return downloaded.Dir, nil
}

// writeFiles writes what is not generated.
func (p Project) writeFiles(source string) error {
	all := map[string][]byte{}
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(source, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if all[name], err = p.renamed(name, content); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"README.md": readme, ".gitignore": gitignore, workflowFile: workflow} {
		all[name] = []byte(strings.ReplaceAll(text, "PROJECT", p.name()))
	}
	var err error
	if all["go.mod"], err = p.goMod(); err != nil {
		return err
	}
	for name, content := range all {
		path := filepath.Join(p.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// name returns what `go build` calls the program.
func (p Project) name() string {
	path, _, ok := module.SplitPathVersion(p.Module) // shop of example.com/shop/v2
	if !ok {
		path = p.Module
	}
	return path[strings.LastIndex(path, "/")+1:]
}

// renamed returns a file of the starter project under the new module path, by which imports are
// in another order.
func (p Project) renamed(name string, content []byte) ([]byte, error) {
	for _, pkg := range []string{"store", "graph"} {
		content = bytes.ReplaceAll(content, []byte(library+"/"+pkg), []byte(p.Module+"/"+pkg))
	}
	if path.Ext(name) == ".go" {
		return format.Source(content)
	}
	return content, nil
}

// goMod returns the project's go.mod before `go mod tidy`.
func (p Project) goMod() ([]byte, error) {
	var file modfile.File
	version := p.Version
	if version == "" {
		version = "v0.0.0"
	}
	err := errors.Join(
		file.AddModuleStmt(p.Module),
		file.AddGoStmt("1.26.0"),
		file.AddRequire(library, version),
		file.AddTool(library+"/cmd/ownql"),
	)
	if p.Checkout != "" {
		at, relErr := relative(p.Dir, p.Checkout)
		err = errors.Join(err, relErr, file.AddReplace(library, "", at, ""))
	}
	if err != nil {
		return nil, err
	}
	return file.Format()
}

// relative returns the way from one directory to another, as go.mod wants it.
func relative(from, to string) (string, error) {
	from, err := filepath.Abs(from)
	if err != nil {
		return "", err
	}
	to, err = filepath.Abs(to)
	if err != nil {
		return "", err
	}
	path, err := filepath.Rel(from, to)
	if err != nil {
		return to, nil // on another drive
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "../") {
		path = "./" + path
	}
	return path, nil
}

// goCommand runs the go command in the project.
func (p Project) goCommand(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir = p.Dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// Commit makes a git repository of the project, with one commit.
func (p Project) Commit(ctx context.Context) error {
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}, {"commit", "--quiet", "--message", "Begin with ownql's starter"}} {
		command := exec.CommandContext(ctx, "git", args...)
		command.Dir = p.Dir
		if out, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, bytes.TrimSpace(out))
		}
	}
	return nil
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"golang.org/x/term"

	"github.com/ownql/ownql/internal/starter"
)

// library is ownql's module path.
const library = "github.com/ownql/ownql"

// newCommand is `ownql new`.
type newCommand struct {
	Dir    string `arg:"" help:"Where to make it: a directory that is empty, or not there."`
	Module string `placeholder:"PATH" help:"The project's module path, such as example.com/shop; the directory's name where it is not given."`
	Git    *bool  `negatable:"" help:"Make a git repository of it, with one commit; without the flag, a terminal is asked."`
}

// Run makes the project, and says how to go on.
func (c *newCommand) Run(ctx context.Context, env *environment) error {
	version, checkout, err := whichLibrary(ctx)
	if err != nil {
		return err
	}
	project := starter.Project{Dir: c.Dir, Module: c.Module, Version: version, Checkout: checkout}
	if err := project.Write(ctx); err != nil {
		return err
	}
	if checkout != "" {
		fmt.Fprintf(env.stdout, "there is no published version of ownql here: go.mod replaces it by %s\n", checkout)
	}
	if c.wantsGit(env) {
		if err := project.Commit(ctx); err != nil {
			return fmt.Errorf("the project is made, and is no git repository yet: %w", err)
		}
	}
	fmt.Fprintf(env.stdout, "made %s: its contract is schema.graphqls\n\n  cd %[1]s\n  go run .\n  go test ./...\n", quoted(c.Dir))
	return nil
}

// quoted returns a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"$&();<>|*?\\`") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

// wantsGit tells whether to make a git repository. Outside of a terminal nobody is asked.
func (c *newCommand) wantsGit(env *environment) bool {
	if c.Git != nil {
		return *c.Git
	}
	file, ok := env.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return false
	}
	fmt.Fprint(env.stdout, "make a git repository of it, with one commit? [Y/n] ")
	answer, err := bufio.NewReader(env.stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return false
	}
	return !strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "n")
}

// whichLibrary returns the version of ownql that this tool is of or, where it was built from a
// checkout, where that is.
func whichLibrary(ctx context.Context) (version, checkout string, err error) {
	if version := builtVersion(); version != "" {
		return version, "", nil
	}
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-json", library).Output()
	var found struct {
		Dir, Version string
		Replace      *struct{ Dir string }
	}
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	switch {
	case err != nil || found.Dir == "":
		return "", "", fmt.Errorf("this tool was built from a checkout of ownql: run it there, or in a project that uses it")
	case found.Replace != nil:
		return "", found.Replace.Dir, nil
	case found.Version != "":
		return found.Version, "", nil
	}
	return "", found.Dir, nil
}

// builtVersion returns the version that this tool was built as; empty: of a checkout.
func builtVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, module := range append(info.Deps, &info.Main) {
		if module.Path == library && module.Replace == nil && strings.HasPrefix(module.Version, "v") && !isOfCheckout(info) {
			return module.Version
		}
	}
	return ""
}

// isOfCheckout tells whether the version is one that Go made up from a checkout's commit.
func isOfCheckout(info *debug.BuildInfo) bool {
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && info.Main.Path == library {
			return true
		}
	}
	return false
}

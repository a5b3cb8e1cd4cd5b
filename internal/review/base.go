package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A Base is what a change begins with: the files of a commit, in a directory of their own.
type Base struct {
	Dir  string // the project's, as it was
	Name string // as a report calls it: "`origin/main` (1a2b3c4)"

	temporary string
}

// Remove removes the files.
func (b *Base) Remove() error { return os.RemoveAll(b.temporary) }

// usualBases are tried where none is named.
var usualBases = []string{"origin/main", "main", "origin/master", "master"}

// ofRepository are the variables by which git tells its hooks, and what these run, of the repository that it is at.
var ofRepository = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_INDEX_FILE", "GIT_COMMON_DIR"}

// git runs git in a directory, whose repository is the one that is meant, and returns what it prints.
func git(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir = dir
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(ofRepository, name)
	})
	command.Env = append(command.Env, env...)
	out, err := command.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return "", fmt.Errorf("git %s: %s", args[0], bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// CheckOut writes the files of the project in dir as they were where what is there now has left rev: their common
// ancestor, so that what rev has got since is nobody's change. It leaves the repository's working tree and index alone.
// An empty rev is the first there is of origin/main, main, origin/master and master.
func CheckOut(ctx context.Context, dir, rev string) (_ *Base, err error) {
	top, err := git(ctx, dir, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, fmt.Errorf("%s is in no git repository, which has what it was before: %w", dir, err)
	}
	below, err := git(ctx, dir, nil, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	commit, rev, err := commitOf(ctx, dir, rev)
	if err != nil {
		return nil, err
	}
	if forked, err := git(ctx, dir, nil, "merge-base", commit, "HEAD"); err == nil {
		commit = forked
	} else if shallow, _ := git(ctx, dir, nil, "rev-parse", "--is-shallow-repository"); shallow == "true" {
		return nil, fmt.Errorf("this clone is shallow, and has not the commit at which the change has left %s: git fetch --unshallow first (fetch-depth: 0 of actions/checkout)", rev)
	}
	b := &Base{Name: fmt.Sprintf("%s (%.7s)", code(rev), commit)}
	if b.temporary, err = os.MkdirTemp("", "ownql-review-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.Remove())
		}
	}()
	tree := filepath.Join(b.temporary, "tree")
	if err := os.Mkdir(tree, 0o700); err != nil {
		return nil, err
	}
	env := []string{"GIT_INDEX_FILE=" + filepath.Join(b.temporary, "index"), "GIT_LFS_SKIP_SMUDGE=1"}
	if _, err := git(ctx, top, env, "read-tree", commit); err != nil {
		return nil, err
	}
	if _, err := git(ctx, top, env, "checkout-index", "--all", "--prefix="+filepath.ToSlash(tree)+"/"); err != nil {
		return nil, err
	}
	b.Dir = filepath.Join(tree, filepath.FromSlash(below))
	return b, b.pinReplacements(top, filepath.FromSlash(below))
}

// commitOf finds the commit that rev names.
func commitOf(ctx context.Context, dir, rev string) (commit, name string, err error) {
	names := []string{rev}
	if rev == "" {
		names = usualBases
	}
	for _, name := range names {
		if commit, err = git(ctx, dir, nil, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}"); err == nil {
			return commit, name, nil
		}
	}
	if rev == "" {
		return "", "", fmt.Errorf("there is none of %s here: name by --base what the change is to be compared with", strings.Join(usualBases, ", "))
	}
	return "", "", fmt.Errorf("--base %s: there is no such commit here: fetch it first, as by git fetch origin %s, or name another", rev, strings.TrimPrefix(rev, "origin/"))
}

// pinReplacements has the go.mod of the project find what it replaces by a directory outside
// of the repository.
func (b *Base) pinReplacements(top, below string) error {
	path := filepath.Join(b.Dir, "go.mod")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := modfile.Parse(path, content, nil)
	if err != nil {
		return err
	}
	for _, replace := range file.Replace {
		if !modfile.IsDirectoryPath(replace.New.Path) || filepath.IsAbs(replace.New.Path) {
			continue
		}
		if _, err := os.Stat(filepath.Join(b.Dir, replace.New.Path)); err == nil {
			continue // of the repository
		}
		if err := file.AddReplace(replace.Old.Path, replace.Old.Version, filepath.Join(top, below, replace.New.Path), ""); err != nil {
			return err
		}
	}
	if content, err = file.Format(); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

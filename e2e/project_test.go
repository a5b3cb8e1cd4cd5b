package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
)

const (
	// projectDir is the project whose binary the tests drive.
	projectDir = "../internal/notes"
	// repositoryDir is the repository, with its documents and what deploys it.
	repositoryDir = ".."
)

// inRepository returns the path of one of the repository's files.
func inRepository(name string) string { return filepath.Join(repositoryDir, name) }

// buildBinary builds the ownql that the tests run, once, and returns its directory. Where the
// tests look for races, it does too.
var buildBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ownql-test-")
	if err != nil {
		return "", err
	}
	removeAtEnd(dir)
	if err := noteSources(); err != nil {
		return "", err
	}
	var flags []string
	if isForRaces() {
		flags = append(flags, "-race")
	}
	return dir, goBuild(projectDir, filepath.Join(dir, "ownql"), os.Environ(), flags...)
})

// goBuild builds the program in a directory, which may be of another module.
func goBuild(dir, output string, env []string, flags ...string) error {
	build := exec.Command("go", slices.Concat([]string{"build", "-o", output}, flags, []string{"."})...)
	build.Dir, build.Env = dir, env
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%v in %s: %w\n%s", build.Args, dir, err, out)
	}
	return nil
}

// isForRaces tells whether this is `go test -race`.
func isForRaces() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// noteSources looks at every file that the binary may be built of: `go test` remembers which files
// a test has looked at, and unless one of them has changed, takes the last run's result for this
// one's.
func noteSources() error {
	for _, root := range []string{projectDir, repositoryDir} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			isHidden := strings.HasPrefix(entry.Name(), ".") && path != root
			if entry.IsDir() && (isHidden || slices.Contains([]string{"data", "dist", "node_modules", "testdata"}, entry.Name())) {
				return fs.SkipDir
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

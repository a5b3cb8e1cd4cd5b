package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// A bench is what the works are measured with.
type bench struct {
	dir            string // of all that is written
	servers        string // the processors that they run on; empty: all
	rounds         int
	turn           time.Duration
	objects        int
	million, dev   bool
	buildFlags     []string // of ownql
	stdout, stderr io.Writer

	binaries map[string]string // what is built, by package
	datasets map[int]*dataset  // by how many objects they have
	places   int               // how many there were
}

// works are what can be measured, in the order in which the README has them.
var works = []work{
	{name: "viewer", what: "who is signed in", run: measureViewer},
	{name: "page", what: "50 todos with 5 fields each", run: measurePage},
	{name: "nodes", what: "100 todos by their ids", run: measureNodes},
	{name: "create", what: "a todo is made, and synced", run: measureCreate},
	{name: "dynamodb", what: "who is signed in, read by DynamoDB's protocol from a stub that answers at once", run: measureDynamoDB},
	{name: "aliases", what: "calls of 30 aliased node()", run: measureAliases},
	{name: "spawn", what: "from the start of a process to its first answer, of who is signed in", run: measureSpawn},
	{name: "logins", what: "who is signed in, while 64 others sign in over and over", run: measureLogins},
	{name: "scale", what: "ownql, with more and more objects", isLong: true, run: measureScale},
	{name: "issues", what: "a page of 25 issues of a tracker, by an index", isLong: true, run: measureIssues},
}

// A work is something that is measured by itself.
type work struct {
	name, what string
	isLong     bool // it is measured only where -work names it
	run        func(context.Context, *bench) error
}

func workNames() (names []string) {
	for _, w := range works {
		names = append(names, w.name)
	}
	return names
}

func defaultWorks() (names []string) {
	for _, w := range works {
		if !w.isLong {
			names = append(names, w.name)
		}
	}
	return names
}

// pinned is the variable that tells this program that it runs on the client's processors.
const pinned = "OWNQL_BENCH_PINNED"

// keepTo has this process, and so what it starts, run on those processors alone: it becomes itself anew, by way of
// taskset.
func keepTo(cpus string, args []string) error {
	if cpus == "" || os.Getenv(pinned) != "" {
		return nil
	}
	taskset, err := find("taskset", "util-linux")
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(taskset, append([]string{"taskset", "-c", cpus, self}, args...), append(os.Environ(), pinned+"=1"))
}

// find returns where a program is. The error names the package of Debian that has it.
func find(name, debian string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("there is no %s: install Debian's package %s", name, debian)
	}
	return path, nil
}

// build returns the binary of a package, as a path from bench/. It is built once, on all processors.
func (b *bench) build(ctx context.Context, pkg string, flags ...string) (string, error) {
	if binary, ok := b.binaries[pkg]; ok {
		return binary, nil
	}
	source, err := filepath.Abs(pkg)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(b.dir, "bin", filepath.Base(source))
	building := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-trimpath", "-o", binary}, flags, []string{"."})...)
	building.Dir = source
	building.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := building.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s, from within bench/: %w\n%s", pkg, err, said)
	}
	b.binaries[pkg] = binary
	return binary, nil
}

// newPlace returns a place of its own for a server.
func (b *bench) newPlace() (*place, error) {
	b.places++
	dir := filepath.Join(b.dir, fmt.Sprint(b.places))
	return &place{dir: dir, cpus: b.servers}, os.Mkdir(dir, 0o755)
}

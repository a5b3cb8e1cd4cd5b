package devloop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ownql/ownql/internal/devstatus"
	"github.com/ownql/ownql/internal/modelgen"
	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// A round is what is done about a change, and how long each step took.
type round struct {
	changed []string
	steps   []string
}

// took adds a step.
func (r *round) took(what string, since time.Time) {
	r.steps = append(r.steps, fmt.Sprintf("%s in %.1f s", what, time.Since(since).Seconds()))
}

// round generates, builds and starts what the change asks for, and calls generated in between. A mistake is said here; the
// error is errOvertaken, where building was ended, or nil.
func (l *loop) round(ctx, building context.Context, changed []string, generated func()) error {
	r := &round{changed: changed}
	l.isTemplated = l.isTemplated || slices.ContainsFunc(changed, isTemplate)
	if l.server != nil && l.server.hasEnded() {
		l.server = nil
	}
	l.tell(devstatus.Working, "")
	if err := l.generate(r); err != nil {
		l.mistake(err)
		return nil
	}
	generated()
	isNew, err := l.build(building, r)
	if context.Cause(building) != nil {
		return errOvertaken
	}
	if err != nil {
		l.mistake(err)
		return nil
	}
	if l.server == nil || isNew || l.isTemplated {
		if err := l.start(ctx, r); err != nil {
			if ctx.Err() == nil {
				l.mistake(err)
			}
			return nil
		}
		l.isTemplated = false
	}
	l.tell(devstatus.Serving, "")
	if len(r.steps) == 0 && l.isMistaken {
		r.steps = []string{"all is well again, and the server is of it already"}
	}
	l.isMistaken = false
	if len(r.steps) > 0 {
		l.say("%s: %s", named(changed), strings.Join(r.steps, ", "))
	}
	return nil
}

// named names what has changed.
func named(changed []string) string {
	const most = 3
	if len(changed) > most {
		return fmt.Sprintf("%d files", len(changed))
	}
	return strings.Join(changed, ", ")
}

// generate does it where anything that the generator reads, or has written, has changed. It is a process of its own:
// gqlgen remembers names from one time to the next.
func (l *loop) generate(r *round) error {
	if _, err := os.Stat(filepath.Join(l.Dir, sdl.Source)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: it is gone, and all is generated of it: bring it back", sdl.Source)
	}
	if modelgen.IsFresh(l.Dir) {
		return nil
	}
	begun := time.Now()
	command := exec.Command(l.Generate[0], l.Generate[1:]...)
	command.Dir, command.Env = l.Dir, l.compilerEnv()
	out, err := command.CombinedOutput()
	if err != nil {
		return l.failure(out, err)
	}
	r.took("generated", begun)
	return nil
}

// build has `go build` make the program. isNew: it is another than that which runs.
func (l *loop) build(ctx context.Context, r *round) (isNew bool, err error) {
	begun := time.Now()
	args := []string{"build", "-buildvcs=false"}
	if !strings.Contains(os.Getenv("GOFLAGS"), "-ldflags") {
		args = append(args, "-ldflags=-s -w") // what a debugger needs takes a while to link
	}
	command := exec.CommandContext(ctx, "go", append(args, "-o", l.work.built(), ".")...)
	command.Dir, command.Env = l.Dir, l.compilerEnv()
	setInterruptible(command)
	command.WaitDelay = 5 * time.Second
	out, err := command.CombinedOutput()
	if err != nil {
		return false, l.failure(out, err)
	}
	after, err := sumOf(l.work.built())
	if err != nil {
		return false, err
	}
	if after != l.built {
		r.took("built", begun)
	}
	l.built = after
	return after != l.running, nil
}

// sumOf is of a program's bytes: `go build` gives one that it leaves alone another time.
func sumOf(path string) (sum [sha256.Size]byte, err error) {
	content, err := os.ReadFile(path)
	return sha256.Sum256(content), err
}

// compilerEnv is the environment of what compiles. The compiler spends a third of its time on collecting garbage
// unless it may have more of it; GOGC changes nothing of what it writes. PWD is the directory that this process
// works for, by the name that it has for it.
func (l *loop) compilerEnv() []string {
	env := append(os.Environ(), "PWD="+l.Dir)
	if os.Getenv("GOGC") == "" {
		env = append(env, "GOGC=400")
	}
	return env
}

// failure is what a command has said, without what says nothing: the packages' names before the compiler's lines.
func (l *loop) failure(out []byte, err error) error {
	var lines []string
	for line := range bytes.Lines(out) {
		text := strings.TrimRight(strings.ReplaceAll(string(line), l.Dir+string(filepath.Separator), ""), "\r\n")
		if text != "" && !strings.HasPrefix(text, "# ") {
			lines = append(lines, strings.TrimPrefix(text, "./"))
		}
	}
	if len(lines) == 0 {
		return err
	}
	return errors.New(strings.Join(lines, "\n"))
}

// start has the program that was built take the place of the server. Where it does not serve, the one of before is
// started again.
func (l *loop) start(ctx context.Context, r *round) error {
	program := l.work.program(l.starts)
	if err := copyProgram(l.work.built(), program); err != nil {
		return err
	}
	begun, old := time.Now(), l.server
	if old != nil { // the new one cannot have the data while the old one does
		old.stop()
		l.server = nil
	}
	server, err := startServer(ctx, program, l.Options, l.work.statusDir())
	if err == nil {
		l.server, l.running = server, l.built
		l.starts++
		r.took("serving", begun)
		return nil
	}
	if old != nil && ctx.Err() == nil {
		again, oldErr := startServer(ctx, old.program, l.Options, l.work.statusDir())
		if oldErr != nil {
			return fmt.Errorf("%w\nand the server of before does not start again: %w", err, oldErr)
		}
		l.server = again
	}
	return err
}

// isGenerated tells whether the generator writes a file, or has removed it.
func (l *loop) isGenerated(name string) bool {
	if slices.Contains([]string{schema.PublicFile, "graph/schema.resolvers.go", "deploy/template.yaml"}, name) {
		return true
	}
	content, err := os.ReadFile(filepath.Join(l.Dir, filepath.FromSlash(name)))
	if err != nil {
		return strings.HasSuffix(name, "_gen.go") || name == "graph/generated.go"
	}
	return schema.IsGenerated(content)
}

// Package devloop is `ownql dev`: it watches a project and, when that changes, generates, builds and starts it again.
// It imports nothing of the project, which may not compile.
package devloop

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ownql/ownql/internal/devstatus"
)

// Options say what to do it with.
type Options struct {
	Dir            string   // the project's
	Name           string   // of its server
	Args           []string // that the server takes
	Generate       []string // the command that generates in the working directory
	Stdout, Stderr io.Writer
}

// Run does it until ctx is done; then it stops the server.
func Run(ctx context.Context, o Options) error {
	dir, err := filepath.Abs(o.Dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return err
	}
	o.Dir = dir
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("there is no go command on the PATH, by which the project is built: install Go, or add the directory that has it to PATH")
	}
	work, err := openWorkDir(o.Dir)
	if err != nil {
		return err
	}
	defer work.close()
	watch, err := newWatch()
	l := &loop{Options: o, work: work, watch: watch, tree: &tree{root: o.Dir}}
	if err != nil {
		l.sayUnwatched(err)
	}
	defer watch.close()
	return l.run(ctx)
}

// A loop is one `ownql dev`.
type loop struct {
	Options
	work  *workDir
	watch *watch
	tree  *tree

	server         *server           // nil: none runs
	built, running [sha256.Size]byte // of the program: that was built last, and that was started last and serves
	starts         int               // how many servers were started
	isMistaken     bool              // in what was seen last
	isTemplated    bool              // templates have changed since the server was started
}

// run has one round go on at a time. A change while it does begins another, which takes the place of one that
// builds.
func (l *loop) run(ctx context.Context) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	keepGraphiQL := sync.OnceFunc(func() { beside.Go(func() { l.keepGraphiQL(ctx) }) })
	changed := l.look()
	for {
		round, err := l.goRound(ctx, changed)
		keepGraphiQL() // once there is a server, whose making it would hold up
		if ctx.Err() != nil {
			break
		}
		changed = round
		if err == errOvertaken || len(changed) > 0 {
			continue
		}
		if changed = l.wait(ctx); changed == nil {
			break
		}
	}
	if l.server != nil {
		l.server.stop()
	}
	return nil
}

var errOvertaken = errors.New("overtaken by a change")

// goRound carries out a round for what has changed, and returns what has meanwhile. Where the round was
// overtaken, that has what it was for, too.
func (l *loop) goRound(ctx context.Context, changed []string) (next []string, err error) {
	building, overtake := context.WithCancelCause(ctx)
	defer overtake(nil)
	done, generated := make(chan error, 1), make(chan struct{})
	go func() { done <- l.round(ctx, building, changed, func() { close(generated) }) }()
	note := func(more []string) {
		if len(more) > 0 {
			next = append(next, more...)
			overtake(errOvertaken)
		}
	}
	// Nothing is looked at while it generates, so that what is written then, which is no change that anybody made, is seen
	// once, before it is built.
	var look <-chan struct{}
	for {
		select {
		case <-generated:
			generated, look = nil, l.watch.look
			note(slices.DeleteFunc(l.look(), l.isGenerated))
		case <-look:
			note(l.look())
		case err := <-done:
			more := l.look()
			if generated != nil {
				more = slices.DeleteFunc(more, l.isGenerated)
			}
			next = append(next, more...)
			if err == errOvertaken {
				next = append(next, changed...)
			}
			slices.Sort(next)
			return slices.Compact(next), err
		}
	}
}

// wait returns what changes next; nil: ctx is done.
func (l *loop) wait(ctx context.Context) []string {
	for {
		var ended chan struct{}
		if l.server != nil {
			ended = l.server.ended
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			l.say("the server ended by itself: %s. It starts again when a file changes.", l.server.state)
			l.server = nil
		case <-l.watch.look:
			if changed := l.look(); len(changed) > 0 {
				return changed
			}
		}
	}
}

// look returns the files that have changed since the last look.
func (l *loop) look() []string {
	changed, dirs := l.tree.look()
	if err := l.watch.add(dirs); err != nil {
		l.sayUnwatched(err)
	}
	return changed
}

func (l *loop) sayUnwatched(err error) {
	l.say("the system does not tell of changes (%v), so the files are looked at every %s", err, byClock)
}

// say writes a line, or several.
func (l *loop) say(format string, args ...any) {
	fmt.Fprintf(l.Stderr, "ownql dev: "+format+"\n", args...)
}

// tell has the server's pages say what becomes of the change.
func (l *loop) tell(state devstatus.State, text string) {
	if err := l.work.statusDir().SetStatus(devstatus.Status{State: state, Text: text}); err != nil {
		l.say("the pages are not told: %v", err)
	}
}

// mistake says what is wrong, and what serves nevertheless.
func (l *loop) mistake(err error) {
	l.isMistaken = true
	text := strings.TrimSpace(err.Error())
	l.tell(devstatus.Mistake, text)
	goesOn := "no server runs: it starts when that is mended"
	if l.server != nil && !l.server.hasEnded() {
		goesOn = "the server goes on as it was"
	}
	if seen := (*lastWords)(nil); errors.As(err, &seen) {
		l.say("the server that was built does not serve, as it says above; %s", goesOn)
		return
	}
	l.say("%s\n%s", goesOn, text)
}

package devloop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/ownql/ownql/internal/graphiql"
	"github.com/ownql/ownql/internal/lockfile"
)

const (
	building = "building-"      // begins the name of a directory in which npm works
	patience = 10 * time.Minute // with npm
)

// keepGraphiQL builds GraphiQL into the user's cache directory where it is not there yet, and says what became of it.
// Until it is there, and where it cannot be, the playground takes it from the CDN.
func (l *loop) keepGraphiQL(ctx context.Context) {
	begun := time.Now()
	isNew, err := buildGraphiQL(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		l.say("the playground takes GraphiQL from the CDN, as it could not be kept for work without a network: %v", err)
	case isNew:
		l.say("GraphiQL is kept in %s, built in %.1f s: the playground needs no network from now on", graphiql.Dir(), time.Since(begun).Seconds())
	}
}

// buildGraphiQL has npm fetch and build it. Others that want to at the same time wait for the one that does. isNew: it was not
// there. The error says why not, in plain words.
func buildGraphiQL(ctx context.Context) (isNew bool, err error) {
	dir := graphiql.Dir()
	if graphiql.IsWhole(dir) {
		return false, nil
	}
	if dir == "" {
		return false, errors.New("the user has no cache directory")
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return false, err
	}
	held, err := waitForLock(ctx, filepath.Join(filepath.Dir(dir), "lock"))
	if err != nil {
		return false, err
	}
	defer held.Close()
	if graphiql.IsWhole(dir) { // meanwhile, by another
		return false, nil
	}
	if err := os.RemoveAll(dir); err != nil { // what is there of it is served no more
		return false, err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return false, errors.New("there is no npm on the PATH")
	}
	if killed, err := filepath.Glob(filepath.Join(filepath.Dir(dir), building+"*")); err == nil {
		for _, work := range killed {
			_ = os.RemoveAll(work) // what a file is still open of stays until the next time
		}
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), building+"*")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := graphiql.WriteProject(work); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("it took more than %v; the next start of ownql dev tries again", patience))
	defer cancel()
	// No script of a package's runs, and what builds is a dependency as all others: NODE_ENV may be of production. What is made for
	// this machine alone is an optional one, which a user may have npm omit.
	for _, args := range [][]string{
		{"ci", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error"},
		{"run", "--silent", "build"},
	} {
		if err := runNPM(ctx, npm, work, args); err != nil {
			return false, err
		}
	}
	built := filepath.Join(work, graphiql.Built)
	if err := graphiql.Seal(built); err != nil {
		return false, fmt.Errorf("what npm run build wrote is not whole: %w", err)
	}
	return true, os.Rename(built, dir)
}

// waitForLock returns the lock once nobody else has it.
func waitForLock(ctx context.Context, path string) (*os.File, error) {
	for {
		held, err := lockfile.Lock(path)
		if !errors.Is(err, lockfile.ErrLocked) {
			return held, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(byClock):
		}
	}
}

// runNPM runs it in a directory.
func runNPM(ctx context.Context, npm, dir string, args []string) error {
	command := exec.CommandContext(ctx, npm, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "PWD="+dir)
	setInterruptible(command)
	command.WaitDelay = 5 * time.Second
	out, err := command.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("npm %s: %w", args[0], context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("npm %s: %s", args[0], npmReason(out, err))
	}
	return nil
}

// npmReason is what npm says of why it ended, in a line.
func npmReason(out []byte, err error) string {
	for _, code := range []string{"ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "ERR_SOCKET_TIMEOUT"} {
		if bytes.Contains(out, []byte(code)) {
			return "it cannot reach its registry (" + code + "); the next start of ownql dev tries again"
		}
	}
	for line := range bytes.Lines(out) {
		text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(line)), "npm error"))
		if text != "" && !strings.HasPrefix(text, "code ") {
			return text
		}
	}
	return err.Error()
}

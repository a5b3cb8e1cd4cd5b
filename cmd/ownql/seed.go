package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"
)

// seedCommand is `ownql seed`: the project's own program has the types, the rules and the hooks, and does it.
type seedCommand struct {
	Args []string `arg:"" optional:"" passthrough:"" help:"What go run . seed takes, such as --random 1000."`
}

// errFailed tells that a program has failed, and has said why.
var errFailed = errors.New("")

// Run runs `go run . seed` in the project.
func (c *seedCommand) Run(ctx context.Context, env *environment) error {
	dir, err := projectDir("")
	if err != nil {
		return err
	}
	program := exec.CommandContext(ctx, "go", append([]string{"run", ".", "seed"}, c.Args...)...)
	program.Cancel = func() error { return program.Process.Signal(os.Interrupt) }
	program.WaitDelay = 20 * time.Second
	program.Dir, program.Stdin, program.Stdout, program.Stderr = dir, env.stdin, env.stdout, env.stderr
	if err := program.Run(); err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			return errFailed
		}
		return err
	}
	return nil
}

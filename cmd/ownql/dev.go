package main

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/ownql/ownql/internal/devloop"
	"github.com/ownql/ownql/internal/modelgen/schema"
)

// devCommand is `ownql dev`.
type devCommand struct {
	Dir  string   `short:"C" placeholder:"DIR" help:"The project's directory; without it, the nearest from here upward."`
	Args []string `arg:"" optional:"" passthrough:"" help:"What the server takes, after --: such as -- --addr 127.0.0.1:9000."`
}

// Run serves the project, and makes and starts its server anew whenever a file changes, until ctx is done.
func (c *devCommand) Run(ctx context.Context, env *environment) error {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if !isProject(dir) {
		return fmt.Errorf("there is no project in %s: a project has %s and %s", dir, projectFiles[0], projectFiles[1])
	}
	project, err := schema.FindProject(dir)
	if err != nil {
		return err
	}
	args := c.Args
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	return devloop.Run(ctx, devloop.Options{
		Dir: dir, Name: path.Base(project.ImportPath), Args: args,
		Generate: []string{self, "generate", "."},
		Stdout:   env.stdout, Stderr: env.stderr,
	})
}

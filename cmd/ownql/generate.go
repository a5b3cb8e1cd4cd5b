package main

import "github.com/ownql/ownql/internal/modelgen"

// generateCommand is `ownql generate`.
type generateCommand struct {
	Dir string `arg:"" optional:"" help:"The project's directory; without it, the nearest from here upward."`
}

// Run writes what the project's schema.graphqls asks for.
func (c *generateCommand) Run() error {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	if err := modelgen.CheckImports(dir); err != nil {
		return err
	}
	return modelgen.Generate(dir)
}

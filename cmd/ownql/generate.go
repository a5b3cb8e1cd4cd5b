package main

import (
	"fmt"

	"github.com/ownql/ownql/internal/modelgen"
)

// generateCommand is `ownql generate`.
type generateCommand struct {
	Dir   string `arg:"" optional:"" help:"The project's directory; without it, the nearest from here upward."`
	Force bool   `help:"Generate even where nothing has changed since it was last done."`
}

// Run writes what the project's schema.graphqls asks for, and says what follows from it that one may want
// to know.
func (c *generateCommand) Run(env *environment) error {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	if err := modelgen.CheckImports(dir); err != nil {
		return err
	}
	notes, err := c.generate(dir)
	for _, note := range notes {
		fmt.Fprintln(env.stdout, note)
	}
	return err
}

func (c *generateCommand) generate(dir string) (notes []string, err error) {
	if c.Force {
		return modelgen.Generate(dir)
	}
	notes, _, err = modelgen.Refresh(dir)
	return notes, err
}

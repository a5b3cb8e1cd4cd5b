package main

import (
	"io"

	"github.com/ownql/ownql/internal/modelgen"
)

// schemaCommand is `ownql schema`.
type schemaCommand struct {
	Dir string `arg:"" optional:"" help:"The project's directory; without it, the nearest from here upward."`
}

// Run prints the public schema that schema.graphqls expands into.
func (c *schemaCommand) Run(env *environment) error {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	schema, err := modelgen.Load(dir)
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.stdout, schema.Public())
	return err
}

package main

import (
	"io"

	"github.com/ownql/ownql/internal/modelgen"
)

// printSchema prints the public schema that schema.graphqls expands into.
func printSchema(dir string, stdout io.Writer) error {
	schema, err := modelgen.Load(dir)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, schema.Public())
	return err
}

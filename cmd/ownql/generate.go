package main

import (
	"io"

	"github.com/ownql/ownql/internal/modelgen"
)

// generate writes what the project's schema.graphqls asks for.
func generate(dir string, _ io.Writer) error { return modelgen.Generate(dir) }

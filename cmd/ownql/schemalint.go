package main

import (
	"fmt"

	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/modelgen/sdl"
	"github.com/ownql/ownql/internal/schemadiff"
	"github.com/ownql/ownql/internal/schemalint"
)

// lint prints what Relay expects of the public schema and it has otherwise, a line each. The error: there is something.
func (c *schemaCommand) lint(env *environment, s *schema.Schema) error {
	public, err := schemadiff.Parse("the public schema", s.Public())
	if err != nil {
		return err
	}
	var byHand sdl.Problems
	findings := schemalint.Lint(public)
	for _, finding := range findings {
		at := s.At(finding.Type, finding.Field, finding.Argument)
		if at == nil {
			at = s.At(finding.Type, "", "") // what is generated for it collides with what it has
		}
		if at != nil {
			byHand.Report(at, "%s: %s", finding.Path(), finding.Text)
		} else {
			fmt.Fprintf(env.stdout, "%s: %s: %s\n", schema.PublicFile, finding.Path(), finding.Text)
		}
	}
	if len(findings) == 0 {
		fmt.Fprintln(env.stdout, "the schema is as Relay expects it")
		return nil
	}
	if err := byHand.Err(); err != nil {
		fmt.Fprintln(env.stdout, err)
	}
	return fmt.Errorf("%d %s", len(findings), plural(len(findings), "finding"))
}

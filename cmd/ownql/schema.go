package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/ownql/ownql/internal/modelgen"
	"github.com/ownql/ownql/internal/schemadiff"
)

// schemaCommand is `ownql schema`.
type schemaCommand struct {
	Dir    string   `arg:"" optional:"" help:"The project's directory; without it, the nearest from here upward."`
	Diff   string   `xor:"what" placeholder:"FILE|URL" help:"Tell what is breaking, dangerous and safe to clients of the schema in that file, or of the server whose GraphQL endpoint that is. Exits 1 where something is breaking."`
	Lint   bool     `xor:"what" help:"Hold the public schema to Relay's rules for ids, lists and mutations, and tell of names that collide. Exits 1 where it finds something."`
	Header []string `sep:"none" placeholder:"'NAME: VALUE'" help:"With a URL: what the server is asked with, such as 'Authorization: Bearer …'."`
}

// Validate is called by kong.
func (c *schemaCommand) Validate() error {
	isAsked := schemadiff.IsURL(c.Diff)
	if isAsked {
		if err := schemadiff.CheckURL(c.Diff); err != nil {
			return fmt.Errorf("--diff %w", err)
		}
	}
	if len(c.Header) > 0 && !isAsked {
		return errors.New("--header goes with --diff and the URL of a server")
	}
	_, err := c.headers()
	return err
}

func (c *schemaCommand) headers() (http.Header, error) {
	headers := http.Header{}
	for _, header := range c.Header {
		name, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, errors.New("--header: write a name and a value, such as --header 'Authorization: Bearer …'") // it may be a secret
		}
		headers.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return headers, nil
}

// Run prints the public schema that schema.graphqls expands into, or how it differs from another.
func (c *schemaCommand) Run(ctx context.Context, env *environment) error {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	schema, err := modelgen.Load(dir)
	if err != nil {
		return err
	}
	if c.Diff != "" {
		return c.diff(ctx, env, schema.Public())
	}
	if c.Lint {
		return c.lint(env, schema)
	}
	_, err = io.WriteString(env.stdout, schema.Public())
	return err
}

// diff prints how the public schema differs. The error: something of it is breaking.
func (c *schemaCommand) diff(ctx context.Context, env *environment, public string) error {
	headers, err := c.headers()
	if err != nil {
		return err
	}
	old, err := schemadiff.Read(ctx, c.Diff, headers)
	if err != nil {
		return err
	}
	new, err := schemadiff.Parse("the public schema", public)
	if err != nil {
		return err
	}
	changes := schemadiff.Compare(old, new)
	if err := changes.Print(env.stdout); err != nil {
		return err
	}
	if n := len(changes.Of(schemadiff.Breaking)); n > 0 {
		return fmt.Errorf("%d breaking %s to clients of %s", n, plural(n, "change"), c.Diff)
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

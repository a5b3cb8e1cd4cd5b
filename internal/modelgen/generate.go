// Package modelgen turns the types of schema.graphqls that have @model into a whole
// API: the public schema in graph/schema.graphqls, and for each type one file of package
// store, one of package graph, and a table of who may do what, which graph's tests hold
// the server to. Package schema reads and checks, packages gogen and policy print, and this
// one writes the files, all or none.
//
// It runs under `go generate ./...` alone; nothing that the server links imports it.
package modelgen

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ownql/ownql/internal/modelgen/gogen"
	"github.com/ownql/ownql/internal/modelgen/policy"
	"github.com/ownql/ownql/internal/modelgen/schema"
)

// Load reads schema.graphqls of the project at root. The error is sdl.Problems where it is wrong.
func Load(root string) (*schema.Schema, error) { return schema.Load(root) }

// Generate writes what schema.graphqls of the project at root expands into, its tables into the
// template that it is deployed by, and what gqlgen makes of it all. It returns what the project's author may
// want to know of it, a line each. Where it returns an error, every file is as it was before.
func Generate(root string) (notes []string, err error) {
	tell := func(s *schema.Schema, _ *gogen.Files, _ string) error {
		notes = s.BulkNotes()
		return nil
	}
	err = inSteps(root, writeOutputs, writeTemplate, gogen.WriteResolver, gogen.WriteGraph, tell)
	return notes, err
}

// Expand is Generate without gqlgen.
func Expand(root string) error {
	return inSteps(root, writeOutputs, writeTemplate)
}

func inSteps(root string, steps ...func(*schema.Schema, *gogen.Files, string) error) error {
	s, err := Load(root)
	if err != nil {
		return err
	}
	var files gogen.Files
	for _, step := range steps {
		if err := step(s, &files, root); err != nil {
			return errors.Join(err, files.Restore())
		}
	}
	return nil
}

// writeOutputs writes the public schema and the files of packages store and graph, and removes
// those of types that are no more.
func writeOutputs(s *schema.Schema, files *gogen.Files, root string) error {
	outputs, err := outputsOf(s)
	if err != nil {
		return err
	}
	for _, output := range outputs {
		if err := files.Write(filepath.Join(root, output.path), output.content); err != nil {
			return err
		}
	}
	return removeOthers(files, root, outputs)
}

// output is a file that modelgen writes.
type output struct {
	path    string // from the project's root
	content []byte
}

// outputsOf returns every file that the schema expands into, in a stable order.
func outputsOf(s *schema.Schema) ([]output, error) {
	outputs := []output{{schema.PublicFile, []byte(s.Public())}}
	var errs []error
	add := func(path string, content []byte, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("generate %s: %w", path, err))
		}
		outputs = append(outputs, output{path, content})
	}
	content, err := gogen.Store(s)
	add(filepath.Join(schema.StoreDir, gogen.StoreFile), content, err)
	for _, model := range s.Models {
		content, err := gogen.Model(s, model)
		add(filepath.Join(schema.StoreDir, model.GoFile()), content, err)
		content, err = policy.Table(s, model)
		add(filepath.Join(policy.Dir, policy.File(model)), content, err)
	}
	if content, err := policy.People(s); content != nil || err != nil {
		add(filepath.Join(policy.Dir, policy.PeopleFile), content, err)
	}
	return outputs, errors.Join(errs...)
}

// removeOthers removes files that were written for types that are no more. It knows its own
// by their header.
func removeOthers(files *gogen.Files, root string, outputs []output) error {
	isOfGraph := func(path string) bool { // which is written once gqlgen knows the Go types
		return filepath.Dir(path) == filepath.Join(root, schema.GraphDir) && slices.Contains([]string{gogen.ResolversFile, gogen.ObjectsFile}, filepath.Base(path))
	}
	for _, pattern := range []string{schema.StoreDir + "/*_gen.go", schema.GraphDir + "/*_gen.go", policy.Dir + "/*.txt"} {
		present, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, path := range present {
			isOutput := func(output output) bool { return filepath.Join(root, output.path) == path }
			if slices.ContainsFunc(outputs, isOutput) || isOfGraph(path) {
				continue
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if schema.IsOurs(content) {
				if err := files.Remove(path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Stale returns the generated files of the project at root that schema.graphqls would have otherwise, but for those of gqlgen.
func Stale(root string, s *schema.Schema) (paths []string, err error) {
	outputs, err := outputsOf(s)
	if err != nil {
		return nil, err
	}
	for _, output := range outputs {
		content, err := os.ReadFile(filepath.Join(root, output.path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !bytes.Equal(content, output.content) {
			paths = append(paths, filepath.ToSlash(output.path))
		}
	}
	return paths, nil
}

package modelgen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Where things are in a project.
const (
	storeDir      = "store"
	storeFile     = "store_gen.go"
	graphDir      = "graph"
	resolversFile = "resolvers_gen.go"
	publicFile    = "graph/schema.graphqls"
	policyDir     = "graph/testdata/policy"
)

// Generate writes what schema.graphqls of the project at root expands into, its tables into the
// template that it is deployed by, and what gqlgen makes of it all. Where it returns an error, every file is as it was before.
func Generate(root string) error {
	return inSteps(root, (*Schema).Write, (*Schema).writeTemplate, (*Schema).writeResolver, (*Schema).generateGraph)
}

// Expand is Generate without gqlgen.
func Expand(root string) error {
	return inSteps(root, (*Schema).Write, (*Schema).writeTemplate)
}

func inSteps(root string, steps ...func(*Schema, *Files, string) error) error {
	schema, err := Load(root)
	if err != nil {
		return err
	}
	var files Files
	for _, step := range steps {
		if err := step(schema, &files, root); err != nil {
			return errors.Join(err, files.Restore())
		}
	}
	return nil
}

// Write writes the public schema and the files of packages store and graph, and removes
// those of types that are no more.
func (s *Schema) Write(files *Files, root string) error {
	outputs, err := s.Outputs()
	if err != nil {
		return err
	}
	for _, output := range outputs {
		if err := files.Write(filepath.Join(root, output.Path), output.Content); err != nil {
			return err
		}
	}
	return removeOthers(files, root, outputs)
}

// Output is a file that modelgen writes.
type Output struct {
	Path    string // from the project's root
	Content []byte
}

// Outputs returns every file that the schema expands into, in a stable order.
func (s *Schema) Outputs() ([]Output, error) {
	outputs := []Output{{publicFile, []byte(s.Public())}}
	add := func(file, template string, data any) error {
		content, err := s.storeFile(template, data)
		if err != nil {
			return fmt.Errorf("generate store/%s: %w", file, err)
		}
		outputs = append(outputs, Output{filepath.Join(storeDir, file), content})
		return nil
	}
	err := add(storeFile, "store.gotmpl", s)
	for _, model := range s.Models {
		err = errors.Join(err, add(model.GoFile(), "type.gotmpl", model))
		policy, failed := printed("policy.gotmpl", s.policyTable(model))
		outputs = append(outputs, Output{filepath.Join(policyDir, model.policyFile()), policy})
		err = errors.Join(err, failed)
	}
	return outputs, err
}

// removeOthers removes files that were written for types that are no more. It knows its own
// by their header.
func removeOthers(files *Files, root string, outputs []Output) error {
	for _, pattern := range []string{storeDir + "/*_gen.go", graphDir + "/*_gen.go", policyDir + "/*.txt"} {
		present, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, path := range present {
			isOutput := func(output Output) bool { return filepath.Join(root, output.Path) == path }
			if slices.ContainsFunc(outputs, isOutput) || path == filepath.Join(root, graphDir, resolversFile) {
				continue
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if isOurs(content) {
				if err := files.Remove(path); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

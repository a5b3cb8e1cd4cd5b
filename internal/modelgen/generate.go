package modelgen

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Where things are in a project.
const (
	storeDir   = "store"
	modelsFile = "models_gen.go"
	publicFile = "graph/schema.graphqls"
)

// Generate writes what schema.graphqls of the project at root expands into. Where it
// returns an error, every file is as it was before.
func Generate(root string) error {
	schema, err := Load(root)
	if err != nil {
		return err
	}
	var files Files
	if err := schema.Write(&files, root); err != nil {
		return errors.Join(err, files.Restore())
	}
	return nil
}

// Write writes the public schema and the files of package store, and removes those of
// types that are no more.
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
	return s.removeOthers(files, filepath.Join(root, storeDir))
}

// Output is a file that modelgen writes.
type Output struct {
	Path    string // from the project's root
	Content []byte
}

// Outputs returns every file that the schema expands into, in a stable order.
func (s *Schema) Outputs() ([]Output, error) {
	outputs := []Output{{publicFile, []byte(s.Public())}}
	models, err := s.goFile("models.gotmpl", s)
	if err != nil {
		return nil, err
	}
	outputs = append(outputs, Output{filepath.Join(storeDir, modelsFile), models})
	for _, model := range s.Models {
		content, err := s.goFile("type.gotmpl", model)
		if err != nil {
			return nil, fmt.Errorf("generate type %s: %w", model.Name, err)
		}
		outputs = append(outputs, Output{filepath.Join(storeDir, model.GoFile()), content})
	}
	return outputs, nil
}

// removeOthers removes files that modelgen wrote for types that are no more. It knows
// them by their header.
func (s *Schema) removeOthers(files *Files, dir string) error {
	present, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil {
		return err
	}
	keep := map[string]bool{modelsFile: true}
	for _, model := range s.Models {
		keep[model.GoFile()] = true
	}
	for _, path := range present {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if keep[filepath.Base(path)] || !isGenerated(content) {
			continue
		}
		if err := files.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

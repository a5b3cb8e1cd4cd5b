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
	storeDir    = "store"
	modelsFile  = "models_gen.go"
	graphDir    = "graph"
	loadersFile = "loaders_gen.go"
	publicFile  = "graph/schema.graphqls"
	policyDir   = "graph/testdata/policy"
)

// Generate writes what schema.graphqls of the project at root expands into, and what
// gqlgen makes of that. Where it returns an error, every file is as it was before.
func Generate(root string) error {
	return inSteps(root, (*Schema).Write, (*Schema).generateGraph)
}

// Expand is Generate without gqlgen.
func Expand(root string) error {
	return inSteps(root, (*Schema).Write)
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
	return errors.Join(
		s.removeOthers(files, filepath.Join(root, storeDir, "*_gen.go"), (*Model).GoFile, modelsFile),
		s.removeOthers(files, filepath.Join(root, graphDir, "*_gen.go"), (*Model).GoFile, loadersFile),
		s.removeOthers(files, filepath.Join(root, policyDir, "*.txt"), (*Model).policyFile),
	)
}

// Output is a file that modelgen writes.
type Output struct {
	Path    string // from the project's root
	Content []byte
}

// Outputs returns every file that the schema expands into, in a stable order.
func (s *Schema) Outputs() ([]Output, error) {
	outputs := []Output{{publicFile, []byte(s.Public())}}
	add := func(pkg, file, template string, data any) error {
		content, err := s.goFile(pkg, template, data)
		if err != nil {
			return fmt.Errorf("generate %s/%s: %w", pkg, file, err)
		}
		outputs = append(outputs, Output{filepath.Join(pkg, file), content})
		return nil
	}
	err := errors.Join(
		add(storeDir, modelsFile, "models.gotmpl", s),
		add(graphDir, loadersFile, "loaders.gotmpl", s),
	)
	for _, model := range s.Models {
		err = errors.Join(err,
			add(storeDir, model.GoFile(), "type.gotmpl", model),
			add(graphDir, model.GoFile(), "mutations.gotmpl", model),
		)
		policy, failed := printed("policy.gotmpl", s.policyTable(model))
		outputs = append(outputs, Output{filepath.Join(policyDir, model.policyFile()), policy})
		err = errors.Join(err, failed)
	}
	return outputs, err
}

// removeOthers removes files that modelgen wrote for types that are no more: those that
// match the pattern, and are no model's and not the common one. It knows its own by their
// header.
func (s *Schema) removeOthers(files *Files, pattern string, name func(*Model) string, common ...string) error {
	present, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	keep := common
	for _, model := range s.Models {
		keep = append(keep, name(model))
	}
	for _, path := range present {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if slices.Contains(keep, filepath.Base(path)) || !isGenerated(content) {
			continue
		}
		if err := files.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

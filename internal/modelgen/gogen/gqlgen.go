package gogen

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/plugin"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// WriteGraph runs gqlgen, as gqlgen.yml says, on the public schema that has just been
// written, and writes the resolvers.
func WriteGraph(s *schema.Schema, files *Files, root string) error {
	project, err := schema.FindProject(root)
	if err != nil {
		return err
	}
	// gqlgen takes paths from where it stands.
	before, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(root); err != nil {
		return err
	}
	defer os.Chdir(before)
	cfg, err := config.LoadConfig(schema.ConfigFile)
	if err != nil {
		return fmt.Errorf("%s: %w", schema.ConfigFile, err)
	}
	inProject := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(project.Root, path)
	}
	generated := inProject(cfg.Exec.Filename)
	for _, path := range []string{generated, inProject(cfg.Model.Filename)} {
		if path == "" {
			continue
		}
		if err := files.Keep(path); err != nil {
			return err
		}
	}
	bindTypes(s, cfg, project.StorePath())
	// What does not compile is the compiler's to tell, and may well be code of the project.
	cfg.SkipValidation, cfg.SkipModTidy = true, true
	cfg.OmitRootModels, cfg.OmitResolverFields, cfg.OmitComplexity = true, true, true
	writer := &resolverWriter{schema: s, files: files, project: project}
	if err := api.Generate(cfg, withoutResolvers, api.AddPlugin(writer)); err != nil {
		return err
	}
	return writer.tables.write(writer, generated)
}

// withoutResolvers leaves out gqlgen's plugin that writes resolvers.
func withoutResolvers(_ *config.Config, plugins *[]plugin.Plugin) {
	var others []plugin.Plugin
	for _, p := range *plugins {
		if p.Name() != "resolvergen" {
			others = append(others, p)
		}
	}
	*plugins = others
}

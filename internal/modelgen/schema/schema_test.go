package schema

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

var update = flag.Bool("update", false, "rewrite the expected files of testdata")

// TestErrors wants of each schema of testdata/errors what its error.txt says, to the
// line and column.
func TestErrors(t *testing.T) {
	for _, dir := range cases(t, "testdata/errors/*/schema.graphqls") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			_, err := Load(dir)
			if err == nil {
				t.Fatal("the schema is accepted")
			}
			var problems sdl.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("the error is no Problems: %v", err)
			}
			got, expected := err.Error()+"\n", filepath.Join(dir, "error.txt")
			if *update {
				if err := os.WriteFile(expected, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestResolvers wants that the public schema has every field that a resolver answers.
func TestResolvers(t *testing.T) {
	for _, dir := range cases(t, "../testdata/*/schema.graphqls") {
		schema, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		types := map[string]bool{}
		for _, definition := range schema.definitions() {
			for _, field := range definition.Fields {
				types[definition.Name+"."+field.Name] = true
			}
		}
		for _, resolver := range schema.Resolvers() {
			name := resolver.Type + "." + resolver.Field
			if found, ok := schema.Resolver(resolver.Type, resolver.Field); !ok || found != resolver {
				t.Errorf("%s: Resolver does not find %s", dir, name)
			}
			if !types[name] {
				t.Errorf("%s: the public schema has no %s", dir, name)
			}
		}
	}
}

// cases returns the directories of the files that the pattern matches.
func cases(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s matches nothing: %v", pattern, err)
	}
	for i, path := range paths {
		paths[i] = filepath.Dir(path)
	}
	return paths
}

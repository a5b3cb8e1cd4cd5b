package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// projectFiles are what every project has in its directory.
var projectFiles = []string{"schema.graphqls", "gqlgen.yml"}

// projectDir returns the project's directory: the one that is given, or, for an empty one, the
// nearest upward of the working directory.
func projectDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if isProject(dir) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no project in %s or above: a project has %s and %s", start, projectFiles[0], projectFiles[1])
		}
	}
}

func isProject(dir string) bool {
	for _, name := range projectFiles {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

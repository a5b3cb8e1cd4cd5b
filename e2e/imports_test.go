package e2e

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ownql/ownql"

// TestImports holds the directions of design.md: main -> graph -> auth -> store,
// main -> mail -> auth, and main -> dynamolocal, s3export and lambdahttp. What is not
// listed has no place.
func TestImports(t *testing.T) {
	mayImport := map[string][]string{
		module:                           {module + "/graph", module + "/auth", module + "/mail", module + "/store", module + "/internal/dynamolocal", module + "/internal/s3export", module + "/internal/lambdahttp"},
		module + "/graph":                {module + "/auth", module + "/store", module + "/internal/page"},
		module + "/auth":                 {module + "/store", module + "/internal/page"},
		module + "/mail":                 {module + "/auth", module + "/internal/page"},
		module + "/internal/page":        {},
		module + "/store":                {},
		module + "/internal/dynamolocal": {},
		module + "/internal/s3export":    {},
		module + "/internal/lambdahttp":  {},
		// These tests, and a mail server for them.
		module + "/e2e":               {},
		module + "/internal/smtptest": {},
		// The generators, which nothing that the server links imports.
		module + "/internal/modelgen":     {},
		module + "/internal/modelgen/cmd": {module + "/internal/modelgen"},
		module + "/internal/samgen":       {module + "/store", module + "/internal/dynamolocal"},
	}
	packages := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	packages.Dir = repositoryDir
	out, err := packages.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		allowed, ok := mayImport[fields[0]]
		if !ok {
			t.Errorf("package %s has no place in the house: name what it may import, here and in design.md", fields[0])
			continue
		}
		seen++
		for _, imported := range fields[1:] {
			if strings.HasPrefix(imported, module) && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s", fields[0], imported)
			}
		}
	}
	if seen != len(mayImport) {
		t.Errorf("%d of the %d packages are there", seen, len(mayImport))
	}
}

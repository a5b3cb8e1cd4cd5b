package e2e

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ownql is the module's path.
const ownql = "github.com/ownql/ownql"

// mayImport says which of the module's packages each may import, by their directories: the
// directions of design.md. What is not listed has no place.
var mayImport = map[string][]string{
	// The project at the root, the starter.
	".":     {"command", "graph", "store"},
	"graph": {"account", "auth", "gql", "model", "store"},
	"store": {"account", "model"},
	// The library.
	"command":   {"account", "audit", "auth", "gql", "mail", "model", "web", "internal/devstatus", "internal/dynamolocal", "internal/dynamowire", "internal/graphiql", "internal/lambdahttp", "internal/lockfile", "internal/otlp", "internal/plausible", "internal/s3export"},
	"gql":       {"account", "auth", "model", "web", "internal/jsontext", "internal/page"},
	"mail":      {"auth", "web", "internal/page"},
	"auth":      {"account", "audit", "model", "web", "internal/listed", "internal/page"},
	"account":   {"model", "internal/itembytes"},
	"audit":     {"model", "web"},
	"web":       {"model"},
	"model":     {"internal/decimal", "internal/itembytes", "internal/jsontext", "internal/rfc3339"},
	"ownqltest": {"account", "auth", "command", "model", "internal/dynamolocal"},

	"internal/decimal":     {},
	"internal/docs":        {},
	"internal/devstatus":   {},
	"internal/dynamolocal": {"internal/itembytes"},
	"internal/dynamowire":  {},
	"internal/graphiql":    {},
	"internal/itembytes":   {},
	"internal/jsontext":    {},
	"internal/lambdahttp":  {},
	"internal/listed":      {},
	"internal/otlp":        {},
	"internal/lockfile":    {},
	"internal/page":        {},
	"internal/plausible":   {},
	"internal/rfc3339":     {},
	"internal/s3export":    {},
	// The tool.
	"cmd/ownql":         {"internal/devloop", "internal/modelgen", "internal/modelgen/schema", "internal/modelgen/sdl", "internal/review", "internal/schemadiff", "internal/schemalint", "internal/starter"},
	"internal/devloop":  {"internal/devstatus", "internal/graphiql", "internal/lockfile", "internal/modelgen", "internal/modelgen/schema", "internal/modelgen/sdl"},
	"internal/review":   {"internal/modelgen", "internal/modelgen/schema", "internal/samgen", "internal/schemadiff"},
	"internal/starter":  {"internal/modelgen"},
	"internal/modelgen": {"internal/modelgen/gogen", "internal/modelgen/policy", "internal/modelgen/schema", "internal/samgen"},
	"internal/samgen":   {},

	"internal/listed/sums": {"internal/listed"},

	"internal/schemadiff": {"internal/modelgen/sdl"},
	"internal/schemalint": {},

	"internal/modelgen/gogen":  {"internal/modelgen/schema", "internal/rfc3339"},
	"internal/modelgen/policy": {"internal/modelgen/schema"},
	"internal/modelgen/schema": {"internal/decimal", "internal/jsontext", "internal/modelgen/sdl", "internal/rfc3339"},
	"internal/modelgen/sdl":    {},
	// What tests use.
	"e2e":                     {},
	"internal/smtptest":       {},
	"internal/testclient":     {"internal/dynamolocal"},
	"bench":                   {"account", "auth", "command", "model", "store", "examples/tracker/graph", "examples/tracker/store", "internal/dynamolocal"},
	"bench/nethttp":           {},
	"bench/plaingqlgen":       {"bench/plaingqlgen/graph"},
	"bench/plaingqlgen/graph": {},
	"examples/tracker":        {"command", "examples/tracker/graph", "examples/tracker/store"},
	"examples/tracker/graph":  {"account", "auth", "gql", "model", "examples/tracker/store"},
	"examples/tracker/store":  {"account", "model"},
	"internal/notes":          {"account", "auth", "command", "model", "web", "internal/notes/graph", "internal/notes/store"},
	"internal/notes/graph":    {"account", "auth", "gql", "model", "internal/notes/store"},
	"internal/notes/store":    {"account", "model"},
}

// TestImports holds every file, whatever its build tags, to mayImport. Tests may import what they
// like, but for the starter's store and graph: ownql's tests have types of their own.
func TestImports(t *testing.T) {
	starter := []string{"graph", "store"}
	seen := map[string]bool{}
	for path, imports := range goFiles(t) {
		dir := filepath.ToSlash(filepath.Dir(path))
		allowed, ok := mayImport[dir]
		if !ok && !seen[dir] {
			t.Errorf("package %s has no place in the house: name what it may import, here and in ARCHITECTURE.md", dir)
		}
		seen[dir] = true
		if !ok {
			continue
		}
		isTest := strings.HasSuffix(path, "_test.go") || path == "tools.go"
		for _, imported := range imports {
			isOfStarter := slices.Contains(starter, imported) && !slices.Contains(starter, dir)
			if !isTest && !slices.Contains(allowed, imported) || isTest && isOfStarter {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	}
	for dir := range mayImport {
		if !seen[dir] {
			t.Errorf("there is no package %s", dir)
		}
	}
}

// TestImportsOfPrograms wants the tool to be linked with nothing of the server, and the server
// with nothing of the tool, by way of other modules either.
func TestImportsOfPrograms(t *testing.T) {
	for _, program := range []struct {
		dir       string
		has, lack []string
	}{
		{"cmd/ownql", []string{"internal/modelgen"}, []string{
			".", "graph", "store", "command", "gql", "mail", "auth", "account", "audit", "web", "model", "ownqltest",
			"internal/dynamolocal", "internal/lambdahttp", "internal/page", "internal/s3export",
		}},
		{".", []string{"command", "graph", "store"}, []string{"cmd/ownql", "internal/modelgen", "internal/samgen", "internal/starter", "ownqltest"}},
	} {
		list := exec.Command("go", "list", "-deps", "./"+program.dir)
		list.Dir = repositoryDir
		out, err := list.Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		deps := strings.Fields(string(out))
		deps = deps[:len(deps)-1] // the program itself is the last
		for _, dir := range program.has {
			if !slices.Contains(deps, ownql+"/"+dir) {
				t.Errorf("%s is not linked with %s", program.dir, dir)
			}
		}
		for _, dir := range program.lack {
			if slices.Contains(deps, strings.TrimSuffix(ownql+"/"+dir, "/.")) {
				t.Errorf("%s is linked with %s", program.dir, dir)
			}
		}
	}
}

// TestFloors wants at the root nothing but the starter project, and in the library no word of
// its type or of its packages.
func TestFloors(t *testing.T) {
	files := goFiles(t)
	var atRoot []string
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if !strings.Contains(path, "/") {
			atRoot = append(atRoot, path)
		}
	}
	if want := []string{"server.go", "tools.go"}; !slices.Equal(atRoot, want) {
		t.Errorf("the Go files at the root are %q, want %q", atRoot, want)
	}
	for _, path := range walk(t) {
		dir, rest, isBelow := strings.Cut(path, "/")
		isProject := !isBelow || slices.Contains([]string{"graph", "store", "seed", "deploy", "docs", "e2e", "bench"}, dir) ||
			strings.HasPrefix(rest, "notes/")
		if isProject || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "package-lock.json") { // whose hashes may say anything
			continue
		}
		content, err := os.ReadFile(inRepository(path))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(content), []byte("todo")) {
			t.Errorf("%s says Todo", path)
		}
		for _, dir := range []string{"graph", "store"} {
			if bytes.Contains(content, []byte(ownql+"/"+dir)) {
				t.Errorf("%s says %s/%s", path, ownql, dir)
			}
		}
	}
}

// goFiles returns every Go file of the module, by its path from the root, with what it imports of
// the module, by the directory.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	for _, path := range walk(t) {
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), inRepository(path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		imports := []string{}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if dir, ok := strings.CutPrefix(imported+"/", ownql+"/"); ok {
				imports = append(imports, strings.TrimSuffix(dir, "/"))
			}
		}
		files[path] = imports
	}
	return files
}

// walk returns the repository's files, by their paths from the root, but for what is hidden and
// what tests read.
func walk(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(repositoryDir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		isLeftOut := strings.HasPrefix(name, ".") || slices.Contains([]string{"testdata", "node_modules", "dist", "data"}, name)
		if entry.IsDir() && path != repositoryDir && isLeftOut {
			return fs.SkipDir
		}
		if entry.IsDir() {
			return nil
		}
		relative, err := filepath.Rel(repositoryDir, path)
		paths = append(paths, filepath.ToSlash(relative))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

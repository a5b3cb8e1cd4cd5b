package modelgen

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"

	"github.com/ownql/ownql/internal/modelgen/policy"
	"github.com/ownql/ownql/internal/modelgen/schema"
)

// state is what generating in a project depends on, and what it has written. It has more in it than matters:
// what is generated in vain costs seconds, what is not generated costs a day.
type state struct {
	byHand    string // what is not generated, this program among it
	generated string
	isUnknown bool // there is something that a state does not see, such as a go.work
}

func (s state) all() string { return s.byHand + s.generated }

// stateReader gathers a state.
type stateReader struct {
	project           schema.Project
	byHand, generated hash.Hash
	isUnknown         bool
}

// readState reads the state of the project at root.
func readState(root string) (state, error) {
	if real, err := filepath.EvalSymlinks(root); err == nil { // a project has one state, by whatever name
		root = real
	}
	project, err := schema.FindProject(root)
	if err != nil {
		return state{}, err
	}
	self, err := ownHash()
	if err != nil {
		return state{}, err
	}
	r := &stateReader{project: project, byHand: sha256.New(), generated: sha256.New()}
	fmt.Fprintln(r.byHand, self, project.Root, project.ImportPath)
	r.readEnvironment()
	moduleRoot, err := r.readModule()
	if err != nil {
		return state{}, err
	}
	if err := r.readTree(moduleRoot, true); err != nil {
		return state{}, err
	}
	for _, name := range []string{templateFile, schema.ConfigFile} {
		content, err := os.ReadFile(filepath.Join(project.Root, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return state{}, err
		}
		if name == schema.ConfigFile { // gqlgen takes variables in it
			content = append(content, os.ExpandEnv(string(content))...)
			put(r.byHand, name, content)
		} else {
			put(r.generated, name, content)
		}
	}
	return state{hex.EncodeToString(r.byHand.Sum(nil)), hex.EncodeToString(r.generated.Sum(nil)), r.isUnknown}, nil
}

// ownHash is of this program: another version may generate something else.
var ownHash = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
})

// loadedBy are the variables by which the go command finds packages, and chooses their files.
var loadedBy = []string{
	"CGO_ENABLED", "GO111MODULE", "GOENV", "GOEXPERIMENT", "GOFLAGS", "GOMODCACHE", "GOPACKAGESDRIVER", "GOPATH", "GOTOOLCHAIN", "GOWORK",
}

// readEnvironment reads what says how the go command, by which gqlgen loads packages, finds them.
func (r *stateReader) readEnvironment() {
	var variables []string
	for _, name := range loadedBy {
		variable := name + "=" + os.Getenv(name)
		fmt.Fprintln(r.byHand, variable)
		variables = append(variables, variable)
	}
	// `go generate` sets these to what they are anyhow.
	fmt.Fprintln(r.byHand, cmp.Or(os.Getenv("GOOS"), runtime.GOOS), cmp.Or(os.Getenv("GOARCH"), runtime.GOARCH))
	if config, err := os.UserConfigDir(); err == nil { // of `go env -w`
		if content, err := os.ReadFile(filepath.Join(config, "go", "env")); err == nil {
			put(r.byHand, "go/env", content)
			variables = append(variables, string(content))
			if strings.Contains("\n"+string(content), "\nGOWORK=") {
				r.isUnknown = true
			}
		}
	}
	for _, name := range []string{"GOWORK", "GOENV"} { // a file that is anywhere
		if value := os.Getenv(name); value != "" && value != "off" {
			r.isUnknown = true
		}
	}
	for _, variable := range variables { // files that are read instead of others
		if strings.Contains(variable, "-modfile") || strings.Contains(variable, "-overlay") {
			r.isUnknown = true
		}
	}
}

// readModule reads go.mod and go.sum, and the modules that are directories here. It returns the module's root.
func (r *stateReader) readModule() (root string, err error) {
	root = r.project.Root
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		root = filepath.Dir(root) // which FindProject has found
	}
	if _, err := os.Stat(filepath.Join(root, "vendor", "modules.txt")); err == nil {
		r.isUnknown = true
	}
	for dir := root; os.Getenv("GOWORK") != "off"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			r.isUnknown = true
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if sums, err := os.ReadFile(filepath.Join(root, "go.sum")); err == nil {
		put(r.byHand, "go.sum", sums)
	}
	content, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	put(r.byHand, "go.mod", content)
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return "", err
	}
	for _, replace := range mod.Replace {
		if !modfile.IsDirectoryPath(replace.New.Path) {
			continue
		}
		dir := filepath.FromSlash(replace.New.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(root, dir)
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil { // or no walk enters it
			dir = real
		}
		if err := r.readTree(dir, false); err != nil {
			return "", err
		}
	}
	return root, nil
}

// readTree reads what is below a directory: of the project's own module, or of another.
func (r *stateReader) readTree(root string, isOwn bool) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			isLeftOut := strings.HasPrefix(name, ".") || name == "node_modules" || !isOwn && name == "testdata"
			if path != root && isLeftOut {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Type()&fs.ModeSymlink != 0 { // of which Go may read what no walk comes by
			if info, err := os.Stat(path); err != nil || info.IsDir() {
				r.isUnknown = true
				return nil
			}
		}
		switch {
		case strings.HasSuffix(name, "_test.go"):
			return nil
		case strings.HasSuffix(name, ".go"):
		case isOwn && slices.Contains(readBeside, filepath.Ext(name)):
		case isOwn && filepath.Dir(path) == filepath.Join(r.project.Root, filepath.FromSlash(policy.Dir)):
		default:
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r.readFile(path, content, isOwn)
		return nil
	})
}

// readBeside are the extensions of files that gqlgen may be told to read, beside Go.
var readBeside = []string{".graphqls", ".graphql", ".gql", ".gotpl", ".gotmpl", ".tmpl"}

func (r *stateReader) readFile(path string, content []byte, isOwn bool) {
	name, err := filepath.Rel(r.project.Root, path)
	if err != nil {
		name = path
	}
	name = filepath.ToSlash(name)
	isBelow := !strings.HasPrefix(name, "../")
	switch {
	case isOwn && isBelow && (schema.IsGenerated(content) || name == schema.PublicFile || filepath.Ext(name) == ".txt"):
		put(r.generated, name, content)
	case isOwn && isBelow && filepath.Ext(name) == ".go":
		put(r.byHand, name, declarations(content))
	default:
		put(r.byHand, name, content)
	}
}

// put adds a file to a hash.
func put(sum hash.Hash, name string, content []byte) {
	fmt.Fprintf(sum, "%q %d\n", name, len(content))
	sum.Write(content)
}

// declarations returns a Go file without the bodies of its functions, which say nothing of types; but for those
// that tell of directives, see schema.readDirectives. What is no Go comes back whole.
func declarations(content []byte) []byte {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "", content, parser.SkipObjectResolution)
	if err != nil {
		return content
	}
	var rest []byte
	end := 0
	for _, declaration := range file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		from, to := set.PositionFor(function.Body.Pos(), false).Offset, set.PositionFor(function.Body.End(), false).Offset
		if bytes.Contains(content[from:to], []byte("Directive")) {
			continue
		}
		rest = append(append(rest, content[end:from]...), "{}"...)
		end = to
	}
	return append(rest, content[end:]...)
}

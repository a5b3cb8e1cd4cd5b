package command

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/gql"
)

// maxSeedFile is how large a file of seed data may be, in bytes.
const maxSeedFile = 1 << 20

// A place is where something stands in a file of seed data.
type place struct {
	file         string
	line, column int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.column)
}

// errorf returns an error that names the place.
func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%v: %w", p, fmt.Errorf(format, args...))
}

// A seedFile is one of the files of seed/.
type seedFile struct {
	path     string
	name     string // in the directory
	document *gql.Document
	people   []seedPerson // as they are named, each time
	steps    []*seedStep
}

// A seedStep is what is carried out at once: a mutation or, with @transaction, several.
type seedStep struct {
	place
	index     int    // in the file
	email     string // of whom it is carried out as
	part      gql.Part
	variables ast.VariableDefinitionList
	filled    map[string]seedName // by what, by the variable's name
	made      map[string][]string // global ids, by alias, once it is done
	hash      string
	isWhole   bool // it is a transaction, and its mark is written with it
}

// of is the step's name in the marks.
func (s *seedStep) of(file *seedFile) string { return fmt.Sprintf("%s#%d", file.name, s.index) }

// does names what the step does.
func (s *seedStep) does() string {
	names := []string{}
	for _, field := range s.fields() {
		names = append(names, field.Name)
	}
	return strings.Join(names, ", ")
}

// fields returns the mutations of the step.
func (s *seedStep) fields() []*ast.Field {
	fields := make([]*ast.Field, len(s.part.Selections))
	for i, selection := range s.part.Selections {
		fields[i] = selection.(*ast.Field)
	}
	return fields
}

// readSeedFiles reads the files of a directory in the order of their names, and returns all that is wrong with
// them.
func readSeedFiles(dir string, handler *gql.Handler) ([]*seedFile, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var (
		files  []*seedFile
		broken []error
	)
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, ".") && slices.Contains([]string{".graphql", ".gql"}, filepath.Ext(name)) {
			file, err := readSeedFile(filepath.Join(dir, name), handler)
			files, broken = append(files, file), append(broken, err)
		}
	}
	return files, errors.Join(broken...)
}

func readSeedFile(path string, handler *gql.Handler) (*seedFile, error) {
	text, err := readSeedText(path)
	if err != nil {
		return nil, err
	}
	file := &seedFile{path: path, name: filepath.Base(path)}
	people, wrong := readSeedPeople(path, text)
	file.people = people
	if isOnlyComments(text) {
		if len(people) == 0 {
			wrong = append(wrong, fmt.Errorf("%s: there is nothing in it: write a mutation, or delete the file", path))
		}
		return file, errors.Join(wrong...)
	}
	document, errs := handler.Document(text)
	if len(errs) > 0 {
		return nil, errors.Join(append(wrong, inSeedFile(path, errs))...)
	}
	file.document = document
	for _, operation := range document.Operations {
		wrong = append(wrong, file.addOperation(operation))
	}
	return file, errors.Join(wrong...)
}

// readSeedText reads a file that is small enough, and text.
func readSeedText(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("%s: it is a link to what is not there", path)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s: want a file with mutations", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxSeedFile+1))
	if err != nil {
		return "", err
	}
	if len(content) > maxSeedFile {
		return "", fmt.Errorf("%s: it has more than %d bytes: divide it into several files", path, maxSeedFile)
	}
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	if !utf8.Valid(content) {
		return "", fmt.Errorf("%s:%d: it is not UTF-8", path, lineOfInvalid(content))
	}
	before, _, isAlone := bytes.Cut(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\r"))
	if isAlone {
		return "", fmt.Errorf("%s:%d: a carriage return alone ends no line: want \\n or \\r\\n", path, 1+bytes.Count(before, []byte("\n")))
	}
	return string(content), nil
}

func lineOfInvalid(content []byte) (line int) {
	for line = 1; ; line++ {
		text, rest, _ := bytes.Cut(content, []byte("\n"))
		if !utf8.Valid(text) || len(rest) == 0 {
			return line
		}
		content = rest
	}
}

// isOnlyComments tells whether a document has no token.
func isOnlyComments(text string) bool {
	for line := range strings.Lines(text) {
		if line = strings.Trim(line, " \t\r\n,"); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// inSeedFile returns what is wrong with a document, a line each.
func inSeedFile(path string, errs gqlerror.List) error {
	broken := make([]error, len(errs))
	for i, err := range errs {
		at := place{file: path}
		if len(err.Locations) > 0 {
			at.line, at.column = err.Locations[0].Line, err.Locations[0].Column
		}
		broken[i] = at.errorf("%s", err.Message)
	}
	return errors.Join(broken...)
}

// addOperation adds the steps of an operation.
func (f *seedFile) addOperation(operation *ast.OperationDefinition) error {
	at := placeOf(f.path, operation.Position)
	if operation.Operation != ast.Mutation {
		return at.errorf("a seed makes data: want a mutation, and not a %s", operation.Operation)
	}
	email := f.personAt(at.line)
	if email == "" {
		return at.errorf("nobody is named whom it is carried out as: write `# as ada@example.com` in a line above it")
	}
	fields := make(ast.SelectionSet, 0, len(operation.SelectionSet))
	for _, selection := range operation.SelectionSet {
		field, isField := selection.(*ast.Field)
		if !isField {
			return at.errorf("write the mutations in it themselves, and not by fragments")
		}
		if field.Name != "__typename" {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return at.errorf("there is no mutation in it")
	}
	if operation.Directives.ForName("transaction") != nil {
		f.addStep(at, email, gql.Part{Of: operation, Selections: fields, IsTransaction: true}, true)
		return nil
	}
	for _, selection := range fields {
		field := selection.(*ast.Field)
		isWhole := f.document.MayBePart(field.Name)
		f.addStep(placeOf(f.path, field.Position), email, gql.Part{Of: operation, Selections: ast.SelectionSet{field}, IsTransaction: isWhole}, isWhole)
	}
	return nil
}

func (f *seedFile) addStep(at place, email string, part gql.Part, isWhole bool) {
	step := &seedStep{place: at, index: len(f.steps), email: email, part: part, isWhole: isWhole, filled: map[string]seedName{}, made: map[string][]string{}}
	step.variables = f.document.Variables(part)
	step.hash = hashOfStep(step)
	f.steps = append(f.steps, step)
}

func placeOf(path string, position *ast.Position) place {
	return place{path, position.Line, position.Column}
}

// hashOfStep tells a step from one that would do something else. What is selected of the answer makes no
// difference, nor do spaces and comments.
func hashOfStep(step *seedStep) string {
	hash := sha256.New()
	fmt.Fprintln(hash, step.email, step.part.Of.Directives.ForName("transaction") != nil)
	for _, field := range step.fields() {
		bare := *field
		bare.SelectionSet, bare.Comment = nil, nil
		formatter.NewFormatter(hash).FormatQueryDocument(&ast.QueryDocument{Operations: ast.OperationList{{
			Operation: ast.Mutation, VariableDefinitions: step.variables, SelectionSet: ast.SelectionSet{&bare},
		}}})
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// A seedName is what a variable may be called after: an alias of a mutation, or a person.
type seedName struct {
	place
	step  *seedStep // nil: of a person
	email string
}

// bind finds what fills each variable: what is named so before, and once.
func bind(files []*seedFile) error {
	var (
		names   = map[string][]seedName{}
		people  = map[string]bool{}
		broken  []error
		addName = func(name string, is seedName) { names[name] = append(names[name], is) }
	)
	for _, file := range files {
		for _, person := range file.people {
			if !people[person.email] {
				people[person.email] = true
				addName(variableOf(person.email), seedName{place: person.place, email: person.email})
			}
		}
	}
	for _, file := range files {
		for _, step := range file.steps {
			for _, variable := range step.variables {
				at := placeOf(step.file, variable.Position)
				switch is := names[variable.Variable]; {
				case len(is) > 1:
					broken = append(broken, at.errorf("$%s could be what is named so at %v, or at %v: give one of them another alias", variable.Variable, is[0].place, is[1].place))
				case len(is) == 1:
					step.filled[variable.Variable] = is[0]
				case variable.DefaultValue == nil:
					broken = append(broken, at.errorf(
						"nothing fills $%s: want the alias of a mutation above, as in `%[1]s: createThing(…)`, or the part before the @ of somebody's address", variable.Variable))
				}
			}
			for _, field := range step.fields() {
				if field.Alias != field.Name {
					addName(field.Alias, seedName{place: placeOf(step.file, field.Position), step: step})
				}
			}
		}
	}
	return errors.Join(broken...)
}

// variableOf is the name of the variable that a person fills.
func variableOf(email string) string {
	local, _, _ := strings.Cut(email, "@")
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r == '_' || 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9') {
			return r
		}
		return '_'
	}, local)
	return cmp.Or(name, "_")
}

package dynamolocal

import (
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryMessageHasACase reads the package's source and fails where an error that a client can get
// has a message that no case of testdata has in its answer. A message is what stands as the format
// of a function with a parameter "format", or as the Message of an error. Of
// testdata/localtexts.txt, every text of AWS's must be one that the engine can make.
func TestEveryMessageHasACase(t *testing.T) {
	messages := sourceMessages(t)
	if len(messages) < 200 {
		t.Fatalf("found %d messages: the source is not read as it is written", len(messages))
	}
	var answers []string
	for _, dir := range []string{"suite", "requests", "streams", "tools"} {
		for _, f := range suiteFiles(t, "testdata/"+dir) {
			for _, c := range f.cases {
				answers = append(answers, c.want)
			}
		}
	}
	all := strings.Join(answers, "\n")
	tests := testNames(t)
	for _, m := range messages {
		if !m.pattern.MatchString(all) && !tests[elsewhere[m.text]] {
			t.Errorf("%s: no case has the message %q", m.position, m.text)
		}
	}
	for _, text := range readLocalTexts(t) {
		for _, aws := range text.aws {
			if !slices.ContainsFunc(answers, aws.MatchString) && !matchesReason(aws, answers) {
				t.Errorf("testdata/localtexts.txt: no case has %s", aws)
			}
		}
	}
}

// testNames are the names of the package's tests.
func testNames(t *testing.T) map[string]bool {
	names := map[string]bool{}
	paths, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range testNameRE.FindAllStringSubmatch(string(source), -1) {
			names[match[1]] = true
		}
	}
	return names
}

var testNameRE = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// matchesReason is whether a text is the reason of a canceled transaction.
func matchesReason(text *regexp.Regexp, answers []string) bool {
	for _, a := range answers {
		for _, reason := range strings.Split(a, `"Message":"`)[1:] {
			message, _, _ := strings.Cut(reason, `"}`)
			if text.MatchString("ValidationException: " + message) {
				return true
			}
		}
	}
	return false
}

// A sourceMessage is a message in the source.
type sourceMessage struct {
	position, text string
	pattern        *regexp.Regexp
}

func sourceMessages(t *testing.T) []sourceMessage {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := gotoken.NewFileSet()
	var files []*ast.File
	r := messageReader{constants: map[string]ast.Expr{}, formats: map[string]int{}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		file, err := goparser.ParseFile(fset, path, source, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
		ast.Inspect(file, r.declaration)
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range r.messages(n) {
				// What has no words is told by whom it is called with.
				if format, words := r.format(e); words {
					r.found = append(r.found, sourceMessage{fset.Position(e.Pos()).String(), format, formatPattern(format)})
				}
			}
			return true
		})
	}
	return r.found
}

// A messageReader finds messages: the constants of the package, and which of a function's arguments
// is a format.
type messageReader struct {
	constants map[string]ast.Expr
	formats   map[string]int
	found     []sourceMessage
}

// declaration notes constants and functions with a parameter "format".
func (r *messageReader) declaration(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		for _, s := range n.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && n.Tok == gotoken.CONST {
				for i, name := range v.Names {
					if i < len(v.Values) {
						r.constants[name.Name] = v.Values[i]
					}
				}
			}
		}
	case *ast.FuncDecl:
		r.function(n.Name.Name, n.Type)
	case *ast.AssignStmt:
		for i, right := range n.Rhs {
			if f, ok := right.(*ast.FuncLit); ok {
				if name, ok := n.Lhs[i].(*ast.Ident); ok {
					r.function(name.Name, f.Type)
				}
			}
		}
	}
	return true
}

// function notes which argument is the format, if the function makes an error: it returns one, or the
// parser or the constraints keep it.
func (r *messageReader) function(name string, f *ast.FuncType) {
	makesError := name == "refuse" || name == "violated"
	if f.Results != nil {
		for _, result := range f.Results.List {
			id, ok := result.Type.(*ast.Ident)
			makesError = makesError || ok && id.Name == "error"
		}
	}
	if !makesError {
		return
	}
	i := 0
	for _, p := range f.Params.List {
		for _, n := range p.Names {
			if n.Name == "format" {
				r.formats[name] = i
			}
			i++
		}
	}
}

// messages are the expressions of a node that are messages.
func (r *messageReader) messages(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if i, ok := r.formats[name]; ok && i < len(n.Args) {
			return n.Args[i : i+1]
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Message" {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		// p.syntax, and the Message of an error
		if s, ok := n.Lhs[0].(*ast.SelectorExpr); ok && (s.Sel.Name == "syntax" || s.Sel.Name == "Message") && len(n.Lhs) == 1 {
			return n.Rhs
		}
	}
	return nil
}

// format is an expression as a format, in which %v stands for what is not constant; words is whether
// anything else is in it.
func (r *messageReader) format(e ast.Expr) (format string, words bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == gotoken.STRING {
			return text, strings.Trim(verbRE.ReplaceAllString(text, ""), " :") != ""
		}
	case *ast.Ident:
		if value, ok := r.constants[e.Name]; ok {
			return r.format(value)
		}
	case *ast.BinaryExpr:
		left, words := r.format(e.X)
		right, more := r.format(e.Y)
		return left + right, words || more
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && len(e.Args) > 0 && (f.Sel.Name == "String" || f.Sel.Name == "Sprintf") {
			return r.format(e.Args[0])
		}
	}
	return "%v", false
}

var verbRE = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// formatPattern finds the messages that a format makes.
func formatPattern(format string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?s)")
	last := 0
	for _, at := range verbRE.FindAllStringIndex(format, -1) {
		b.WriteString(regexp.QuoteMeta(format[last:at[0]]) + ".*?")
		last = at[1]
	}
	b.WriteString(regexp.QuoteMeta(format[last:]))
	return regexp.MustCompile(b.String())
}

// elsewhere are the messages that no request of a file can get, by the tests that have them.
var elsewhere = map[string]string{
	"Subscriber limit exceeded: There is a limit of %d tables per subscriber":                                                                 "TestTooManyTables",
	"Cannot read from backfilling global secondary index: %s":                                                                                 "TestIndexIsBackfilledBesideWrites",
	"Requested update for policy with revision id %s, but the policy associated to target %s has revision id %s.":                             "TestPolicyRevisions",
	"the disk is full, and nothing was written (%s: %v): free space on it, and send the request again; reads go on, and no restart is needed": "TestFullDisk",
	"only for programs on this machine: a request with an Origin or a foreign Host is refused":                                                "TestProtocol",
	"the request has more than %d bytes":                                                                                                      "TestCompressedRequests",
	"The operation attempted to read past the oldest stream record in a shard.":                                                               "TestTrim",
	"Iterator expired.": "TestIteratorsExpire",
}

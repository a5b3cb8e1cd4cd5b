package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/ownql/ownql/internal/docs"
	"github.com/ownql/ownql/internal/modelgen"
	"github.com/ownql/ownql/internal/modelgen/sdl"
)

var operation = regexp.MustCompile(`^(?:#[^\n]*\s+)*(?:query|mutation|subscription|fragment|\{)`)

func isOperation(block docs.Block) bool { return operation.MatchString(block.Text) }

// A pageSchemas has the types that a page has shown, and the public schema of its last block of SDL.
type pageSchemas struct {
	types  map[string]string // by their names
	public string
}

// typeName is what may be the name of a type.
var typeName = regexp.MustCompile(`\b[A-Z]\w*`)

// generate generates from the starter's schema, in which a block of SDL stands in the place of the types with @model. What the
// block names and does not have is taken from the blocks of the page before it, or from the comment above it. A `type User` of a
// block adds to the starter's.
func (p *pageSchemas) generate(t *testing.T, block docs.Block) {
	t.Helper()
	text := block.Text
	if whole := regexp.MustCompile(`(?m)^\s*…$`); whole.MatchString(block.Hidden) {
		text = whole.ReplaceAllLiteralString(block.Hidden, text)
	} else {
		text = block.Hidden + "\n" + text
	}
	shown, extensions := definitions(t, text)
	if p.types == nil {
		p.types = map[string]string{}
	}
	for name, text := range shown {
		p.types[name] = text
	}
	named := map[string]bool{}
	var name func(text string)
	name = func(text string) {
		for _, other := range typeName.FindAllString(text, -1) {
			if definition, ok := p.types[other]; ok && !named[other] && (other != "User" || shown["User"] != "") {
				named[other] = true
				name(definition)
			}
		}
	}
	name(text)
	document := p.starter(t, named["User"])
	for other := range named {
		if other != "User" {
			document += "\n" + p.types[other]
		}
	}
	document += "\n" + extensions
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sdl.Source), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := modelgen.Expand(dir); err != nil {
		t.Fatalf("%v\nof\n%s", err, strings.TrimPrefix(document, p.starter(t, false)))
	}
	p.public = filepath.Join(dir, "graph", "schema.graphqls")
	public, err := os.ReadFile(p.public)
	if err != nil {
		t.Fatal(err)
	}
	p.public = string(public)
}

// starter is the starter's schema without its types with @model, and with the fields of the page's User.
func (p *pageSchemas) starter(t *testing.T, withUser bool) string {
	t.Helper()
	text, err := os.ReadFile(inRepository(sdl.Source))
	if err != nil {
		t.Fatal(err)
	}
	base := regexp.MustCompile(`(?s)\n("[^\n]*"\n)?type \w+ implements Node @model.*$`).ReplaceAllString(string(text), "")
	if base == string(text) {
		t.Fatalf("no type with @model ends\n%s", base)
	}
	if !withUser {
		return base
	}
	types, extensions := definitions(t, base)
	if extensions != "" {
		t.Fatalf("the starter extends types")
	}
	own := fieldsOf(t, p.types["User"])
	var user strings.Builder
	user.WriteString("type User implements Node {\n")
	for name, field := range fieldsOf(t, types["User"]) {
		if _, ok := own[name]; !ok {
			user.WriteString(field + "\n")
		}
	}
	for _, field := range own {
		user.WriteString(field + "\n")
	}
	types["User"] = user.String() + "}\n"
	all := ""
	for _, definition := range types {
		all += definition + "\n"
	}
	return all
}

// definitions returns the text of each definition by its name, that of directives by `@` and the name; and all extensions.
func definitions(t *testing.T, text string) (types map[string]string, extensions string) {
	t.Helper()
	document, err := parser.ParseSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%v\nof\n%s", err, text)
	}
	type part struct {
		name string // empty: an extension
		at   int
	}
	var parts []part
	for _, definition := range document.Definitions {
		parts = append(parts, part{definition.Name, definition.Position.Line})
	}
	for _, directive := range document.Directives {
		parts = append(parts, part{"@" + directive.Name, directive.Position.Line})
	}
	for _, extension := range document.Extensions {
		parts = append(parts, part{"", extension.Position.Line})
	}
	slices.SortFunc(parts, func(a, b part) int { return a.at - b.at })
	lines := slices.Collect(strings.Lines(text + "\n"))
	types = map[string]string{}
	for i, part := range parts {
		end := len(lines)
		if i+1 < len(parts) {
			end = parts[i+1].at - 1
		}
		own := strings.Join(lines[part.at-1:end], "")
		if own = regexp.MustCompile(`(?m)\n"[^\n]*"\s*\z`).ReplaceAllString(own, "\n"); part.name == "" {
			extensions += own
		} else {
			types[part.name] = own
		}
	}
	return types, extensions
}

// fieldsOf returns the text of each field of a definition.
func fieldsOf(t *testing.T, definition string) map[string]string {
	t.Helper()
	document, err := parser.ParseSchema(&ast.Source{Input: definition})
	if err != nil {
		t.Fatal(err)
	}
	lines, fields := slices.Collect(strings.Lines(definition)), map[string]string{}
	for _, field := range document.Definitions[0].Fields {
		fields[field.Name] = strings.TrimSpace(lines[field.Position.Line-1])
	}
	return fields
}

// validate holds a document to the public schema of the SDL before it, or of the project that its info names.
func (p *pageSchemas) validate(t *testing.T, block docs.Block) {
	t.Helper()
	public := p.public
	if project := block.Option("schema"); project != "" {
		public = contentOf(t, project+"/graph/schema.graphqls")
	} else if block.Hidden != "" {
		var own pageSchemas
		own.generate(t, docs.Block{Text: block.Hidden})
		public = own.public
	}
	if public == "" {
		t.Fatal("there is no schema for this document: name a project by schema=…, or write the types into a comment <!-- sdl …-->")
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: public})
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := gqlparser.LoadQueryWithRules(schema, block.Text, nil); len(errs) > 0 {
		t.Errorf("%v\n%s", errs, block.Text)
	}
}

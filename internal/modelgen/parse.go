package modelgen

import (
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

//go:embed directives.graphqls
var directives string

// ours are the directives that the public schema does not show.
var ours = []string{"model", "auth", "index", "hasMany", "belongsTo", "default", "validate", "unique", "immutable", "computed", "readOnly"}

// Load reads schema.graphqls of the project at root, and what its packages have by
// hand. The error is Problems where the schema is wrong.
func Load(root string) (*Schema, error) {
	sdl, err := os.ReadFile(filepath.Join(root, source))
	if err != nil {
		return nil, err
	}
	byHand, err := readByHand(root)
	if err != nil {
		return nil, err
	}
	return parse(string(sdl), byHand)
}

// reader makes a Schema of a document, and goes on past what is wrong with it.
type reader struct {
	Problems
	schema *Schema
	types  map[string]*ast.Definition
}

func parse(sdl string, byHand *handwritten) (*Schema, error) {
	r := &reader{types: map[string]*ast.Definition{}}
	document, err := r.readDocument(sdl)
	if err != nil {
		return nil, problemsOf(err)
	}
	r.schema = &Schema{document: document, byHand: byHand, User: &User{}}
	for _, definition := range document.Definitions {
		r.types[definition.Name] = definition
	}
	r.readModels()
	r.checkExtensions()
	r.checkPlaces()
	r.checkNames()
	r.checkCycles()
	r.checkDirectives()
	r.checkArguments()
	r.checkInterfaces()
	r.checkGraphQL(sdl)
	if err := r.err(); err != nil {
		return nil, err
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Name: publicFile, Input: r.schema.Public()}); err != nil {
		return nil, Problems{{Line: 1, Column: 1, Message: "what this expands into is no schema: " + problemsOf(err)[0].Message}}
	}
	return r.schema, nil
}

// problemsOf makes ours of what gqlparser says: in lower case, without its full stop.
func problemsOf(err error) Problems {
	var problem *gqlerror.Error
	if !errors.As(err, &problem) {
		return Problems{{Line: 1, Column: 1, Message: err.Error()}}
	}
	message := strings.TrimSuffix(problem.Message, ".")
	if strings.HasPrefix(message, "Undefined type") {
		message += ": declare it, or correct the name"
	}
	found := Problem{Line: 1, Column: 1, Message: strings.ToLower(message[:1]) + message[1:]}
	if len(problem.Locations) > 0 && problem.Locations[0].Line > 0 {
		found.Line, found.Column = problem.Locations[0].Line, problem.Locations[0].Column
	}
	found.file, _ = problem.Extensions["file"].(string)
	return Problems{found}
}

// readModels reads every type with @model: first their names, then their fields,
// then what one says of another.
func (r *reader) readModels() {
	for _, definition := range r.schema.document.Definitions {
		directive := definition.Directives.ForName("model")
		if directive == nil || definition.Kind != ast.Object || !r.mayBeModel(definition) {
			continue
		}
		r.schema.Models = append(r.schema.Models, r.model(definition, directive))
	}
	if len(r.schema.Models) > 0 {
		r.checkHouse()
	}
	for _, model := range r.schema.Models {
		for _, definition := range model.definition.Fields {
			if definition.Name != "id" && !r.isReserved(model, definition) {
				model.Fields = append(model.Fields, r.field(model, definition))
			}
		}
		r.checkID(model)
	}
	r.readUser()
	for _, model := range r.schema.Models {
		for _, field := range model.Fields {
			r.link(field)
		}
	}
	for _, model := range r.schema.Models {
		for _, field := range model.Fields {
			r.readIndexes(field)
		}
		r.readRules(model)
	}
	for _, model := range r.schema.Models {
		for _, field := range model.Fields {
			r.wantText(field)
		}
	}
	r.keepTypesInOrder()
	r.setApart()
}

func (r *reader) model(definition *ast.Definition, directive *ast.Directive) *Model {
	model := &Model{
		Name:        definition.Name,
		Plural:      pluralOf(lowerCamel(definition.Name)),
		Description: definition.Description,
		abstract:    r.abstract(definition),
		definition:  definition,
		byHand:      r.schema.byHand,
	}
	if plural, ok := r.text(directive, "plural"); ok {
		model.Plural, model.plural = plural, true
		r.checkPlural(directive, plural)
	}
	return model
}

// abstract returns the interfaces and unions that a type is of.
func (r *reader) abstract(definition *ast.Definition) []string {
	names := slices.Clone(definition.Interfaces)
	for _, other := range r.schema.document.Definitions {
		if other.Kind == ast.Union && slices.Contains(other.Types, definition.Name) {
			names = append(names, other.Name)
		}
	}
	return names
}

// keepTypesInOrder puts enums and objects into the file's order.
func (r *reader) keepTypesInOrder() {
	place := map[string]int{}
	for i, definition := range r.schema.document.Definitions {
		place[definition.Name] = i
	}
	slices.SortFunc(r.schema.Enums, func(a, b *Enum) int { return place[a.Name] - place[b.Name] })
	slices.SortFunc(r.schema.Objects, func(a, b *Object) int { return place[a.Name] - place[b.Name] })
}

// text reads a directive's argument that is a string.
func (r *reader) text(directive *ast.Directive, name string) (string, bool) {
	argument := directive.Arguments.ForName(name)
	if argument == nil {
		return "", false
	}
	if argument.Value.Kind != ast.StringValue && argument.Value.Kind != ast.BlockValue {
		r.report(argument.Value.Position, "%s of @%s is a string: write %s: %q", name, directive.Name, name, argument.Value.Raw)
		return "", false
	}
	return argument.Value.Raw, true
}

// word reads a value that is one of some names without quotes.
func (r *reader) word(value *ast.Value, what string, allowed []string) (string, bool) {
	switch {
	case value.Kind == ast.StringValue && slices.Contains(allowed, value.Raw):
		r.report(value.Position, "%s is a name, not a string: write %s without quotes", what, value.Raw)
	case value.Kind != ast.EnumValue || !slices.Contains(allowed, value.Raw):
		r.report(value.Position, "%s cannot be %s: write %s", what, value, oneOf(allowed))
	default:
		return value.Raw, true
	}
	return "", false
}

package schema

import (
	_ "embed"
	"os"
	"path/filepath"
	"slices"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

//go:embed directives.graphqls
var directives string

// ours are the directives that the public schema does not show.
var ours = []string{"model", "auth", "index", "hasMany", "manyToMany", "belongsTo", "default", "validate", "unique", "immutable", "computed", "readOnly", "renamed"}

// Load reads schema.graphqls of the project at root, and what its packages have by
// hand. The error is Problems where the schema is wrong.
func Load(root string) (*Schema, error) {
	content, err := os.ReadFile(filepath.Join(root, sdl.Source))
	if err != nil {
		return nil, err
	}
	byHand, err := readByHand(root)
	if err != nil {
		return nil, err
	}
	return parse(string(content), byHand)
}

// reader makes a Schema of a document, and goes on past what is wrong with it.
type reader struct {
	sdl.Problems
	schema *Schema
	types  map[string]*ast.Definition
}

// Parse reads the text of a schema.graphqls, of a project that has nothing by hand.
func Parse(text string) (*Schema, error) { return parse(text, &handwritten{}) }

func parse(text string, byHand *handwritten) (*Schema, error) {
	r := &reader{types: map[string]*ast.Definition{}}
	document, err := r.readDocument(text)
	if err != nil {
		return nil, sdl.ProblemsOf(err)
	}
	r.schema = &Schema{document: document, byHand: byHand, User: &User{}}
	for _, definition := range document.Definitions {
		r.types[definition.Name] = definition
	}
	r.schema.users = &Model{Name: "User", Plural: "users", definition: r.types["User"], byHand: byHand, schema: r.schema}
	r.readModels()
	r.checkExtensions()
	r.checkPlaces()
	r.checkNames()
	r.checkBulk()
	r.checkCycles()
	r.checkDirectives()
	r.checkArguments()
	r.checkInterfaces()
	r.checkGraphQL(text)
	if len(r.Problems) == 0 { // or the rules may not be what is meant, or ask each other without end
		r.checkVetoes()
		r.checkFieldRules()
		r.checkMovable()
		r.checkPeople()
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if _, err := gqlparser.LoadSchema(&ast.Source{Name: PublicFile, Input: r.schema.Public()}); err != nil {
		return nil, sdl.Problems{{Line: 1, Column: 1, Message: "what this expands into is no schema: " + sdl.ProblemsOf(err)[0].Message}}
	}
	return r.schema, nil
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
	for _, list := range r.schema.User.HasMany() {
		r.link(list)
	}
	for _, model := range r.schema.Models {
		for _, field := range model.Fields {
			r.readIndexes(field)
		}
		r.readRules(model)
		r.readFieldRules(model)
		r.readTypeIndexes(model)
		r.readTypeUniques(model)
	}
	r.linkMembers()
	r.linkInvitations()
	r.checkOwnerDelete()
	r.checkTransfers()
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
		schema:      r.schema,
	}
	if plural, ok := r.text(directive, "plural"); ok {
		model.Plural, model.plural = plural, true
		r.checkPlural(directive, plural)
	}
	r.readTable(model, directive)
	model.IsListed = r.flag(directive, "list")
	model.bulk = r.flag(directive, "bulk")
	if _, ok := r.text(directive, "invitesTo"); ok {
		model.invitesTo = directive.Arguments.ForName("invitesTo").Value
	}
	r.readOwnerDelete(model, directive)
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
		r.Report(argument.Value.Position, "%s of @%s is a string: write %s: %q", name, directive.Name, name, argument.Value.Raw)
		return "", false
	}
	return argument.Value.Raw, true
}

// flag reads a directive's argument that is true or false; false where it is absent.
func (r *reader) flag(directive *ast.Directive, name string) bool {
	argument := directive.Arguments.ForName(name)
	if argument == nil {
		return false
	}
	if argument.Value.Kind != ast.BooleanValue {
		r.Report(argument.Value.Position, "%s of @%s is true or false: write %s: true", name, directive.Name, name)
		return false
	}
	return argument.Value.Raw == "true"
}

// word reads a value that is one of some names without quotes.
func (r *reader) word(value *ast.Value, what string, allowed []string) (string, bool) {
	switch {
	case value.Kind == ast.StringValue && slices.Contains(allowed, value.Raw):
		r.Report(value.Position, "%s is a name, not a string: write %s without quotes", what, value.Raw)
	case value.Kind != ast.EnumValue || !slices.Contains(allowed, value.Raw):
		r.Report(value.Position, "%s cannot be %s: write %s", what, value, sdl.OneOf(allowed))
	default:
		return value.Raw, true
	}
	return "", false
}

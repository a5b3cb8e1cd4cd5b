package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// readDocument reads schema.graphqls, with extensions merged into what they extend, and what
// is misspelt corrected as far as that can be guessed: so that one mistake is told as one.
func (r *reader) readDocument(text string) (*ast.SchemaDocument, error) {
	document, err := parser.ParseSchema(&ast.Source{Name: sdl.Source, Input: text})
	if err != nil {
		return nil, err
	}
	r.dropRepeated(document)
	r.mergeExtensions(document)
	known := knownDirectives(document)
	for _, list := range sdl.DirectiveLists(document) {
		*list = r.spelled(*list, known)
	}
	return document, nil
}

// dropRepeated reports types that are declared twice, and keeps the first of each.
func (r *reader) dropRepeated(document *ast.SchemaDocument) {
	seen := map[string]bool{}
	document.Definitions = slices.DeleteFunc(document.Definitions, func(definition *ast.Definition) bool {
		isAgain := seen[definition.Name]
		if isAgain {
			r.Report(definition.Position, "%s is there twice: remove one of the two, or give it another name", definition.Name)
		}
		seen[definition.Name] = true
		return isAgain
	})
}

// mergeExtensions merges extensions into what they extend. Those of nothing that is declared
// are left in the document.
func (r *reader) mergeExtensions(document *ast.SchemaDocument) {
	var alone ast.DefinitionList
	for _, extension := range document.Extensions {
		base := document.Definitions.ForName(extension.Name)
		switch {
		case base == nil && extension.Name == "Mutation" && extension.Kind == ast.Object: // it is generated
			document.Definitions = append(document.Definitions, extension)
			continue
		case base == nil:
			alone = append(alone, extension)
			continue
		case base.Kind != extension.Kind:
			r.Report(extension.Position, "%s is no %s: write extend %s %[1]s", extension.Name, sdl.Keywords[extension.Kind], sdl.Keywords[base.Kind])
			continue
		}
		base.Directives = append(base.Directives, extension.Directives...)
		base.Interfaces = append(base.Interfaces, extension.Interfaces...)
		base.Fields = append(base.Fields, extension.Fields...)
		base.Types = append(base.Types, extension.Types...)
		base.TypePositions = append(base.TypePositions, extension.TypePositions...)
		base.EnumValues = append(base.EnumValues, extension.EnumValues...)
	}
	document.Extensions = alone
}

// checkExtensions reports extensions of what does not exist, or is generated.
func (r *reader) checkExtensions() {
	var names []string
	for _, definition := range r.schema.document.Definitions {
		names = append(names, definition.Name)
	}
	for _, extension := range r.schema.document.Extensions {
		of := extension.Name
		isOf := func(generated generatedType) bool { return generated.name == of }
		switch i := slices.IndexFunc(r.schema.generatedTypes(), isOf); {
		case i < 0:
			r.Report(extension.Position, "there is no %s %s to extend%s", sdl.Keywords[extension.Kind], of, orMeant(of, names, ""))
		case r.schema.generatedTypes()[i].by == "":
			r.Report(extension.Position, "%s is generated, so it cannot be extended: remove this, and make a type of your own", of)
		default:
			r.Report(extension.Position, "%s is generated for %s, so it cannot be extended: remove this, and make a type of your own", of, r.schema.generatedTypes()[i].by)
		}
	}
	for _, extension := range r.schema.document.SchemaExtension {
		r.Report(extension.Position, "the root types are Query and Mutation: remove extend schema")
	}
	if subscription := r.types["Subscription"]; subscription != nil {
		r.Report(subscription.Position, "the server has no subscriptions yet, so nothing would answer them: remove type Subscription")
	}
}

// builtIn are the directives of GraphQL itself.
var builtIn = []string{"deprecated", "specifiedBy", "oneOf", "include", "skip"}

func knownDirectives(document *ast.SchemaDocument) []string {
	known := slices.Concat(ours, builtIn)
	for _, directive := range document.Directives {
		known = append(known, directive.Name)
	}
	return known
}

// spelled reports directives that nobody knows. It corrects those that are almost one that
// is known, and leaves out the others.
func (r *reader) spelled(list ast.DirectiveList, known []string) ast.DirectiveList {
	return slices.DeleteFunc(list, func(directive *ast.Directive) bool {
		if slices.Contains(known, directive.Name) {
			return false
		}
		nearest := sdl.Nearest(directive.Name, known)
		if nearest == "" {
			r.Report(directive.Position, "undefined directive @%s: the directives are @%s", directive.Name, strings.Join(ours, ", @"))
			return true
		}
		r.Report(directive.Position, "undefined directive @%s: did you mean @%s?", directive.Name, nearest)
		directive.Name = nearest
		return false
	})
}

// orMeant asks whether one of the known names was meant, or declares that none was.
func orMeant(name string, known []string, mark string) string {
	if nearest := sdl.Nearest(name, known); nearest != "" {
		return ": did you mean " + mark + nearest + "?"
	}
	return ": declare it first, or remove this"
}

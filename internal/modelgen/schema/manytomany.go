package schema

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// This file reads @manyToMany, and makes the connection of such a list, whose edges have fields of the
// links. A link is an object that belongs to both sides.

// readManyToMany reads a list of what links join with an object.
func (r *reader) readManyToMany(field *Field, directive *ast.Directive, target *Model) {
	field.Kind = KindComputed
	through, ok := r.text(directive, "through")
	links := r.schema.Model(through)
	switch {
	case directive.Arguments.ForName("through") == nil:
		r.Report(directive.Position, `@manyToMany needs the type of the links: write @manyToMany(through: "…")`)
	case !ok:
	case links == nil:
		r.Report(directive.Position, "%s is no type with @model: name one that belongs to %s and to %s", through, field.Model.Name, field.TypeName)
	case target == nil:
		r.Report(directive.Position, "%s is no type with @model: list the %s by @hasMany", field.TypeName, links.ProsePlural())
	case field.definition.Type.String() != "["+target.Name+"!]!":
		r.Report(field.position(), "a field with @manyToMany is a list without nulls: write %s: [%s!]! @manyToMany(through: %q)", field.Name, target.Name, through)
	case len(field.definition.Arguments) > 0:
		r.Report(field.position(), "a field with @manyToMany gets its arguments from modelgen: remove them")
	default:
		field.Kind, field.Target, field.Through = KindManyToMany, target, links
	}
	r.refuseDirectives(field.definition, "a list of what is linked", "manyToMany")
}

// linkSides finds the fields by which the links of a manyToMany belong to either side.
func (r *reader) linkSides(field *Field) {
	directive := field.directive("manyToMany")
	side := func(of *Model, besides *Field) Fields {
		return field.Through.selected(func(f *Field) bool { return f.Kind == KindBelongsTo && f.Target == of && f != besides })
	}
	near := side(field.Model, nil)
	if name, ok := r.text(directive, "field"); ok {
		near = slices.DeleteFunc(near, func(f *Field) bool { return f.Name != name })
		if len(near) == 0 {
			r.Report(directive.Position, "%s has no @belongsTo field %s of type %s: correct the name, or remove it", field.Through.Name, name, field.Model.Name)
			return
		}
	}
	if !r.isOneSide(field, near, field.Model) {
		return
	}
	far := side(field.Target, near[0])
	if r.isOneSide(field, far, field.Target) {
		field.Inverse, field.Far = near[0], far[0]
	}
}

// isOneSide tells whether the links belong to a type by one field, and reports it otherwise.
func (r *reader) isOneSide(field *Field, found Fields, of *Model) bool {
	directive, links := field.directive("manyToMany"), field.Through
	switch {
	case len(found) == 0:
		r.Report(directive.Position, "%s does not belong to %s: add %s: %s! @belongsTo(onDelete: CASCADE) to it", links.Name, of.Name, of.Singular(), of.Name)
	case len(found) > 1 && of == field.Model:
		r.Report(directive.Position, "%s has %d @belongsTo fields of type %s: say which is this side, @manyToMany(through: %q, field: %q)", links.Name, len(found), of.Name, links.Name, found[0].Name)
	case len(found) > 1:
		r.Report(directive.Position, "%s belongs to %s by %d fields, and nobody could tell which is meant: keep one", links.Name, of.Name, len(found))
	}
	return len(found) == 1
}

// ManyToMany returns the manyToMany fields whose both sides are known.
func (list Fields) ManyToMany() Fields {
	return list.selected(func(f *Field) bool { return f.Kind == KindManyToMany && f.Far != nil })
}

// LinkUnique returns the @unique by which it is known whether two objects are linked; nil: there is none.
func (f *Field) LinkUnique() *TypeUnique {
	for _, unique := range f.Through.TypeUniques {
		is := func(side *Field) bool {
			return slices.ContainsFunc(unique.Fields, func(part IndexPart) bool { return part.Field == side })
		}
		if len(unique.Fields) == 2 && is(f.Inverse) && is(f.Far) {
			return unique
		}
	}
	return nil
}

// Linked returns the manyToMany fields that a filter may have conditions on.
func (m *Model) Linked() Fields {
	return m.ManyToMany().selected(func(f *Field) bool {
		return f.LinkUnique() != nil && !slices.Contains(combiners, f.Name) && !m.schema.Resolves(m.Name, templates.ToGo(f.Name))
	})
}

// linkFilter is the input of conditions on what is linked.
const linkFilter = "ManyToManyFilter"

// linkFilterOf returns it.
func linkFilterOf() *ast.Definition {
	return inputOf(linkFilter, "What must be linked.", field("contains", "ID", "The object with this id is."))
}

// pageName is what the types of the list's pages are called: `IssueLabels`.
func (f *Field) pageName() string { return f.Model.Name + UpperFirst(f.Name) }

// ConnectionName is the type of the list's pages.
func (f *Field) ConnectionName() string { return f.pageName() + "Connection" }

// EdgeName is the type of the edges of these.
func (f *Field) EdgeName() string { return f.pageName() + "Edge" }

// GoEdge is the Go type of the edges, and GoConnection that of the pages.
func (f *Field) GoEdge() string { return GoTypeName(f.EdgeName()) }

// GoConnection is the Go type of the pages.
func (f *Field) GoConnection() string { return GoTypeName(f.ConnectionName()) }

// LinkedMethod is the method of Store that gives a page: `ListIssueLabels`.
func (f *Field) LinkedMethod() string { return "List" + f.Model.Name + templates.ToGo(f.Name) }

// edgeFields are the names in Go of what every edge has.
var edgeFields = []string{"Cursor", "Node", "Link"}

// OfLinks returns the fields of the links that the edges have: those that are kept, and that everybody
// reads as they are, but for relations.
func (f *Field) OfLinks() Fields {
	taken := []string{"cursor", "node", f.Through.Singular()}
	return f.Through.Filterable().selected(func(own *Field) bool {
		return own.Kind != KindBelongsTo && !slices.Contains(taken, own.Name) && !slices.Contains(edgeFields, own.GoName())
	})
}

// linkedTypes returns the types of the list's pages.
func (f *Field) linkedTypes() []*ast.Definition {
	link, node := f.Through, f.Target
	edge := object(f.EdgeName(), sentence(node.ProseArticle()+" of a page"),
		field("cursor", "String!", "Its place in the list, for `after` and `before`."),
		field("node", node.Name+"!", sentence("the "+node.Prose())),
		field(link.Singular(), link.Name+"!", sentence("the "+link.Prose()+" that links the two")))
	for _, own := range f.OfLinks() {
		edge.Fields = append(edge.Fields, own.public())
	}
	return []*ast.Definition{
		object(f.ConnectionName(), sentence("a page of "+node.ProsePlural()),
			field("edges", "["+f.EdgeName()+"!]!", sentence("the "+node.ProsePlural()+" of the page, each with its cursor and its "+link.Prose())),
			field("pageInfo", "PageInfo!", "Where the page stands in the list.")),
		edge,
	}
}

package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// readMovable reads whether updates may give an object another parent.
func (r *reader) readMovable(field *Field, directive *ast.Directive) {
	argument := directive.Arguments.ForName("movable")
	switch {
	case argument == nil:
	case argument.Value.Kind != ast.BooleanValue:
		r.Report(argument.Value.Position, "movable is true or false: write movable: true")
	case argument.Value.Raw == "false":
	case field.IsUser():
		r.Report(argument.Position, "an update changes who may be nobody, and no other user: remove movable")
	default:
		field.Movable = true
	}
}

// checkMovable reports parents that cannot be others without contradiction.
func (r *reader) checkMovable() {
	for _, model := range r.schema.Models {
		for _, field := range model.Parents() {
			position := field.definition.Position
			switch {
			case !field.Movable:
			case model.Membership != nil && model.Membership.Object == field:
				r.Report(position, "a membership is of one %s, and one user: remove movable, since whoever is to be a member elsewhere gets another", field.Target.Prose())
			case model.Invitation.isFixed(field):
				r.Report(position, "an invitation is to one %s: remove movable, since another is mailed for another", field.Target.Prose())
			case leadsTo(field.Target, model):
				r.Report(position, "%s could be moved below what belongs to it, where nobody finds it: remove movable from %s", model.Name, field.Name)
			}
		}
	}
}

// leadsTo tells whether objects of a model are, or belong to, objects of another at any depth.
func leadsTo(from, to *Model) bool {
	seen := map[*Model]bool{}
	var leads func(*Model) bool
	leads = func(at *Model) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		return slices.ContainsFunc(at.Parents(), func(f *Field) bool { return !f.IsUser() && leads(f.Target) })
	}
	return leads(from)
}

// IsKept tells whether objects keep the id of what the path leads to. They do not where what is between may move:
// not all that is below it could be written anew with it.
func (p Path) IsKept() bool {
	return !slices.ContainsFunc(p[1:], func(f *Field) bool { return f.Movable })
}

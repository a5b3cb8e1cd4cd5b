package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// This file is about owners by a field: `{ allow: owner, ownerField: "recipient" }`.

// named is what a rule allows whose owner is the user whom a field names.
const named = "named"

// ownerField reads a condition on whom a field names.
func (r *reader) ownerField(model *Model, value, name *ast.Value, besides []string) (Term, bool) {
	allow := value.Children.ForName("allow")
	field := model.Field(name.Raw)
	switch {
	case allow == nil || allow.Raw != owner:
		r.Report(name.Position, "ownerField: belongs to allow: owner: write allow: owner, or remove ownerField:")
	case name.Kind != ast.StringValue:
		r.Report(name.Position, "ownerField names a field as a string: write ownerField: %q", name.Raw)
	case model == r.schema.users:
		r.Report(name.Position, "an account is nobody else's: remove ownerField")
	case field == nil || !field.IsUser():
		r.Report(name.Position, "ownerField: %q is no field of %s that is a user: %s", name.Raw, model.Name, usersInstead(model, name.Raw))
	case field.updatable():
		r.Report(name.Position, "%s may change, and with it who owns the %s by this rule: write %[1]s: User! @belongsTo, or %[1]s: User @belongsTo @immutable", field.Name, model.Prose())
	default:
		return Term{Allow: named, By: field}, r.checkKeys(value, append(besides, "allow", "ownerField")...)
	}
	return Term{}, false
}

// usersInstead says what ownerField may name.
func usersInstead(model *Model, name string) string {
	users := model.Parents().selected((*Field).IsUser)
	switch {
	case name == owner:
		return "whoever made it is allow: owner alone"
	case len(users) == 0:
		return "add one, such as recipient: User! @belongsTo"
	}
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = user.Name
	}
	return "write " + sdl.OneOf(names)
}

// NamesOwner tells whether whom the field names is an owner by some rule.
func (f *Field) NamesOwner() bool {
	return f.Model != nil && slices.ContainsFunc(f.Model.everyRule(), func(rule *Rule) bool {
		return slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.By == f })
	})
}

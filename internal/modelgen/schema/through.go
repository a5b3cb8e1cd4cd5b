package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// isThrough tells whether a type's objects are memberships: a rule names it, or leaves that out and the type is like one.
func (r *reader) isThrough(name string) bool {
	return r.isNamedThrough(name) || r.isLikeMemberships(name)
}

// isNamedThrough tells whether a rule of some type names this one as that of memberships.
func (r *reader) isNamedThrough(name string) bool {
	return r.hasTerm(func(term *ast.Value) bool {
		through := term.Children.ForName("through")
		return through != nil && through.Raw == name
	})
}

// isLikeMemberships tells whether a type is what a rule for members may go by that does not say by which: it is unique by a user
// and by something with which it goes.
func (r *reader) isLikeMemberships(name string) bool {
	leavesOut := r.hasTerm(func(term *ast.Value) bool {
		allow := term.Children.ForName("allow")
		return allow != nil && allow.Raw == members && term.Children.ForName("through") == nil
	})
	definition := r.schema.document.Definitions.ForName(name)
	if !leavesOut || definition == nil {
		return false
	}
	return slices.ContainsFunc(definition.Directives.ForNames("unique"), func(unique *ast.Directive) bool {
		fields := unique.Arguments.ForName("fields")
		if fields == nil || len(fields.Value.Children) != 2 {
			return false
		}
		users, objects := 0, 0
		for _, child := range fields.Value.Children {
			field := definition.Fields.ForName(child.Value.Raw)
			if field == nil || !field.Type.NonNull {
				return false
			}
			belongs := field.Directives.ForName("belongsTo")
			switch {
			case belongs == nil:
				return false
			case field.Type.NamedType == "User":
				users++
			default:
				onDelete := belongs.Arguments.ForName("onDelete")
				if onDelete != nil && onDelete.Value.Raw == "CASCADE" {
					objects++
				}
			}
		}
		return users == 1 && objects == 1
	})
}

// membershipsOf returns the types that belong to what users are members of, of those of which that is so.
func (r *reader) membershipsOf(object *Model, is func(name string) bool) (all []*Model) {
	for _, model := range r.schema.Models {
		if slices.ContainsFunc(model.Parents(), func(f *Field) bool { return f.Target == object }) && is(model.Name) {
			all = append(all, model)
		}
	}
	return all
}

// hasTerm tells whether a rule of some type or field has such a term.
func (r *reader) hasTerm(is func(term *ast.Value) bool) bool {
	var has func(value *ast.Value) bool
	has = func(value *ast.Value) bool {
		return is(value) || slices.ContainsFunc(value.Children, func(child *ast.ChildValue) bool { return has(child.Value) })
	}
	for _, definition := range r.schema.document.Definitions {
		auths := definition.Directives.ForNames("auth")
		for _, field := range definition.Fields {
			auths = append(auths, field.Directives.ForNames("auth")...)
		}
		for _, auth := range auths {
			if rules := auth.Arguments.ForName("rules"); rules != nil && has(rules.Value) {
				return true
			}
		}
	}
	return false
}

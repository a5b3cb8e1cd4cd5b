package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file reads @auth of fields of User: who beside the user sees them. What others see nothing of is to
// them no user at all.

// readSeen reads who sees a field of User.
func (r *reader) readSeen(field *Field) {
	for i, directive := range field.definition.Directives.ForNames("auth") {
		argument := directive.Arguments.ForName("rules")
		switch {
		case i > 0:
			r.Report(directive.Position, "@auth is there twice: put all rules into the first")
			return
		case argument == nil || argument.Value.Kind != ast.ListValue || len(argument.Value.Children) == 0:
			r.Report(directive.Position, "@auth needs at least one rule: write @auth(rules: [{ allow: owner }, { allow: authenticated, operations: [read] }])")
			return
		}
		before := len(r.Problems)
		for _, child := range argument.Value.Children {
			if via := viaIn(child.Value); via != nil {
				r.Report(via.Position, "a user belongs to nothing: remove via, and write allow: owner, groups, authenticated, public or members")
				continue
			}
			if rule, ok := r.rule(r.schema.users, child.Value); ok && r.checkSeenOperations(field, rule, child.Value) {
				field.Seen = append(field.Seen, rule)
			}
		}
		if len(r.Problems) == before && !slices.ContainsFunc(field.Seen, Rule.admitsAnyUser) {
			r.Report(directive.Position, "users see all of their own account: add { allow: owner }")
		}
	}
}

// viaIn returns the first via of a rule; nil: it has none.
func viaIn(rule *ast.Value) *ast.Value {
	if via := rule.Children.ForName("via"); via != nil {
		return via
	}
	for _, child := range rule.Children {
		if via := viaIn(child.Value); via != nil {
			return via
		}
	}
	return nil
}

// isOwn tells whether the rule is of the user alone.
func (rule Rule) isOwn() bool {
	return len(rule.Terms) == 1 && rule.Terms[0].Allow == owner
}

// admitsAnyUser tells whether the rule lets each user see the field of their own account.
func (rule Rule) admitsAnyUser() bool {
	return !slices.ContainsFunc(rule.Terms, func(t Term) bool {
		return !slices.Contains([]string{owner, "authenticated", "public"}, t.Allow)
	})
}

// checkSeenOperations reports what a rule allows of a field of User that it cannot: users change their own
// accounts, by mutations that are there for that.
func (r *reader) checkSeenOperations(field *Field, rule Rule, value *ast.Value) bool {
	list := value.Children.ForName("operations")
	position, has := value.Position, func(op Operation) bool { return slices.Contains(rule.Operations, op) }
	if list != nil {
		position = list.Position
	}
	switch {
	case !rule.isOwn() && (list == nil || len(rule.Operations) != 1 || !has(Read)):
		r.Report(position, "nobody but the user changes an account: write operations: [read]")
	case !rule.isOwn() || list == nil:
		return true
	case has(Delete):
		r.Report(position, "a field is not deleted by itself: remove delete, or leave operations out")
	case has(Transfer):
		r.Report(position, "an account is given to nobody else: remove transfer, or leave operations out")
	case !has(Read):
		r.Report(position, "users see all of their own account: leave operations out")
	case !has(Update) && (field.isUpdatedName() || field.Kind != KindComputed && !r.schema.User.isAccounts(field) && field.updatable()):
		r.Report(position, "updateViewer changes %s: leave operations out", field.Name)
	default:
		return true
	}
	return false
}

// isUpdatedName tells whether the field is one of an account's that updateViewer changes.
func (f *Field) isUpdatedName() bool { return f.Name == "firstName" || f.Name == "lastName" }

// isAccounts tells whether accounts answer the field.
func (u *User) isAccounts(field *Field) bool { return slices.Contains(u.Kept, field) }

// IsSeen tells whether some see something of others.
func (u *User) IsSeen() bool {
	return slices.ContainsFunc(slices.Concat(u.Kept, u.Fields), func(f *Field) bool {
		return slices.ContainsFunc(f.Seen, func(rule Rule) bool {
			return !slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow == owner })
		})
	})
}

// SeenFields returns the fields that have rules of who sees them.
func (u *User) SeenFields() Fields {
	return Fields(slices.Concat(u.Kept, u.Fields)).selected(func(f *Field) bool { return len(f.Seen) > 0 })
}

// HiddenFields returns the fields that some who see a user do not see: all but the lists, which have rules of
// their own, and what the public sees. There are none where nobody sees another.
func (u *User) HiddenFields() Fields {
	if !u.IsSeen() {
		return nil
	}
	isPublic := func(rule Rule) bool {
		return !slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow != "public" })
	}
	return Fields(slices.Concat(u.Kept, u.Fields)).selected(func(f *Field) bool {
		return f.Kind != KindHasMany && !slices.ContainsFunc(f.Seen, isPublic)
	})
}

// Hides tells whether some who see a user do not see a field.
func (u *User) Hides(name string) bool { return u.HiddenFields().Field(name) != nil }

// hidden returns a field of the public type User as some do not see it.
func hidden(public *ast.FieldDefinition, when string) *ast.FieldDefinition {
	field, nullable := *public, *public.Type
	nullable.NonNull = false
	field.Type = &nullable
	field.Description = or(public.Description, sentence("the "+words(public.Name))) + " " + when
	return &field
}

// nullOfOthers is what the public schema says of what nobody sees of another user.
const nullOfOthers = "Null of another user."

// changedFields returns the fields of the public type User that schema.graphqls has otherwise, as far as
// some do not see them.
func (u *User) changedFields() (fields ast.FieldList) {
	for _, field := range u.HiddenFields() {
		fields = append(fields, hidden(field.definition, nullWhereHidden))
	}
	return fields
}

// linkSeen finds the memberships by which users see one another.
func (r *reader) linkSeen() {
	for _, field := range r.schema.User.SeenFields() {
		for _, rule := range field.Seen {
			for i := range rule.Terms {
				if term := &rule.Terms[i]; term.Allow == members {
					r.linkTogether(term)
				}
			}
		}
	}
}

// linkTogether finds the memberships of which a term asks for some of both users.
func (r *reader) linkTogether(term *Term) {
	if term.through != nil {
		term.Through = r.schema.Model(term.through.Raw)
		if term.Through == nil {
			r.Report(term.through.Position, "through: %q is no type with @model: %s", term.through.Raw, togetherInstead)
			return
		}
	} else {
		var known []*Model
		for _, model := range r.schema.Models {
			if model.Membership != nil {
				known = append(known, model)
			}
		}
		if len(known) == 0 {
			for _, model := range r.schema.Models {
				if r.isLikeMemberships(model.Name) {
					known = append(known, model)
				}
			}
		}
		if len(known) != 1 {
			r.Report(term.at, "a rule for members says by which type users are in something together: %s", togetherInstead)
			return
		}
		term.Through = known[0]
	}
	if term.Through.Membership == nil {
		objects := term.Through.Parents().selected(func(f *Field) bool { return !f.IsUser() && !f.Nullable })
		if len(objects) != 1 {
			r.Report(term.at, "%s makes nobody a member of anything: %s", term.Through.Name, togetherInstead)
			term.Through = nil
			return
		}
		if term.Through.Membership = r.membership(term, objects[0].Target); term.Through.Membership == nil {
			term.Through = nil
			return
		}
	}
	for _, role := range term.Roles {
		if by := term.Through.Membership; !slices.Contains(by.Roles(), role) {
			r.Report(term.rolesAt, "%q is no role of %s: %s", role, term.Through.Name, rolesInstead(by))
		}
	}
}

const togetherInstead = `write through: "Membership", with type Membership implements Node @model @unique(fields: ["organization", "user"]) { id: ID! organization: Organization! @belongsTo(onDelete: CASCADE) user: User! @belongsTo }`

// checkPeople reports fields of User that would be answered whoever asks, and interfaces that promise what
// others may not see.
func (r *reader) checkPeople() {
	if !r.schema.User.IsSeen() {
		return
	}
	for _, field := range r.schema.User.HiddenFields() {
		method := "User." + field.GoName()
		if field.Kind == KindComputed && r.schema.byHand.declares(method) {
			r.Report(field.position(), "the method %s answers %s whoever asks, and others see the user: let a resolver in package graph answer it, or write @auth(rules: [{ allow: public, operations: [read] }])", method, field.Name)
		}
	}
}

package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// members is what rules for members allow.
const members = "members"

// Path leads from a model to what it belongs to, by one @belongsTo field after another; an empty one to the
// object itself.
type Path []*Field

// String is the path as schema.graphqls has it: `project.organization`.
func (p Path) String() string { return p.join(".", func(name string) string { return name }) }

func (p Path) join(separator string, name func(string) string) string {
	names := make([]string, len(p))
	for i, field := range p {
		names[i] = name(field.Name)
	}
	return strings.Join(names, separator)
}

// Target is what the path leads to from model.
func (p Path) Target(model *Model) *Model {
	if len(p) == 0 {
		return model
	}
	return p[len(p)-1].Target
}

// Attribute is that in which an object has the id of what the path leads to.
func (p Path) Attribute() string {
	switch len(p) {
	case 0:
		return "id"
	case 1:
		return p[0].Attribute()
	}
	return p[0].Name + p[1:].join("", UpperFirst) + "Id"
}

// GoName is the field of the Go type that has the id.
func (p Path) GoName() string { return templates.ToGo(p.Attribute()) }

// Prose is what the path leads to, in a sentence: `organization of the project`.
func (p Path) Prose() string {
	words := make([]string, len(p))
	for i, field := range p {
		words[len(p)-1-i] = field.Prose()
	}
	return strings.Join(words, " of the ")
}

// is tells whether the path is that of one field.
func (p Path) is(field *Field) bool { return len(p) == 1 && p[0] == field }

// Membership is what a type says whose objects make users members of others.
type Membership struct {
	Object *Field // the @belongsTo of what they are members of
	User   *Field
	Role   *Field // nil: there are no roles
}

// Roles are the roles, the highest first.
func (m *Membership) Roles() []string {
	if m.Role == nil {
		return nil
	}
	return m.Role.Enum.Values
}

// Memberships returns the types whose objects make users members of the model's.
func (m *Model) Memberships() (all []*Model) {
	for _, model := range m.schema.Models {
		if model.Membership != nil && model.Membership.Object.Target == m {
			all = append(all, model)
		}
	}
	return all
}

// IsAsked tells whether a rule of some type goes by that parent.
func (f *Field) IsAsked() bool {
	return slices.ContainsFunc(f.Model.schema.Models, func(m *Model) bool {
		return slices.ContainsFunc(m.everyRule(), func(rule *Rule) bool {
			return slices.ContainsFunc(rule.Terms, func(t Term) bool { return slices.Contains(t.Via, f) })
		})
	})
}

// tableOfMembers is the table of the rows of members, which a schema has that has memberships.
const tableOfMembers = "members"

// HasMemberships tells whether users are members of something.
func (s *Schema) HasMemberships() bool {
	return slices.ContainsFunc(s.Models, func(m *Model) bool { return m.Membership != nil })
}

// members reads a rule for members.
func (r *reader) members(model *Model, value *ast.Value, besides []string) (Term, bool) {
	term := Term{Allow: members, at: value.Position}
	isGood := true
	if via := value.Children.ForName("via"); via != nil {
		term.Via, isGood = r.path(model, via)
	}
	if through := value.Children.ForName("through"); through != nil {
		term.through = through
		if through.Kind != ast.StringValue {
			r.Report(through.Position, "through names a type as a string: write through: %q", through.Raw)
			isGood = false
		}
	}
	if list := value.Children.ForName("roles"); list != nil {
		var ok bool
		term.Roles, ok = r.roles(list)
		term.rolesAt, isGood = list.Position, isGood && ok
	}
	return term, r.checkKeys(value, append(besides, "allow", "through", "via", "roles")...) && isGood
}

// roles reads a list of values of an enum, as strings or as they are.
func (r *reader) roles(list *ast.Value) ([]string, bool) {
	children := list.Children
	if list.Kind == ast.StringValue || list.Kind == ast.EnumValue {
		children = ast.ChildValueList{{Value: list}}
	} else if list.Kind != ast.ListValue || len(children) == 0 {
		r.Report(list.Position, `roles is a list of values of the role's enum: write roles: ["ADMIN"]`)
		return nil, false
	}
	var roles []string
	for _, child := range children {
		role := child.Value
		switch {
		case role.Kind != ast.StringValue && role.Kind != ast.EnumValue:
			r.Report(role.Position, `a role is a value of the role's enum: write roles: ["ADMIN"]`)
			return nil, false
		case slices.Contains(roles, role.Raw):
			r.Report(role.Position, "the role %s is there twice: remove one of the two", role.Raw)
			return nil, false
		}
		roles = append(roles, role.Raw)
	}
	return roles, true
}

// path reads the @belongsTo fields that lead to what a rule asks.
func (r *reader) path(model *Model, via *ast.Value) (Path, bool) {
	if via.Kind != ast.StringValue {
		r.Report(via.Position, "via names a field as a string: write via: %q", via.Raw)
		return nil, false
	}
	var path Path
	for at := model; ; at = path.Target(model) {
		name, _, isLonger := strings.Cut(afterPath(via.Raw, path), ".")
		field := at.Field(name)
		if field != nil && field.IsUser() {
			r.Report(via.Position, "via: %q leads to a user, and nobody has rules of users: name a @belongsTo of a type with @model", via.Raw)
			return nil, false
		}
		if field == nil || field.Kind != KindBelongsTo || field.Target == nil {
			wrong := append(slices.Clone(path), &Field{Name: name})
			r.Report(via.Position, "via: %q is no @belongsTo field of %s: %s", wrong, at.Name, viaInstead(at))
			return nil, false
		}
		if slices.Contains(path, field) {
			r.Report(via.Position, "via: %q goes in a circle: name each field once", via.Raw)
			return nil, false
		}
		path = append(path, field)
		if !isLonger {
			return path, true
		}
	}
}

// afterPath returns what of the text comes after the path.
func afterPath(text string, path Path) string {
	if len(path) == 0 {
		return text
	}
	return strings.TrimPrefix(text, path.String()+".")
}

// usualRules are those of a type of memberships that has no @auth: whoever reads the object reads who is a
// member, whoever updates it adds, changes and removes them, and whoever is one may leave.
func usualRules(by *Membership) []Rule {
	object := Path{by.Object}
	return []Rule{
		{Operations: []Operation{Read}, Terms: []Term{{Via: object, ParentOperation: Read}}},
		{Operations: []Operation{Create, Update, Delete}, Terms: []Term{{Via: object, ParentOperation: Update}}},
		{Operations: []Operation{Delete}, Terms: []Term{{Allow: owner}}},
	}
}

// linkMembers finds the types of memberships that rules go by, and the ancestors that they ask for.
func (r *reader) linkMembers() {
	for _, model := range r.schema.Models {
		for _, rule := range model.everyRule() {
			for i := range rule.Terms {
				if term := &rule.Terms[i]; term.Allow == members {
					r.linkTerm(model, term)
				}
			}
		}
	}
	r.linkSeen()
	for _, model := range r.schema.Models {
		if len(model.Rules) > 0 || model.definition.Directives.ForName("auth") != nil {
			continue
		}
		if model.Membership != nil {
			model.Rules = usualRules(model.Membership)
		} else if model.invitesTo == nil && r.isLikeMemberships(model.Name) && !r.isNamedThrough(model.Name) {
			r.reportNoAuth(model)
		}
	}
	for _, model := range r.schema.Models {
		for _, rule := range model.everyRule() {
			for _, term := range rule.Terms {
				r.wantAncestor(model, term.Via)
			}
		}
	}
	for _, model := range r.schema.Models {
		for _, path := range model.Ancestors {
			isTaken := func(f *Field) bool {
				return f.Attribute() == path.Attribute() || f.GoName() == path.GoName()
			}
			if i := slices.IndexFunc(model.Stored(), isTaken); i >= 0 {
				field := model.Stored()[i]
				r.Report(field.definition.Position, "%s is what the %s's id is kept in, for rules by via: %q: give the field another name", path.Attribute(), path.Prose(), path)
			}
		}
	}
}

// linkTerm finds the memberships that a term asks for.
func (r *reader) linkTerm(model *Model, term *Term) {
	object := term.Via.Target(model)
	switch {
	case term.through != nil:
		term.Through = r.schema.Model(term.through.Raw)
		if term.Through == nil {
			r.Report(term.through.Position, "through: %q is no type with @model: %s", term.through.Raw, throughInstead(object))
			return
		}
	default:
		known := r.membershipsOf(object, r.isNamedThrough)
		if len(known) == 0 {
			known = r.membershipsOf(object, r.isLikeMemberships)
		}
		if len(known) != 1 {
			r.Report(term.at, "a rule for members says by which type users are members of the %s: %s", object.Prose(), throughInstead(object))
			return
		}
		term.Through = known[0]
	}
	if term.Through.Membership == nil {
		term.Through.Membership = r.membership(term, object)
	}
	by := term.Through.Membership
	if by == nil {
		term.Through = nil
		return
	}
	if by.Object.Target != object {
		r.Report(term.at, "users are members of the %s by %s, not of the %s: name another type, or another path in via", by.Object.Target.Prose(), term.Through.Name, object.Prose())
		return
	}
	for _, role := range term.Roles {
		if !slices.Contains(by.Roles(), role) {
			r.Report(term.rolesAt, "%q is no role of %s: %s", role, term.Through.Name, rolesInstead(by))
		}
	}
}

func rolesInstead(by *Membership) string {
	if by.Role == nil {
		return "give that a field of an enum, such as role: Role!"
	}
	return "write " + sdl.OneOf(by.Roles())
}

func throughInstead(object *Model) string {
	return fmt.Sprintf(`write through: "Membership", with type Membership implements Node @model @unique(fields: ["%[1]s", "user"]) { id: ID! %[1]s: %[2]s! @belongsTo(onDelete: CASCADE) user: User! @belongsTo }`, object.Singular(), object.Name)
}

// membership reads how the objects of a type make users members of others.
func (r *reader) membership(term *Term, object *Model) *Membership {
	model := term.Through
	position := model.definition.Position
	parents := func(is func(*Field) bool) Fields {
		return model.Parents().selected(func(f *Field) bool { return is(f) && !f.Nullable })
	}
	objects, users := parents(func(f *Field) bool { return f.Target == object }), parents((*Field).IsUser)
	roles := model.selected(func(f *Field) bool { return f.Kind == KindEnum && !f.List && !f.Nullable })
	if named := roles.selected(func(f *Field) bool { return f.Name == "role" }); len(named) > 0 {
		roles = named
	}
	switch {
	case len(objects) != 1:
		r.Report(position, "%s makes users members of the %[2]s, and needs one field for that: write %[2]s: %[3]s! @belongsTo(onDelete: CASCADE)", model.Name, object.Singular(), object.Name)
	case len(users) != 1:
		r.Report(position, "%s makes users members of the %s, and needs one field for them: write user: User! @belongsTo", model.Name, object.Singular())
	case objects[0].OnDelete != Cascade:
		r.Report(objects[0].definition.Position, "memberships go with the %[1]s: write %[2]s: %[3]s! @belongsTo(onDelete: CASCADE)", object.Prose(), objects[0].Name, object.Name)
	case !slices.ContainsFunc(model.TypeUniques, func(u *TypeUnique) bool { return u.isOf(objects[0], users[0]) }):
		r.Report(position, `nobody is a member twice: write @unique(fields: ["%s", "%s"]) on type %s`, objects[0].Name, users[0].Name, model.Name)
	case len(roles) > 1:
		r.Report(position, "%s has several enums, %s and %s: call the one that has the roles role", model.Name, roles[0].Name, roles[1].Name)
	default:
		by := &Membership{Object: objects[0], User: users[0]}
		if len(roles) == 1 {
			by.Role = roles[0]
		}
		if r.checkMembership(model, by) {
			return by
		}
	}
	return nil
}

// checkMembership reports what keeps the memberships from being made with what they are of, and counted.
func (r *reader) checkMembership(model *Model, by *Membership) bool {
	if role := by.Role; role != nil {
		highest := role.Enum.Values[0]
		switch {
		case len(role.Enum.Values) < 2:
			r.Report(role.definition.Position, "a role that all have tells nothing: add a second value to %s, or remove the field", role.Enum.Name)
			return false
		case role.Default != nil && role.Default.Raw == highest:
			r.Report(role.definition.Position, "%s is the highest role, as the first value of %s is, and nobody has it by @default: order the enum from the highest role to the lowest", highest, role.Enum.Name)
			return false
		case role.ReadOnly || role.Immutable || role.Unique:
			r.Report(role.definition.Position, "a role is given and changed: remove the directive")
			return false
		}
	}
	for _, field := range model.Stored() {
		if field != by.Object && field != by.User && field != by.Role && !field.Optional() && !field.List {
			r.Report(field.definition.Position, "whoever makes the %s becomes its first member without a %s: give it a @default, or let it be null", by.Object.Target.Prose(), field.Name)
			return false
		}
	}
	for _, child := range model.Children {
		if child.OnDelete == Restrict {
			r.Report(child.definition.Position, "RESTRICT would keep members from leaving: write @belongsTo(onDelete: CASCADE)")
			return false
		}
	}
	return true
}

// isOf tells whether the fields are these two, in any order.
func (u *TypeUnique) isOf(one, other *Field) bool {
	has := func(field *Field) bool {
		return slices.ContainsFunc(u.Fields, func(part IndexPart) bool { return part.Field == field })
	}
	return len(u.Fields) == 2 && has(one) && has(other)
}

// wantAncestor has objects of the model keep the id of what a path leads to, and so those between.
func (r *reader) wantAncestor(model *Model, path Path) {
	if len(path) < 2 || slices.ContainsFunc(model.Ancestors, func(p Path) bool { return p.String() == path.String() }) {
		return
	}
	r.wantAncestor(path[0].Target, path[1:])
	model.Ancestors = append(model.Ancestors, path)
}

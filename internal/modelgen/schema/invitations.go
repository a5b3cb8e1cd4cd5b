package schema

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// invited is what the rule allows that each type of invitations has: whoever is invited.
const invited = "invited"

// Invitation is what a type says whose objects invite others to be members.
type Invitation struct {
	To     *Model // the memberships
	Object *Field // the @belongsTo of what they are invited to
	Email  *Field
	Role   *Field // nil: there are no roles
}

// AcceptMutation is the mutation by which whoever is invited becomes a member.
func (m *Model) AcceptMutation() string { return "accept" + m.Name }

// Received returns the index of what was sent to one address; nil: the type is none of invitations.
func (m *Model) Received() *Index {
	if m.Invitation == nil {
		return nil
	}
	return &Index{Field: m.Invitation.Email, SortField: "id"}
}

// isFixed tells whether an invitation stays what the field says.
func (i *Invitation) isFixed(f *Field) bool {
	return i != nil && (f == i.Object || f == i.Email || f == i.Role)
}

// acceptTypes are the input and the payload of the mutation by which an invitation is accepted.
func (m *Model) acceptTypes() []*ast.Definition {
	by, mutation := m.Invitation.To, m.AcceptMutation()
	input := object(UpperFirst(mutation)+"Input", "What `"+mutation+"` accepts.",
		field("id", "ID!", sentence("the global id of the "+m.Prose())), anyText)
	input.Kind = ast.InputObject
	return []*ast.Definition{input,
		object(UpperFirst(mutation)+"Payload", "What `"+mutation+"` answers.",
			field(by.Singular(), by.Name+"!", sentence("the "+by.Prose()+" that you have now")),
			field(by.Singular()+"Edge", by.Name+"Edge!", sentence("the "+by.Prose()+" as an edge of any list in the order in which "+by.ProsePlural()+" were made, for Relay's @appendEdge and @prependEdge")),
			repeated),
	}
}

// describeAccept says what accepting comes to.
func (m *Model) describeAccept() string {
	return fmt.Sprintf("Makes you a member, as %s says that was sent to your address, once you have verified that; the %s is used up. "+
		"FORBIDDEN where whoever has sent it could not do so any more.", m.ProseArticle(), m.Prose())
}

// linkInvitations finds what types of invitations invite to, and gives them the rule of whoever is invited.
func (r *reader) linkInvitations() {
	for _, model := range r.schema.Models {
		if model.invitesTo == nil {
			continue
		}
		if model.Invitation = r.invitation(model); model.Invitation == nil {
			continue
		}
		if model.definition.Directives.ForName("auth") == nil {
			object := Path{model.Invitation.Object}
			model.Rules = []Rule{{Operations: []Operation{Create, Read, Update, Delete}, Terms: []Term{{Via: object, ParentOperation: Update}}}}
		}
		model.Rules = append(model.Rules, Rule{Operations: []Operation{Read, Delete}, Terms: []Term{{Allow: invited}}})
	}
}

// invitation reads how the objects of a type invite to be a member.
func (r *reader) invitation(model *Model) *Invitation {
	position := model.definition.Position
	to := r.schema.Model(model.invitesTo.Raw)
	if to == nil || to.Membership == nil {
		r.Report(model.invitesTo.Position, "invitesTo: %q is no type of memberships: name one that a rule has, { allow: members, through: … }", model.invitesTo.Raw)
		return nil
	}
	by := to.Membership
	object := by.Object.Target
	objects := model.Parents().selected(func(f *Field) bool { return f.Target == object && !f.Nullable })
	i := &Invitation{To: to, Email: model.Field("email")}
	if by.Role != nil {
		roles := model.selected(func(f *Field) bool { return f.Kind == KindEnum && f.Enum == by.Role.Enum && !f.List && !f.Nullable })
		if len(roles) != 1 {
			r.Report(position, "%s invites to a role, and needs one field for that: write %s: %s!", model.Name, by.Role.Name, by.Role.Enum.Name)
			return nil
		}
		i.Role = roles[0]
	}
	isText := i.Email != nil && i.Email.isScalar("String") && !i.Email.List && !i.Email.Nullable
	switch {
	case len(objects) != 1:
		r.Report(position, "%s invites to the %[2]s, and needs one field for that: write %[2]s: %[3]s! @belongsTo(onDelete: CASCADE)", model.Name, object.Singular(), object.Name)
	case objects[0].OnDelete != Cascade:
		r.Report(objects[0].definition.Position, "invitations go with the %[1]s: write %[2]s: %[3]s! @belongsTo(onDelete: CASCADE)", object.Prose(), objects[0].Name, object.Name)
	case !isText || i.Email.Default != nil || i.Email.Unique || len(i.Email.Indexes) > 0:
		r.Report(position, "%s is sent to an address, and needs a field for that: write email: String!", model.Name)
	case !slices.ContainsFunc(model.TypeUniques, func(u *TypeUnique) bool { return u.isOf(objects[0], i.Email) }):
		r.Report(position, `nobody is invited twice: write @unique(fields: ["%s", "email"]) on type %s`, objects[0].Name, model.Name)
	default:
		i.Object = objects[0]
		if r.checkInvitation(model, i) {
			return i
		}
	}
	return nil
}

// checkInvitation reports what would keep an invitation from being what whoever sends it gives.
func (r *reader) checkInvitation(model *Model, i *Invitation) bool {
	for _, field := range []*Field{i.Object, i.Email, i.Role} {
		if field == nil {
			continue
		}
		if field.ReadOnly || field.HasRules() || field.Formerly != "" {
			r.Report(field.definition.Position, "whoever sends the %s says the %s, and whoever gets it reads it: remove the directive", model.Prose(), field.Prose())
			return false
		}
	}
	for _, child := range model.Children {
		r.Report(child.definition.Position, "the %s is used up once it is accepted, and nothing belongs to it: remove the field", model.Prose())
		return false
	}
	return true
}

package schema

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file is about giving an object to another owner: `transferPost`.

// IsTransferable tells whether a rule lets somebody give an object of the type to another owner.
func (m *Model) IsTransferable() bool {
	return slices.ContainsFunc(m.Rules, func(rule Rule) bool { return slices.Contains(rule.Operations, Transfer) })
}

// transferTypes are the input and the payload of the mutation.
func (m *Model) transferTypes() []*ast.Definition {
	mutation, prose := "transfer"+m.Name, m.Prose()
	input := inputOf("Transfer"+m.Name+"Input", "What `"+mutation+"` gives to whom.",
		field("id", "ID!", sentence("the global id of the "+prose)),
		field("to", "ID!", "The global id of its new owner, a user whom you may see."),
		m.expectedVersion("given to anybody"), anyText)
	return []*ast.Definition{input,
		object("Transfer"+m.Name+"Payload", "What `"+mutation+"` answers.",
			field(m.Singular(), m.Name+"!", sentence("the "+prose+" as it is after that")),
			field(m.Singular()+"Edge", m.Name+"Edge!", sentence("the "+prose+m.listed())),
			repeated),
	}
}

// describeTransfer says what the mutation does.
func (m *Model) describeTransfer() string {
	about := fmt.Sprintf("Gives %s to a user, who becomes its owner", m.ProseArticle())
	if memberships := m.Memberships(); len(memberships) > 0 {
		about += ", and a member of it"
		if roles := memberships[0].Membership.Roles(); len(roles) > 0 {
			about += ", as " + roles[0]
		}
	}
	return about + ". What you may do with it from then on, the rules say again."
}

// owned is how the schema says that a user owns objects of the type.
func (m *Model) owned() string {
	if m.IsTransferable() {
		return "owns"
	}
	return "made"
}

// describeOwnerField says who the owner of an object is.
func (m *Model) describeOwnerField() string {
	who := "The user who made the " + m.Prose() + "."
	if m.IsTransferable() {
		who = "The user who owns the " + m.Prose() + ": who made it, or was given it."
	}
	return who + " Null where `node` would not give that user."
}

// checkTransfers reports types whose objects are nobody's to give away.
func (r *reader) checkTransfers() {
	for _, model := range r.schema.Models {
		if !model.IsTransferable() {
			continue
		}
		at := model.definition.Directives.ForName("auth").Position
		switch {
		case model.Membership != nil:
			r.Report(at, "a membership is its member's, and nobody else gets it: remove transfer from the rules of %s, and have it deleted and another made", model.Name)
		case model.invitesTo != nil:
			r.Report(at, "an invitation is as good as whoever has sent it, and nobody else gets it: remove transfer from the rules of %s", model.Name)
		}
	}
}

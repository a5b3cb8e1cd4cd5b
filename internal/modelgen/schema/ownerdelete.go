package schema

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// readOwnerDelete reads what becomes of a type's objects when the account of their owner is deleted.
func (r *reader) readOwnerDelete(model *Model, directive *ast.Directive) {
	argument := directive.Arguments.ForName("onOwnerDelete")
	model.OnOwnerDelete = GoesWithOwner
	if argument == nil {
		return
	}
	word, ok := r.word(argument.Value, "onOwnerDelete", []string{string(GoesWithOwner), string(OutlivesOwner), string(GoesToSuccessor)})
	if ok {
		model.OnOwnerDelete = OnOwnerDelete(word)
	}
}

// checkOwnerDelete reports types whose rules go by members and that do not say what becomes of their objects when
// their owner leaves, and those of which they say what cannot be.
func (r *reader) checkOwnerDelete() {
	for _, model := range r.schema.Models {
		directive := model.definition.Directives.ForName("model")
		argument := directive.Arguments.ForName("onOwnerDelete")
		switch {
		case model.Membership != nil && argument != nil:
			r.Report(argument.Position, "a membership is its member's, and goes with the account: remove onOwnerDelete")
		case model.invitesTo != nil && argument != nil:
			r.Report(argument.Position, "an invitation is as good as whoever has sent it, and goes with the account: remove onOwnerDelete")
		case model.Membership != nil, r.isNamedThrough(model.Name), model.invitesTo != nil:
		case argument == nil && (model.goesByMembers(nil) || model.isOverMembers()):
			r.Report(directive.Position, "rules for members are of %[1]s, or of what belongs to it, so say what becomes of %[2]s when the account of who made it is deleted: write @model(onOwnerDelete: KEEP), and it lives on without an owner, or @model(onOwnerDelete: CASCADE), and it goes, too", model.Name, model.ProseArticle())
		case model.OnOwnerDelete == OutlivesOwner && len(model.Rules) > 0 && model.isOwnersAlone():
			r.Report(argument.Position, "nobody but its owner may read %s, so nobody could once it is nobody's: remove onOwnerDelete, or add a rule by which others read it", model.ProseArticle())
		}
	}
}

// SuccessorMethod is the method of Store that says who owns an object whose owner's account is gone:
// `SuccessorOfPost`.
func (m *Model) SuccessorMethod() string { return "SuccessorOf" + m.Name }

// HasSuccessor tells whether the project has it.
func (m *Model) HasSuccessor() bool { return m.byHand.declares("Store." + m.SuccessorMethod()) }

// checkSuccessors reports types that go to a successor whom nothing tells, and methods that nothing would call.
func (r *reader) checkSuccessors() {
	for _, model := range r.schema.Models {
		at := model.definition.Directives.ForName("model").Position
		has := model.byHand.methods["Store."+model.SuccessorMethod()]
		fits := has.parameters == "context.Context, *"+model.GoName() && has.results == "string, error"
		form := fmt.Sprintf("func (s *Store) %s(ctx context.Context, %s *%s) (userID string, err error)", model.SuccessorMethod(), model.Singular(), model.GoName())
		switch {
		case model.OnOwnerDelete == GoesToSuccessor && !model.HasSuccessor():
			r.Report(at, "nothing tells whose %s is when the account of its owner is gone: write %s in package store, or onOwnerDelete: KEEP", model.ProseArticle(), form)
		case model.HasSuccessor() && model.OnOwnerDelete != GoesToSuccessor:
			r.Report(at, "%s of Store (%s) would never be called: write onOwnerDelete: TRANSFER", model.SuccessorMethod(), has.at)
		case model.HasSuccessor() && !fits:
			r.Report(at, "%s of Store (%s) would never be called: write %s", model.SuccessorMethod(), has.at, form)
		}
	}
}

// goesByMembers tells whether a rule of the type, or of what that goes by, is for members. Those on the way are
// not looked at again.
func (m *Model) goesByMembers(way []*Model) bool {
	if slices.Contains(way, m) {
		return false
	}
	way = append(slices.Clone(way), m)
	return slices.ContainsFunc(m.Rules, func(rule Rule) bool {
		return slices.ContainsFunc(rule.Terms, func(t Term) bool {
			return t.Allow == members || t.IsVia() && t.Via.Target(m).goesByMembers(way)
		})
	})
}

// isOverMembers tells whether a rule for members leads to the type, or past it: what it is of goes with its objects.
func (m *Model) isOverMembers() bool {
	return slices.ContainsFunc(m.schema.Models, func(other *Model) bool {
		return slices.ContainsFunc(other.everyRule(), func(rule *Rule) bool {
			return slices.ContainsFunc(rule.Terms, func(t Term) bool {
				return t.Allow == members && slices.ContainsFunc(t.Via, func(f *Field) bool { return f.Target == m })
			})
		})
	})
}

package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkVetoes reports each RESTRICT by which somebody could keep an object from being deleted that
// they may not change: where who may create the child is not always who may update the parent.
func (r *reader) checkVetoes() {
	for _, model := range r.schema.Models {
		for _, parent := range model.Parents() {
			if parent.OnDelete == Restrict {
				r.checkVeto(parent)
			}
		}
	}
}

func (r *reader) checkVeto(parent *Field) {
	directive := parent.directive("belongsTo")
	child, of := parent.Model, parent.Target
	for _, rule := range child.Rules {
		if !slices.Contains(rule.Operations, Create) || canAllUpdate(rule, parent) {
			continue
		}
		r.Report(directive.Position, "RESTRICT keeps the %[1]s from being deleted while it has %[2]s, and the rule %[3]s lets some create %[4]s who may not update the %[1]s: write @belongsTo(onDelete: CASCADE), or let them be created by %[5]s",
			of.Prose(), child.ProsePlural(), rule, child.ProseArticle(), rule.creatingBy(parent))
		return
	}
	if child.HasOwnRules() && directive.Arguments.ForName("onDelete") == nil {
		r.Report(directive.Position, "RESTRICT keeps the %[1]s from being deleted while it has %[2]s, and %[3]s of Store (%[4]s) may let some create %[5]s who may not update the %[1]s: write @belongsTo(onDelete: CASCADE), or @belongsTo(onDelete: RESTRICT) where it does not",
			of.Prose(), child.ProsePlural(), child.RulesMethod(), child.byHand.methods["Store."+child.RulesMethod()].at, child.ProseArticle())
	}
}

// canAllUpdate tells whether everybody whom the rule lets create a child may update what that belongs
// to by the field parent.
func canAllUpdate(rule Rule, parent *Field) bool {
	known := facts{fact{what: string(Read), path: parent.Name}: true} // or it is no parent to create by
	known.add("", rule.Terms)
	for _, known := range known.spelledOut(parent.Model) {
		if !known.imply(Update, parent.Name, parent.Target) {
			return false
		}
	}
	return true
}

// A fact is something that is known of a caller, and of the object at path: the names of the
// fields that lead there from the child that is created, with dots between.
type fact struct {
	what string // "signed in", "owner", "named", an operation that the caller may do to the object, or "groups" or "role"
	path string // of owner and of operations
	role string // of "role" one, of "groups" several: the caller has at least one
}

// facts are what is known, all of it.
type facts map[fact]bool

// add adds that the caller meets the terms of a rule of the object at path.
func (f facts) add(path string, terms []Term) {
	for _, term := range terms {
		switch {
		case term.IsVia():
			f[fact{what: string(term.ParentOperation), path: join(path, term.Via.String())}] = true
			continue
		case term.Allow == members:
			for _, role := range term.anyRole() {
				f[fact{what: members + " " + term.Through.Name, path: join(path, term.Via.String()), role: role}] = true
			}
		case term.Allow == "public", term.Where != nil: // what an object is, it may not be any more
			continue
		case term.Allow == named:
			f[fact{what: named, path: join(path, term.By.Name)}] = true
		case term.Allow == "owner":
			f[fact{what: "owner", path: path}] = true
		case term.Allow == "groups":
			f[fact{what: "groups", role: strings.Join(term.Groups, ",")}] = true
		}
		f[fact{what: "signed in"}] = true
	}
}

// spelledOut returns what the facts come to, in each way in which they can hold: who may do
// something to an object, may do so by one of its rules; who has one of some roles, has this one or
// that one. Rules that the project's Go may change say nothing.
func (f facts) spelledOut(child *Model) []facts {
	for known := range f {
		var ways []facts
		spell := func(set func(way facts)) {
			way := maps.Clone(f)
			delete(way, known)
			set(way)
			ways = append(ways, way.spelledOut(child)...)
		}
		switch known.what {
		case "groups":
			for _, role := range strings.Split(known.role, ",") {
				spell(func(way facts) { way[fact{what: "role", role: role}] = true })
			}
			return ways
		case string(Read), string(Update), string(Delete):
			model := child.at(known.path)
			if model.HasOwnRules() {
				continue
			}
			for _, rule := range model.Rules {
				if slices.Contains(rule.Operations, Operation(known.what)) {
					spell(func(way facts) {
						way[fact{what: "may " + known.what, path: known.path}] = true
						way.add(known.path, rule.Terms)
					})
				}
			}
			return ways // none: nobody may
		}
	}
	return []facts{f}
}

// imply tells whether it follows that the caller may do op to the object at path, which is a
// model's.
func (f facts) imply(op Operation, path string, model *Model) bool {
	if f[fact{what: string(op), path: path}] || f[fact{what: "may " + string(op), path: path}] {
		return true
	}
	return !model.HasOwnRules() && slices.ContainsFunc(model.Rules, func(rule Rule) bool {
		return slices.Contains(rule.Operations, op) && !slices.ContainsFunc(rule.Terms, func(term Term) bool {
			return !f.implyTerm(term, path)
		})
	})
}

// implyTerm tells whether it follows that the caller meets a term of a rule of the object at path.
func (f facts) implyTerm(term Term, path string) bool {
	switch {
	case term.IsVia():
		return f.imply(term.ParentOperation, join(path, term.Via.String()), term.Via[len(term.Via)-1].Target)
	case term.Allow == members:
		return f.implyMember(term, join(path, term.Via.String()))
	case term.Allow == "public":
		return true
	case term.Allow == invited, term.Where != nil:
		return false
	case term.Allow == "authenticated":
		return f[fact{what: "signed in"}]
	case term.Allow == named:
		return f[fact{what: named, path: join(path, term.By.Name)}]
	case term.Allow == "owner":
		return f[fact{what: "owner", path: path}]
	}
	return slices.ContainsFunc(term.Groups, func(role string) bool { return f[fact{what: "role", role: role}] })
}

// anyRole returns the roles of members that a term admits.
func (t Term) anyRole() []string {
	switch roles := t.Through.Membership.Roles(); {
	case len(t.Roles) > 0:
		return t.Roles
	case len(roles) > 0:
		return roles
	}
	return []string{""}
}

// implyMember tells whether it follows that the caller is a member of the object at path, in one of the
// term's roles: it is known which roles the caller may have there, and the term has all of them.
func (f facts) implyMember(term Term, path string) bool {
	isKnown := false
	for known := range f {
		if known.what == members+" "+term.Through.Name && known.path == path {
			isKnown = true
			if !slices.Contains(term.anyRole(), known.role) {
				return false
			}
		}
	}
	return isKnown
}

// at returns the model of the object to which a path leads from one of this model.
func (m *Model) at(path string) *Model {
	for _, name := range strings.Split(path, ".") {
		m = m.Field(name).Target
	}
	return m
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// String writes the rule as schema.graphqls has it.
func (rule Rule) String() string {
	terms := make([]string, len(rule.Terms))
	for i, term := range rule.Terms {
		terms[i] = term.String()
	}
	text := terms[0]
	if len(terms) > 1 {
		text = "and: [{ " + strings.Join(terms, " }, { ") + " }]"
	}
	if !slices.Equal(rule.Operations, usualOperations) {
		names := make([]string, len(rule.Operations))
		for i, operation := range rule.Operations {
			names[i] = string(operation)
		}
		text += ", operations: [" + strings.Join(names, ", ") + "]"
	}
	return "{ " + text + " }"
}

func (t Term) String() string {
	switch {
	case t.Allow == members:
		return t.membersString()
	case t.Where != nil:
		return where + ": " + t.Where.String()
	case t.Allow == "groups":
		return `allow: groups, groups: ["` + strings.Join(t.Groups, `", "`) + `"]`
	case t.Allow == named:
		return fmt.Sprintf("allow: owner, ownerField: %q", t.By.Name)
	case !t.IsVia():
		return "allow: " + t.Allow
	case t.ParentOperation == Read:
		return fmt.Sprintf("via: %q", t.Via)
	}
	return fmt.Sprintf("via: %q, parentOperation: %s", t.Via, t.ParentOperation)
}

func (t Term) membersString() string {
	text := fmt.Sprintf("allow: members, through: %q", t.Through.Name)
	if len(t.Via) > 0 {
		text += fmt.Sprintf(", via: %q", t.Via)
	}
	if len(t.Roles) > 0 {
		text += `, roles: ["` + strings.Join(t.Roles, `", "`) + `"]`
	}
	return text
}

// creatingBy returns the rule as it may create where it asks who may update the parent, too.
func (rule Rule) creatingBy(parent *Field) Rule {
	terms := slices.DeleteFunc(slices.Clone(rule.Terms), func(t Term) bool { return t.IsVia() && t.Via.is(parent) || t.Allow == "public" })
	return Rule{[]Operation{Create}, append(terms, Term{Via: Path{parent}, ParentOperation: Update})}
}

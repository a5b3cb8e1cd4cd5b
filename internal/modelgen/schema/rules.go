package schema

import (
	"regexp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

var (
	allowed    = []string{owner, "groups", "authenticated", "public", members}
	operations = []string{string(Create), string(Read), string(Update), string(Delete), string(Transfer)}
	onParent   = []string{string(Read), string(Update), string(Delete)}

	// usualOperations are what a rule allows that does not say it.
	usualOperations = []Operation{Create, Read, Update, Delete}

	// rolePattern matches the roles that `ownql user role` gives.
	rolePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,50}$`)
)

func (r *reader) reportNoAuth(model *Model) {
	r.Report(model.definition.Position, "%s has no @auth, so nobody could do anything with it: write type %[1]s implements Node @model @auth(rules: [{ allow: owner }])", model.Name)
}

// readRules reads a model's @auth.
func (r *reader) readRules(model *Model) {
	directive := model.definition.Directives.ForName("auth")
	if directive == nil && (r.isThrough(model.Name) || model.invitesTo != nil) {
		return // it has the usual ones
	}
	if directive == nil {
		r.reportNoAuth(model)
		return
	}
	argument := directive.Arguments.ForName("rules")
	if argument == nil || argument.Value.Kind != ast.ListValue || len(argument.Value.Children) == 0 {
		r.Report(directive.Position, "@auth needs at least one rule: write @auth(rules: [{ allow: owner }])")
		return
	}
	for _, child := range argument.Value.Children {
		if rule, ok := r.rule(model, child.Value); ok {
			model.Rules = append(model.Rules, rule)
		}
	}
}

// rule reads one rule: a term or an `and:` of terms, with operations.
func (r *reader) rule(model *Model, value *ast.Value) (Rule, bool) {
	if value.Kind != ast.ObjectValue {
		r.Report(value.Position, "a rule cannot be %s: write { allow: owner }", value)
		return Rule{}, false
	}
	rule := Rule{Operations: slices.Clone(usualOperations)}
	if list := value.Children.ForName("operations"); list != nil {
		rule.Operations = r.operations(list)
	}
	and := value.Children.ForName("and")
	if and == nil {
		terms, ok := r.terms(model, value, "operations")
		rule.Terms = terms
		return rule, ok && r.canCreate(&rule, value)
	}
	if first := value.Children.ForName("allow"); first != nil || value.Children.ForName("via") != nil {
		r.Report(value.Position, "a rule is one of allow:, via: and and:, not several: move the others into and: [{ … }, { … }]")
		return Rule{}, false
	}
	if and.Kind != ast.ListValue || len(and.Children) == 0 {
		r.Report(and.Position, `and: is a list of conditions: write and: [{ allow: owner }, { via: "post" }]`)
		return Rule{}, false
	}
	allOK := r.checkKeys(value, "and", "operations", where)
	for _, child := range and.Children {
		terms, ok := r.terms(model, child.Value)
		rule.Terms = append(rule.Terms, terms...)
		allOK = allOK && ok
	}
	if said := value.Children.ForName(where); said != nil {
		term, ok := r.whereTerm(model, said)
		rule.Terms = append(rule.Terms, term)
		allOK = allOK && ok
	}
	return rule, allOK && r.saysToWhom(rule, value) && r.canCreate(&rule, value)
}

// canCreate takes create out of the operations of a rule for members of the object itself, and reports it
// where it is written. It returns whether there are operations.
func (r *reader) canCreate(rule *Rule, value *ast.Value) bool {
	ofItself := slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow == members && len(t.Via) == 0 })
	if !ofItself || !slices.Contains(rule.Operations, Create) {
		return rule.Operations != nil
	}
	if list := value.Children.ForName("operations"); list != nil {
		r.Report(list.Position, "nobody is a member of what is not made yet: take create out, or say of what by via")
		return false
	}
	rule.Operations = slices.DeleteFunc(rule.Operations, func(o Operation) bool { return o == Create })
	return true
}

// operations reads what a rule allows, into the usual order.
func (r *reader) operations(list *ast.Value) []Operation {
	if list.Kind == ast.EnumValue { // GraphQL takes a single value for a list of it
		list = &ast.Value{Kind: ast.ListValue, Position: list.Position, Children: ast.ChildValueList{{Value: list}}}
	}
	if list.Kind != ast.ListValue || len(list.Children) == 0 {
		r.Report(list.Position, "operations is a list: write operations: [create, read, update, delete], or leave it out for these four")
		return nil
	}
	var named []string
	for _, child := range list.Children {
		word, ok := r.word(child.Value, "an operation", operations)
		if ok && slices.Contains(named, word) {
			r.Report(child.Value.Position, "%s is there twice: remove one of the two", word)
		}
		named = append(named, word)
	}
	var ordered []Operation
	for _, operation := range operations {
		if slices.Contains(named, operation) {
			ordered = append(ordered, Operation(operation))
		}
	}
	return ordered
}

// term reads one condition. Beside its own keys it may have those of besides.
func (r *reader) term(model *Model, value *ast.Value, besides ...string) (Term, bool) {
	if value.Kind != ast.ObjectValue {
		r.Report(value.Position, "a condition cannot be %s: write { allow: owner }", value)
		return Term{}, false
	}
	allow, via := value.Children.ForName("allow"), value.Children.ForName("via")
	switch {
	case value.Children.ForName("and") != nil:
		r.Report(value.Position, "and: cannot stand within and: put its conditions into the outer one")
	case value.Children.ForName("ownerField") != nil:
		return r.ownerField(model, value, value.Children.ForName("ownerField"), besides)
	case allow != nil && allow.Raw == members, allow == nil && value.Children.ForName("roles") != nil, allow == nil && value.Children.ForName("through") != nil:
		return r.members(model, value, besides)
	case allow != nil && via != nil:
		r.Report(value.Position, "a condition is either allow: or via:, not both: write and: [{ allow: %s }, { via: %s }]", allow.Raw, via)
	case allow != nil:
		return r.allow(value, allow, besides)
	case via != nil:
		return r.via(model, value, via, besides)
	case r.checkKeys(value, besides...):
		r.Report(value.Position, "a condition says to whom: write { allow: owner }, or allow: groups, authenticated, public or members, or via: a parent")
	}
	return Term{}, false
}

func (r *reader) allow(value, allow *ast.Value, besides []string) (Term, bool) {
	word, ok := r.word(allow, "allow", allowed)
	if !ok {
		return Term{}, false
	}
	term := Term{Allow: word}
	list := value.Children.ForName("groups")
	switch {
	case word != "groups" && list != nil:
		r.Report(list.Position, "groups: belongs to allow: groups: write allow: groups, or remove groups:")
		return Term{}, false
	case word != "groups":
		return term, r.checkKeys(value, append(besides, "allow")...)
	case list == nil:
		r.Report(value.Position, `allow: groups needs to know which: write { allow: groups, groups: ["editor"] }`)
		return Term{}, false
	}
	term.Groups, ok = r.groups(list)
	return term, ok && r.checkKeys(value, append(besides, "allow", "groups")...)
}

func (r *reader) groups(list *ast.Value) ([]string, bool) {
	children := list.Children
	if list.Kind == ast.StringValue {
		children = ast.ChildValueList{{Value: list}}
	} else if list.Kind != ast.ListValue || len(children) == 0 {
		r.Report(list.Position, `groups is a list of names: write groups: ["editor"]`)
		return nil, false
	}
	var groups []string
	for _, child := range children {
		group := child.Value
		switch {
		case group.Kind != ast.StringValue || group.Raw == "":
			r.Report(group.Position, `a group is a string: write groups: ["editor"]`)
			return nil, false
		case !rolePattern.MatchString(group.Raw):
			r.Report(group.Position, "%q is no group, as no role can have that name: write 1 to 50 letters, digits, '-' and '_'", group.Raw)
			return nil, false
		case slices.Contains(groups, group.Raw):
			r.Report(group.Position, "the group %s is there twice: remove one of the two", group.Raw)
			return nil, false
		}
		groups = append(groups, group.Raw)
	}
	return groups, true
}

func (r *reader) via(model *Model, value, via *ast.Value, besides []string) (Term, bool) {
	path, ok := r.path(model, via)
	if !ok {
		return Term{}, false
	}
	term := Term{Via: path, ParentOperation: Read}
	if parent := value.Children.ForName("parentOperation"); parent != nil {
		word, ok := r.word(parent, "parentOperation", onParent)
		if !ok {
			return Term{}, false
		}
		term.ParentOperation = Operation(word)
	}
	return term, r.checkKeys(value, append(besides, "via", "parentOperation")...)
}

func viaInstead(model *Model) string {
	parents := model.Parents().selected(func(f *Field) bool { return !f.IsUser() })
	if len(parents) == 0 {
		return "add one, such as post: Post! @belongsTo, or write { allow: owner }"
	}
	names := make([]string, len(parents))
	for i, parent := range parents {
		names[i] = parent.Name
	}
	return "write " + sdl.OneOf(names)
}

// checkKeys reports what else a rule or condition says.
func (r *reader) checkKeys(value *ast.Value, known ...string) bool {
	ok := true
	for i, child := range value.Children {
		isSame := func(earlier *ast.ChildValue) bool { return earlier.Name == child.Name }
		if slices.ContainsFunc(value.Children[:i], isSame) {
			r.Report(child.Position, "%s is there twice: remove one of the two, or write two rules", child.Name)
			ok = false
			continue
		}
		if slices.Contains(known, child.Name) {
			continue
		}
		ok = false
		switch child.Name {
		case "operations":
			r.Report(child.Position, "operations: belongs to the whole rule, not to a condition within and: move it beside and:")
		case "parentOperation":
			r.Report(child.Position, "parentOperation: belongs to via: remove it, or write via: a @belongsTo field")
		case "roles", "through":
			r.Report(child.Position, "%s: belongs to allow: members: write allow: members, or remove %[1]s:", child.Name)
		case "groups":
			r.Report(child.Position, "groups: belongs to allow: groups: write allow: groups, or remove groups:")
		default:
			r.Report(child.Position, "a rule knows no %s: write %s", child.Name, sdl.OneOf(known))
		}
	}
	return ok
}

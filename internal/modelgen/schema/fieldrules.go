package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file reads @auth of fields: rules that a field has beside those of its type.

// readFieldRules reads the @auth of each of a model's fields.
func (r *reader) readFieldRules(model *Model) {
	for _, field := range model.Fields {
		for i, directive := range field.definition.Directives.ForNames("auth") {
			if i > 0 {
				r.Report(directive.Position, "@auth is there twice: put all rules into the first")
				break
			}
			if field.mayBeGuarded() {
				r.readRulesOf(field, directive)
			}
		}
	}
}

// mayBeGuarded tells whether the field may have rules; others are refused where they are read.
func (f *Field) mayBeGuarded() bool { return f.Stored() || f.Kind == KindComputed }

func (r *reader) readRulesOf(field *Field, directive *ast.Directive) {
	argument := directive.Arguments.ForName("rules")
	if argument == nil || argument.Value.Kind != ast.ListValue || len(argument.Value.Children) == 0 {
		r.Report(directive.Position, "@auth needs at least one rule: write @auth(rules: [{ allow: owner }])")
		return
	}
	field.Rules = []Rule{}
	for _, child := range argument.Value.Children {
		rule, ok := r.rule(field.Model, child.Value)
		if ok && r.checkFieldOperations(field, child.Value) {
			rule.Operations = slices.DeleteFunc(rule.Operations, func(op Operation) bool { return !field.takes(op) })
			field.Rules = append(field.Rules, rule)
		}
	}
}

// takes tells whether the operation is one that rules may allow of the field.
func (f *Field) takes(op Operation) bool {
	switch op {
	case Read:
		return true
	case Create:
		return f.Stored() && !f.ReadOnly
	case Update:
		return f.updatable()
	default:
		return false
	}
}

// checkFieldOperations reports operations that a rule names and that the field does not take.
func (r *reader) checkFieldOperations(field *Field, rule *ast.Value) bool {
	list := rule.Children.ForName("operations")
	if list == nil {
		return true
	}
	named := []*ast.Value{list}
	if list.Kind == ast.ListValue {
		named = nil
		for _, child := range list.Children {
			named = append(named, child.Value)
		}
	}
	isGood := true
	for _, value := range named {
		op := Operation(value.Raw)
		if field.takes(op) {
			continue
		}
		isGood = false
		switch {
		case op == Delete:
			r.Report(value.Position, "a field is not deleted by itself: remove delete, and say it in the rules of %s", field.Model.Name)
		case op == Transfer:
			r.Report(value.Position, "a field has no owner of its own: remove transfer, and say it in the rules of %s", field.Model.Name)
		case field.Kind == KindComputed:
			r.Report(value.Position, "%s is answered by hand, and no input has it: remove %s", field.Name, op)
		case field.ReadOnly:
			r.Report(value.Position, "%s is @readOnly, and no input has it: remove %s", field.Name, op)
		default:
			r.Report(value.Position, "%s never changes: remove %s", field.Name, op)
		}
	}
	return isGood
}

// HasRules tells whether the field has rules of its own.
func (f *Field) HasRules() bool { return f.Rules != nil }

// IsHidden tells whether some who may read the object may not read the field.
func (f *Field) IsHidden() bool {
	return f.HasRules() && !slices.ContainsFunc(f.Rules, func(rule Rule) bool {
		return slices.Contains(rule.Operations, Read) && !slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow != "public" })
	})
}

// isHiddenByObject tells whether it is by the object that some may read the field.
func (f *Field) isHiddenByObject() bool {
	return f.IsHidden() && slices.ContainsFunc(f.Rules, func(rule Rule) bool {
		return slices.Contains(rule.Operations, Read) && slices.ContainsFunc(rule.Terms, Term.isOfObject)
	})
}

// isOfObject tells whether the term is a condition on the object.
func (t Term) isOfObject() bool {
	return !slices.Contains([]string{"groups", "authenticated", "public"}, t.Allow)
}

// everyRule returns the rules of the model, and those of its fields.
func (m *Model) everyRule() (all []*Rule) {
	for i := range m.Rules {
		all = append(all, &m.Rules[i])
	}
	for _, field := range m.Guarded() {
		for i := range field.Rules {
			all = append(all, &field.Rules[i])
		}
	}
	return all
}

// Guarded returns the fields that have rules of their own.
func (list Fields) Guarded() Fields { return list.selected((*Field).HasRules) }

// HiddenFields returns the fields that some who may read the object may not read.
func (list Fields) HiddenFields() Fields { return list.selected((*Field).IsHidden) }

// GuardedFor returns the fields of an input that have rules of their own.
func (list Fields) GuardedFor(operation string) Fields {
	if operation == "Create" {
		return list.Creatable().Guarded()
	}
	return list.Updatable().Guarded()
}

// nullWhereHidden is what the public schema says of a field that some may not read.
const nullWhereHidden = "Null where you may not see it."

// checkFieldRules reports what would tell of a field whoever may not read it, and what nobody could make.
func (r *reader) checkFieldRules() {
	for _, model := range r.schema.Models {
		for _, field := range model.Guarded() {
			r.checkHiddenUnique(field)
			r.checkNeeded(field)
			r.checkGuardedMethod(field)
		}
		for _, index := range model.Indexes() {
			parts := []*Field{index.Field, model.Field(index.SortField)}
			r.checkHiddenIndex(index.position, parts)
		}
		for _, index := range model.TypeIndexes {
			var parts []*Field
			for _, part := range slices.Concat(index.Fields, index.Sort) {
				parts = append(parts, part.Field)
			}
			r.checkHiddenIndex(index.position, parts)
		}
		r.checkHiddenLists(model.Fields)
	}
	r.checkHiddenLists(r.schema.User.Fields)
}

func (r *reader) checkHiddenUnique(field *Field) {
	position := field.directive("auth").Position
	isTogether := func(unique *TypeUnique) bool {
		return slices.ContainsFunc(unique.Fields, func(part IndexPart) bool { return part.Field == field })
	}
	if !field.IsHidden() {
		return
	}
	if field.Unique {
		r.Report(position, "%s is @unique, so that who may not read it would learn of a value by a conflict: let all read it, { allow: public, operations: [read] }, or remove @unique", field.Name)
	} else if slices.ContainsFunc(field.Model.TypeUniques, isTogether) {
		r.Report(position, "%s has a @unique with %s, so that who may not read it would learn of a value by a conflict: let all read it, { allow: public, operations: [read] }, or remove that @unique", field.Model.Name, field.Name)
	}
}

// checkHiddenIndex reports an index in which the place of an object tells of a field that is hidden on it.
func (r *reader) checkHiddenIndex(position *ast.Position, parts []*Field) {
	for _, field := range parts {
		if field != nil && field.isHiddenByObject() {
			r.Report(position, "an @index cannot have %s, which depends on the object for who may read it: whoever may not would learn it by the list; let it be read by groups, authenticated or public alone, or use a filter", field.Name)
			return
		}
	}
}

// checkHiddenLists reports lists of what belongs to an object by a field that is hidden.
func (r *reader) checkHiddenLists(fields Fields) {
	for _, list := range fields.HasMany() {
		if list.Inverse != nil && list.Inverse.isHiddenByObject() {
			r.Report(list.position(), "%s lists the %s by %s.%s, which depends on the object for who may read it: whoever may not would learn it by the list; remove the list, or let the field be read by groups, authenticated or public alone",
				list.Name, list.Target.ProsePlural(), list.Target.Name, list.Inverse.Name)
		}
	}
	for _, list := range fields.ManyToMany() {
		for _, side := range []*Field{list.Inverse, list.Far} {
			if side.IsHidden() {
				r.Report(list.position(), "%s lists by %s.%s, which some may not read, and so would learn: remove the list, or the @auth of that field", list.Name, side.Model.Name, side.Name)
				break
			}
		}
	}
}

// checkNeeded reports a field that a create must give, where somebody may create and not give it.
func (r *reader) checkNeeded(field *Field) {
	if !slices.Contains(field.Model.Creatable(), field) || field.Optional() {
		return
	}
	for _, rule := range field.Model.Rules {
		if slices.Contains(rule.Operations, Create) && !field.canAllSet(rule) {
			instead := field.TypeName + ", add @default"
			if field.List {
				instead = "[" + field.TypeName + "!]"
			}
			r.Report(field.directive("auth").Position, "a new %s needs %s, and the rule %s lets some create one who may not set it: write %[2]s: %[4]s, or let them set it",
				field.Model.Prose(), field.Name, rule, instead)
			return
		}
	}
}

// canAllSet tells whether everybody whom a rule of the type lets create an object may set the field of it.
func (f *Field) canAllSet(rule Rule) bool {
	known := facts{}
	known.add("", rule.Terms)
	for _, known := range known.spelledOut(f.Model) {
		if known[fact{what: "signed in"}] { // and owns what is made
			known[fact{what: "owner"}] = true
		}
		if !slices.ContainsFunc(f.Rules, func(own Rule) bool {
			return slices.Contains(own.Operations, Create) && !slices.ContainsFunc(own.Terms, func(term Term) bool { return !known.implyTerm(term, "") })
		}) {
			return false
		}
	}
	return true
}

// checkGuardedMethod reports a field that a method of its type answers, which gqlgen calls without asking
// anybody.
func (r *reader) checkGuardedMethod(field *Field) {
	if method := field.Model.GoName() + "." + field.GoName(); field.Kind == KindComputed && r.schema.byHand.declares(method) {
		r.Report(field.directive("auth").Position, "the method %s answers %s whoever asks: let a resolver in package graph answer it, or remove @auth", method, field.Name)
	}
}

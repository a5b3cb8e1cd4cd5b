package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// newTypes says of what is new who may do what with it: of types, of fields with rules, and of what the project answers.
func newTypes(before, now *schema.Schema) (lines []string) {
	r := reading{now, nil}
	c := comparison{before: reading{before, namesIn(before, now)}, now: r}
	for _, model := range now.Models {
		old := formerOf(before, now, model)
		if old == nil {
			lines = append(lines, "`"+model.Name+"`: "+r.all(rightsOf, func(op schema.Operation) []grant { return r.rights(model, op) }, false))
		}
		for _, field := range model.Guarded() {
			if old == nil || c.fieldOf(old, model, field) == nil {
				ops := slices.DeleteFunc(slices.Clone(rightsOf), func(op schema.Operation) bool {
					return !takes(model, field, op) || op == schema.Delete || op == schema.Transfer
				})
				lines = append(lines, fmt.Sprintf("`%s.%s`: %s", model.Name, field.Name, r.all(ops, func(op schema.Operation) []grant { return r.fieldRights(model, field, op) }, true)))
			}
		}
	}
	was := slices.Concat(before.User.Kept, before.User.Fields)
	for _, field := range now.User.SeenFields() {
		if schema.Fields(was).Field(field.Name) == nil && (field.Formerly == "" || schema.Fields(was).Field(field.Formerly) == nil) {
			lines = append(lines, fmt.Sprintf("`User.%s`: read: %s", field.Name, everyone(r.seenBy(field))))
		}
	}
	return append(lines, newByHand(before, now)...)
}

// newByHand says which fields of Query and Mutation are new that the project answers: no rule holds there by itself.
func newByHand(before, now *schema.Schema) (lines []string) {
	for _, root := range []string{"Query", "Mutation"} {
		for _, name := range now.FieldsByHand(root) {
			if before.At(root, name, "") == nil {
				lines = append(lines, fmt.Sprintf("`%s.%s`: whom its resolver answers, which is the project's own", root, name))
			}
		}
	}
	return lines
}

// all says who has each of some rights: what the same people have, in one.
func (r reading) all(ops []schema.Operation, rights func(schema.Operation) []grant, isOfField bool) string {
	type right struct {
		ops []string
		who string
	}
	var said []right
	for _, op := range ops {
		text := everyone(rights(op))
		if text == "nobody" && op == schema.Transfer {
			continue
		}
		i := slices.IndexFunc(said, func(other right) bool { return other.who == text })
		if i < 0 {
			i, said = len(said), append(said, right{who: text})
		}
		said[i].ops = append(said[i].ops, string(op))
	}
	parts := make([]string, len(said))
	for i, right := range said {
		if isOfField {
			right.ops = ofFields(right.ops)
		}
		parts[i] = and(right.ops) + ": " + right.who
	}
	return strings.Join(parts, " · ")
}

// beside says what else decides who may do what: code of the project, and the order of roles.
func beside(before, now *schema.Schema) (lines []string) {
	for _, model := range now.Models {
		old := formerOf(before, now, model)
		switch {
		case old == nil && model.HasOwnRules():
			lines = append(lines, fmt.Sprintf("`%s` of Store, in Go, decides too who may do what with `%s`.", model.RulesMethod(), model.Name))
		case old == nil:
		case model.HasOwnRules() && !old.HasOwnRules():
			lines = append(lines, fmt.Sprintf("**`%s` of Store, in Go, decides now who may do what with `%s`**, whatever is said above.", model.RulesMethod(), model.Name))
		case !model.HasOwnRules() && old.HasOwnRules():
			lines = append(lines, fmt.Sprintf("**`%s` of Store, in Go, decides no more who may do what with `%s`**: the rules of the schema alone do.", old.RulesMethod(), model.Name))
		}
		if old != nil && model.HasOwnRules() && old.HasOwnRules() && model.OwnRules() != old.OwnRules() {
			lines = append(lines, fmt.Sprintf("**`%s` of Store, in Go, decides otherwise who may do what with `%s`**, or is written otherwise: read it, nothing here judges it.", model.RulesMethod(), model.Name))
		}
		if old == nil || model.Membership == nil || old.Membership == nil {
			continue
		}
		roles := func(list []string) string { return strings.Join(coded(list), ", ") }
		if is, was := model.Membership.Roles(), old.Membership.Roles(); !slices.Equal(is, was) && isReordered(was, is) {
			lines = append(lines, fmt.Sprintf("**The roles of `%s` are %s now, from the highest on**, and were %s: nobody gives a role above their own.", model.Name, roles(is), roles(was)))
		}
	}
	return lines
}

// isReordered tells whether what is in both lists is in another order, or the first is another.
func isReordered(was, is []string) bool {
	if len(was) == 0 || len(is) == 0 || was[0] != is[0] {
		return true
	}
	in := func(list []string) func(string) bool {
		return func(one string) bool { return !slices.Contains(list, one) }
	}
	return !slices.Equal(slices.DeleteFunc(slices.Clone(was), in(is)), slices.DeleteFunc(slices.Clone(is), in(was)))
}

// alsoInGo returns the methods of Store that decide, before and now, about types of which something is told.
func alsoInGo(before, now *schema.Schema, facts []Fact) (methods []string) {
	for _, model := range now.Models {
		isTold := slices.ContainsFunc(facts, func(f Fact) bool { return f.On == model.Name || strings.HasPrefix(f.On, model.Name+".") })
		if old := formerOf(before, now, model); isTold && old != nil && old.HasOwnRules() && model.HasOwnRules() {
			methods = append(methods, model.RulesMethod())
		}
	}
	return methods
}

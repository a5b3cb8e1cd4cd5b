package modelgen

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// Hooks and rules of a project's own are methods of Store that are found by their names.

// hook is a function that the runtime calls around a write.
type hook struct{ name, parameters string }

// isOfUpdate tells whether it may take the object as it was, too.
func (h hook) isOfUpdate() bool { return h.name == "BeforeUpdate" || h.name == "AfterUpdate" }

// hooks are those that there can be.
var hooks = []hook{
	{"BeforeCreate", "%[1]s *%[2]s"}, {"AfterCreate", "%[1]s *%[2]s"},
	{"BeforeUpdate", "before, %[1]s *%[2]s"}, {"AfterUpdate", "before, %[1]s *%[2]s"},
	{"BeforeDelete", "%[1]s *%[2]s"}, {"AfterDelete", "%[1]s *%[2]s"},
}

// HookMethod is the method of Store that is the hook: `BeforeCreatePost`.
func (m *Model) hookMethod(h hook) string { return h.name + m.Name }

// RulesMethod is the method of Store that may change the rules: `PostRules`.
func (m *Model) RulesMethod() string { return m.Name + "Rules" }

// HasOwnRules tells whether the project has it.
func (m *Model) HasOwnRules() bool { return m.byHand.declares("Store." + m.RulesMethod()) }

// ownHooks returns those that the project has.
func (m *Model) ownHooks() []hook {
	var own []hook
	for _, h := range hooks {
		if m.byHand.declares("Store." + m.hookMethod(h)) {
			own = append(own, h)
		}
	}
	return own
}

// GoHooks returns the fields of model.Hooks.
func (m *Model) GoHooks() []string {
	var lines []string
	for _, h := range m.ownHooks() {
		call := "s." + m.hookMethod(h)
		if h.isOfUpdate() && m.byHand.methods["Store."+m.hookMethod(h)].parameters == m.hookParameters(1) {
			call = fmt.Sprintf("func(ctx context.Context, caller model.Caller, _, item *%s) error { return %s(ctx, caller, item) }", m.GoName(), call)
		}
		lines = append(lines, h.name+": "+call)
	}
	return lines
}

// hookParameters are the types of a hook's parameters, of which the last are objects.
func (m *Model) hookParameters(objects int) string {
	types := "context.Context, model.Caller"
	for range objects {
		types += ", *" + m.GoName()
	}
	return types
}

// checkHooks reports hooks and rules of the project's own that the runtime could not call.
func (r *reader) checkHooks() {
	for _, model := range r.schema.Models {
		at := model.definition.Position
		for _, h := range model.ownHooks() {
			has := model.byHand.methods["Store."+model.hookMethod(h)]
			fits := has.parameters == model.hookParameters(1) || h.isOfUpdate() && has.parameters == model.hookParameters(2)
			if !fits || has.results != "error" {
				objects := fmt.Sprintf(h.parameters, model.Singular(), model.GoName())
				r.Report(at, "the hook %s of Store (%s) would never be called: write func (s *Store) %[1]s(ctx context.Context, caller model.Caller, %[3]s) error", model.hookMethod(h), has.at, objects)
			}
		}
		if has := model.byHand.methods["Store."+model.RulesMethod()]; model.HasOwnRules() && (has.parameters != "[]model.Rule" || has.results != "[]model.Rule") {
			r.Report(at, "%s of Store (%s) would never be called: write func (s *Store) %[1]s(rules []model.Rule) []model.Rule", model.RulesMethod(), has.at)
		}
	}
	r.checkMisspeltHooks()
}

// checkMisspeltHooks reports methods of Store that have the form of a hook or of rules, and that
// are those of no type: they would never be called, and nobody would know.
func (r *reader) checkMisspeltHooks() {
	var known []string
	for _, model := range r.schema.Models {
		for _, h := range hooks {
			known = append(known, model.hookMethod(h))
		}
		known = append(known, model.RulesMethod())
	}
	for _, name := range slices.Sorted(maps.Keys(r.schema.byHand.methods)) {
		method, isOfStore := strings.CutPrefix(name, "Store.")
		has := r.schema.byHand.methods[name]
		isTimed := strings.HasPrefix(method, "Before") || strings.HasPrefix(method, "After")
		isHook := isTimed && strings.HasPrefix(has.parameters, "context.Context, model.Caller, *") && has.results == "error"
		isRules := has.parameters == "[]model.Rule" && has.results == "[]model.Rule"
		if !isOfStore || !isHook && !isRules || slices.Contains(known, method) {
			continue
		}
		advice := "give it another name, or the form of no hook"
		if nearest := sdl.Nearest(method, known); nearest != "" {
			advice = "did you mean " + nearest + "?"
		}
		r.Report(nil, "%s of Store (%s) is the hook of no type, so nothing would call it: %s", method, has.at, advice)
	}
}

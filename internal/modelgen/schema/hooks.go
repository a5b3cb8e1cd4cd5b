package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// Hooks and rules of a project's own are methods of Store that are found by their names.

// Hook is a function that the runtime calls around a write.
type Hook struct{ Name, parameters string }

// isOfUpdate tells whether it may take the object as it was, too.
func (h Hook) isOfUpdate() bool { return h.Name == "BeforeUpdate" || h.Name == "AfterUpdate" }

// hooks are those that there can be.
var hooks = []Hook{
	{"BeforeCreate", "%[1]s *%[2]s"}, {"AfterCreate", "%[1]s *%[2]s"},
	{"BeforeUpdate", "before, %[1]s *%[2]s"}, {"AfterUpdate", "before, %[1]s *%[2]s"},
	{"BeforeDelete", "%[1]s *%[2]s"}, {"AfterDelete", "%[1]s *%[2]s"},
}

// HookMethod is the method of Store that is the hook: `BeforeCreatePost`.
func (m *Model) HookMethod(h Hook) string { return h.Name + m.Name }

// RulesMethod is the method of Store that may change the rules: `PostRules`.
func (m *Model) RulesMethod() string { return m.Name + "Rules" }

// HasOwnRules tells whether the project has it.
func (m *Model) HasOwnRules() bool { return m.byHand.declares("Store." + m.RulesMethod()) }

// OwnRules is what that method does, in Go, as gofmt writes it and without comments; empty: there is none.
func (m *Model) OwnRules() string { return m.byHand.methods["Store."+m.RulesMethod()].body }

// OwnHooks returns those that the project has.
func (m *Model) OwnHooks() []Hook {
	var own []Hook
	for _, h := range hooks {
		if m.byHand.declares("Store." + m.HookMethod(h)) {
			own = append(own, h)
		}
	}
	return own
}

// TakesNewAlone tells whether the project's hook of an update takes the object as it is now, and
// not as it was too.
func (m *Model) TakesNewAlone(h Hook) bool {
	return h.isOfUpdate() && m.byHand.methods["Store."+m.HookMethod(h)].parameters == m.hookParameters(1)
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
		for _, h := range model.OwnHooks() {
			has := model.byHand.methods["Store."+model.HookMethod(h)]
			fits := has.parameters == model.hookParameters(1) || h.isOfUpdate() && has.parameters == model.hookParameters(2)
			if !fits || has.results != "error" {
				objects := fmt.Sprintf(h.parameters, model.Singular(), model.GoName())
				r.Report(at, "the hook %s of Store (%s) would never be called: write func (s *Store) %[1]s(ctx context.Context, caller model.Caller, %[3]s) error", model.HookMethod(h), has.at, objects)
			}
		}
		if has := model.byHand.methods["Store."+model.RulesMethod()]; model.HasOwnRules() && !has.isOfRules() {
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
			known = append(known, model.HookMethod(h))
		}
		known = append(known, model.RulesMethod())
	}
	for _, name := range slices.Sorted(maps.Keys(r.schema.byHand.methods)) {
		method, isOfStore := strings.CutPrefix(name, "Store.")
		has := r.schema.byHand.methods[name]
		isTimed := strings.HasPrefix(method, "Before") || strings.HasPrefix(method, "After")
		isHook := isTimed && strings.HasPrefix(has.parameters, "context.Context, model.Caller, *") && has.results == "error"
		isRules := has.isOfRules()
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

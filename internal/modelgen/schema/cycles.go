package schema

import (
	"fmt"
	"slices"
	"strings"
)

// checkCycles reports rules that would ask each other without end, and types of which
// none could be the first.
func (r *reader) checkCycles() {
	via, required := map[*Model][]*Model{}, map[*Model][]*Model{}
	for _, model := range r.schema.Models {
		for _, rule := range model.Rules {
			for _, term := range rule.Terms {
				if term.IsVia() {
					via[model] = append(via[model], term.Via.Target(model))
				}
			}
		}
		for _, parent := range model.Parents() {
			if !parent.Nullable && parent.Target != model {
				required[model] = append(required[model], parent.Target)
			}
		}
	}
	for _, cycle := range r.cycles(via) {
		auth := cycle[0].definition.Directives.ForName("auth")
		r.Report(auth.Position, "via goes in a circle, %s: let one of them say allow: instead", circle(cycle))
	}
	for _, cycle := range r.cycles(required) {
		r.Report(cycle[0].definition.Position, "none of these could be made first, %s: make one @belongsTo nullable", circle(cycle))
	}
}

// circle writes a cycle: `A -> B -> A`.
func circle(cycle []*Model) string {
	var out strings.Builder
	for _, model := range cycle {
		fmt.Fprintf(&out, "%s -> ", model.Name)
	}
	return out.String() + cycle[0].Name
}

// cycles returns every cycle that is the first to be found from one of its members,
// none with a member of another.
func (r *reader) cycles(edges map[*Model][]*Model) [][]*Model {
	var (
		found [][]*Model
		done  = map[*Model]bool{}
		visit func(model *Model, trail []*Model)
	)
	visit = func(model *Model, trail []*Model) {
		if start := slices.Index(trail, model); start >= 0 {
			found = append(found, slices.Clone(trail[start:]))
			return
		}
		if done[model] {
			return
		}
		done[model] = true
		for _, next := range edges[model] {
			visit(next, append(trail, model))
		}
	}
	for _, model := range r.schema.Models {
		visit(model, nil)
	}
	seen := map[*Model]bool{}
	return slices.DeleteFunc(found, func(cycle []*Model) bool {
		overlaps := slices.ContainsFunc(cycle, func(m *Model) bool { return seen[m] })
		for _, model := range cycle {
			seen[model] = true
		}
		return overlaps
	})
}

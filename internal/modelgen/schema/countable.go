package schema

import "slices"

// isCounted tells whether the list has something in common, or the model a rule, by which it is decided
// who may read all of it. A count of any other would tell of what is hidden.
// What an index has of invitations that are over would be counted, too.
func (r Resolver) isCounted() bool {
	return !r.Model.HasOwnRules() && r.Model.Invitation == nil && r.Model.decides(r)
}

// listsThat returns the resolvers that answer pages of the model, which are counted or not.
func (m *Model) listsThat(areCounted bool) (all []Resolver) {
	for _, resolver := range m.schema.Resolvers() {
		if resolver.Model == m && resolver.isList() && resolver.isCounted() == areCounted {
			all = append(all, resolver)
		}
	}
	return all
}

// isCountable tells whether one of the model's lists is counted.
func (m *Model) isCountable() bool { return len(m.listsThat(true)) > 0 }

// HasUncounted tells whether one is beside one that is not.
func (m *Model) HasUncounted() bool { return m.isCountable() && len(m.listsThat(false)) > 0 }

// uncounted is the type of the pages of lists that are not counted, where others are.
func (m *Model) uncounted() string { return m.Name + "UncountedConnection" }

// connection is the type of the list's pages.
func (r Resolver) connection() string {
	if r.Model.HasUncounted() && !r.isCounted() {
		return r.Model.uncounted()
	}
	return r.Model.Name + "Connection"
}

// isList tells whether the resolver answers a page.
func (r Resolver) isList() bool {
	return slices.Contains([]ResolverKind{ResolveChildren, ResolveOwned, ResolveReceived, ResolveAll, ResolveIndex, ResolveTypeIndex}, r.Kind)
}

// decides tells whether there is a rule that gives all of a list to somebody, or nothing of it.
func (m *Model) decides(list Resolver) bool {
	return slices.ContainsFunc(m.Rules, func(rule Rule) bool {
		return slices.Contains(rule.Operations, Read) && !slices.ContainsFunc(rule.Terms, func(term Term) bool {
			switch {
			case len(term.Via) > 0: // what the first belongs to, all of a list have in common, too
				return !list.isOf(term.Via[0])
			case term.Allow == members, term.Allow == invited:
				return true
			case term.Allow == named:
				return !list.isOf(term.By)
			case term.Where != nil:
				return !list.isCountedBy(term.Where)
			case term.Allow == owner:
				return !list.isByOwner()
			}
			return false
		})
	})
}

// isByOwner tells whether all objects of the list have one owner.
func (r Resolver) isByOwner() bool {
	switch r.Kind {
	case ResolveOwned:
		return true
	case ResolveAll:
		return r.Model.isOwnersAlone()
	case ResolveIndex:
		return r.Index.joined() != nil
	case ResolveTypeIndex:
		return r.TypeIndex.IsByOwner()
	}
	return false
}

// isOf tells whether all objects of the list have one parent by the field.
func (r Resolver) isOf(parent *Field) bool {
	switch r.Kind {
	case ResolveChildren:
		return r.Relation == parent
	case ResolveTypeIndex:
		return slices.ContainsFunc(r.TypeIndex.Fields, func(part IndexPart) bool { return part.Field == parent })
	}
	return false
}

package schema

import "slices"

// HasIndexOfAll tells whether the list of all objects is read by an index of them. Where nobody but its
// owner may read an object, it is the list of the caller's own; and where whoever may owns it or is a member of
// something for it, it is merged of lists of those.
func (m *Model) HasIndexOfAll() bool { return m.IsListed && !m.isOwnersAlone() && !m.isMerged() }

// isMerged tells whether the list of all objects is merged of others, whoever asks.
func (m *Model) isMerged() bool {
	return m.IsListed && !m.isOwnersAlone() && !m.HasOwnRules() && !slices.ContainsFunc(m.Rules, func(rule Rule) bool {
		return slices.Contains(rule.Operations, Read) && rule.listTerm() == nil
	})
}

// listTerm returns the term of a rule for whose objects there is a list, as model's readTerms has it; nil: none.
func (r Rule) listTerm() *Term {
	for _, isSuch := range []func(Term) bool{
		func(t Term) bool { return t.Allow == owner || t.Allow == named },
		func(t Term) bool { return t.Allow == members },
	} {
		if i := slices.IndexFunc(r.Terms, isSuch); i >= 0 {
			term := &r.Terms[i]
			isListed := len(term.Via) == 0 || term.Via.IsKept()
			if term.Allow == named {
				isListed = !term.By.IsHidden()
			}
			if isListed {
				return term
			}
			return nil
		}
	}
	return nil
}

// listKey is what the objects of the term's list have in common; none: they are what it is of themselves.
func (t Term) listKey() (key IndexPart, isThere bool) {
	switch {
	case t.Allow == owner:
		return IndexPart{Name: owner}, true
	case t.Allow == named:
		return IndexPart{Field: t.By, Name: t.By.Name}, true
	case len(t.Via) == 1:
		return IndexPart{Field: t.Via[0], Name: t.Via[0].Name}, true
	case len(t.Via) > 1:
		return IndexPart{Path: t.Via}, true
	}
	return IndexPart{}, false
}

// listTerms returns the terms of which the list of all may be merged.
func (m *Model) listTerms() (terms []*Term) {
	if !m.IsListed || m.isOwnersAlone() || m.HasOwnRules() {
		return nil
	}
	for _, rule := range m.Rules {
		if term := rule.listTerm(); term != nil && slices.Contains(rule.Operations, Read) {
			terms = append(terms, term)
		}
	}
	return terms
}

// AncestorIndexes returns the paths to what the objects' list of all is merged by beside their parents.
func (m *Model) AncestorIndexes() (paths []Path) {
	for _, term := range m.listTerms() {
		isThere := func(path Path) bool { return path.String() == term.Via.String() }
		if len(term.Via) > 1 && !slices.ContainsFunc(paths, isThere) {
			paths = append(paths, term.Via)
		}
	}
	return paths
}

// inParts returns the indexes that have the order of one of all objects in each of the lists that the list of
// all is merged of.
func (i *TypeIndex) inParts() (parts []*TypeIndex) {
	for _, term := range i.Model.listTerms() {
		part := i
		if key, ok := term.listKey(); ok {
			part = &TypeIndex{Model: i.Model, Fields: []IndexPart{key}, Sort: i.Sort, position: i.position}
		}
		parts = append(parts, part)
	}
	return parts
}

// AllMethod is the method of Store that lists all objects, where a project has one.
func (m *Model) AllMethod() string { return "All" + m.GoPlural() }

// IsOfAll tells whether the index has all objects of the type.
func (i *TypeIndex) IsOfAll() bool { return len(i.Fields) == 0 }

// hashOfAll is the hash key of such an index, as model.OfAll has it.
const hashOfAll = "by-shard.8"

package schema

// HasIndexOfAll tells whether the list of all objects is read by an index of them. Where nobody but its
// owner may read an object, it is the list of the caller's own.
func (m *Model) HasIndexOfAll() bool { return m.IsListed && !m.isOwnersAlone() }

// AllMethod is the method of Store that lists all objects, where a project has one.
func (m *Model) AllMethod() string { return "All" + m.GoPlural() }

// IsOfAll tells whether the index has all objects of the type.
func (i *TypeIndex) IsOfAll() bool { return len(i.Fields) == 0 }

// hashOfAll is the hash key of such an index, as model.OfAll has it.
const hashOfAll = "by-shard.8"

package model

// Generic types are by the pointer to a type, P, not by the type: Go compiles them once for all pointers, but anew for each
// struct, in each package that only sees a Store. Their aliases, such as [Model], are by the type.

// none is no item.
func none[P any]() (item P) { return item }

// isNone tells whether there is no item.
func isNone[P any](item P) bool { return any(item) == any(none[P]()) }

// copied returns a copy of an item.
func (m *ModelOf[P]) copied(item P) P {
	copied := m.zero()
	m.assign(copied, item)
	return copied
}

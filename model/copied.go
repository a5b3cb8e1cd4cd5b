package model

// copied returns a copy of an item.
func (m *core) copied(item anyItem) anyItem {
	copied := m.zero()
	m.assign(copied, item)
	return copied
}

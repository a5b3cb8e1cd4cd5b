package model

// OnOwnerDelete is what becomes of an item when the account of its owner is deleted.
type OnOwnerDelete int

const (
	GoesWithOwner   OnOwnerDelete = iota // it is deleted too, with what belongs to it by CASCADE
	OutlivesOwner                        // it is nobody's from then on, and lives on by its other rules
	GoesToSuccessor                      // it is the successor's, see [Definition]; where there is none, nobody's
)

// keptTypes returns the names of the types whose items do not go with their owner's account.
func (db *DB) keptTypes() (names []string) {
	for _, model := range db.models {
		if model.onOwnerDelete() != GoesWithOwner {
			names = append(names, model.name())
		}
	}
	return names
}

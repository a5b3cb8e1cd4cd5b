package schema

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBulkNotes holds how many objects fit into a transaction of 100 actions, whatever they are.
func TestBulkNotes(t *testing.T) {
	s, err := Load("../testdata/bulk")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		// Books may belong to a shelf, which one action of a delete promises to see to.
		"Shelf: at most 100 in createShelfs, 100 in updateShelfs, 99 in deleteShelfs",
		// A book is 1 action, with 4 of unique values (the ISBN, the number under two names, its place on the shelf)
		// and 2 of parents. An update gives up and takes all of them but the ISBN: 1 + 2*3.
		"Book: at most 14 in createBooks, 14 in updateBooks, 20 in deleteBooks",
		"Room: at most 100 in createRooms, 99 in deleteRooms",
		"URL: at most 100 in createLinks, 100 in updateLinks, 100 in deleteLinks",
	}
	if diff := cmp.Diff(want, s.BulkNotes()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

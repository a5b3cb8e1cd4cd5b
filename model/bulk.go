package model

import (
	"errors"
	"fmt"
	"strconv"
)

// A Bulk says what the mutations of several objects of a type take, each in one transaction.
type Bulk struct {
	List string // the input's field that has the objects: `posts`

	// How many objects there may be at most, so that they fit into one transaction whatever they are;
	// 0: there is no such mutation.
	Create, Update, Delete int
}

// bulkIDs is the field that has the ids of what is to be deleted.
const bulkIDs = "ids"

// A BulkInput is what a mutation of several objects takes.
type BulkInput[E any] struct {
	Elements         []E
	ClientMutationID *string
}

// A BulkDeleteInput says what a mutation deletes.
type BulkDeleteInput struct {
	IDs              []string // global
	ClientMutationID *string
}

// A BulkPayload is what the mutations of several objects answer, in the order of the input.
type BulkPayload[T any] = BulkPayloadOf[*T]

// BulkPayloadOf is [BulkPayload] by the pointer to its type.
type BulkPayloadOf[P any] struct {
	Objects          []P
	DeletedIDs       []string // their global ids
	ClientMutationID *string  // the input's
}

// BulkPayload returns what a mutation answers that was carried out on the items; nil for nil.
func (m *ModelOf[P]) BulkPayload(items []P, clientMutationID *string) *BulkPayloadOf[P] {
	if items == nil {
		return nil
	}
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = untyped(item).GlobalID()
	}
	return &BulkPayloadOf[P]{items, ids, clientMutationID}
}

// GlobalIDs returns the ids of what the mutation was carried out on.
func (p *BulkPayloadOf[P]) GlobalIDs() []string {
	if p == nil {
		return nil
	}
	return p.DeletedIDs
}

// errOwnMutationID refuses a clientMutationId of an element, which could be known again alone.
var errOwnMutationID = BadInput("clientMutationId", "clientMutationId is of all together: give it beside the list")

// checkLength refuses what does not fit into one transaction.
func checkLength(list string, length, most int) error {
	switch {
	case length > most && most == 0:
		return BadInput(list, "objects of this type cannot be written so: write one at a time")
	case length > most:
		return BadInput(list, fmt.Sprintf("there are %d %s, and at most %d are written at once; nothing was written", length, list, most))
	}
	return nil
}

// distinctIDs returns the ids that are in global ones. Code BAD_USER_INPUT, with its place: one is there
// twice.
func (m *core) distinctIDs(globals []string, place func(i int) string) ([]string, error) {
	ids, seen := make([]string, len(globals)), map[string]int{}
	for i, global := range globals {
		ids[i] = m.localID(global)
		key := ids[i]
		if of, _, isID := ParseGlobalID(global); !isID || !m.isNamed(of) {
			key = global // those of no object of the type are told apart by their text
		}
		if first, isTwice := seen[key]; isTwice {
			return nil, BadInput(place(i), place(i)+": it is the same object as "+place(first))
		}
		seen[key] = i
	}
	return ids, nil
}

// placeIn names an element of a list: `posts[3]`.
func placeIn(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// each calls write for each of so many elements of a list, whose errors name it.
func (tx *Tx) each(list string, length int, write func(i int) error) error {
	defer func() { tx.at = "" }()
	for i := range length {
		tx.at = placeIn(list, i)
		if err := write(i); err != nil {
			return placed(err, tx.at)
		}
	}
	return nil
}

// placed returns what is told of an error as one of an element of a list; empty: of none.
func placed(err error, at string) error {
	told := (*Error)(nil)
	if at == "" || !errors.As(err, &told) {
		return err
	}
	placed := *told
	placed.Field, placed.Kind = at, err
	if told.Field != "" {
		placed.Field += "." + told.Field
	}
	return &placed
}

// itemsUnless returns the items; with an error, none.
func itemsUnless[P any](err error, items []P) ([]P, error) {
	if err != nil {
		return nil, err
	}
	return items, nil
}

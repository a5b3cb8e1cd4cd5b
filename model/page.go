package model

import (
	"context"
	"fmt"
)

const (
	defaultPageSize = 20
	maxPageSize     = 100
)

// A Page says which part of a list is wanted, in the words of Relay: the First of
// those after After and before Before, or the Last of them.
// https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
type Page struct {
	First, Last   *int    // of items, at most 100; 20 first where both are nil
	After, Before *string // cursors
	Descending    bool    // the list begins with the greatest sort key
	Filter        *Filter // what the items must be; nil: anything
	Order         string  // of those that the list has, by its name; empty: the list's own
}

// SortDirection is the schema's enum of that name.
type SortDirection string

// The values of SortDirection.
const (
	SortDirectionAsc  SortDirection = "ASC"
	SortDirectionDesc SortDirection = "DESC"
)

// NewPage returns the page that a list field's arguments ask for; nil is absent.
func NewPage(first *int, after *string, last *int, before *string, sortDirection *SortDirection) Page {
	return Page{
		First: first, After: after,
		Last: last, Before: before,
		Descending: sortDirection != nil && *sortDirection == SortDirectionDesc,
	}
}

// Size returns how many items the page has at most. Code BAD_USER_INPUT: it asks for too
// many, or for the first and the last at once.
func (p Page) Size() (int, error) {
	size, field := defaultPageSize, "first"
	switch {
	case p.First != nil && p.Last != nil:
		return 0, BadInput("last", "give first or last, not both")
	case p.First != nil:
		size = *p.First
	case p.Last != nil:
		size, field = *p.Last, "last"
	}
	if size < 0 || size > maxPageSize {
		return 0, BadInput(field, fmt.Sprintf("%s is a number from 0 to %d", field, maxPageSize))
	}
	return size, nil
}

// A Connection is a page of a list.
type Connection[T any] = ConnectionOf[*T]

// ConnectionOf is [Connection] by the pointer to its type.
type ConnectionOf[P any] struct {
	Edges    []*EdgeOf[P]
	PageInfo *PageInfo

	count func(context.Context) (*int, error) // nil: nobody knows
}

// An Edge is an item of a page.
type Edge[T any] = EdgeOf[*T]

// EdgeOf is [Edge] by the pointer to its type.
type EdgeOf[P any] struct {
	Cursor string
	Node   P
}

// PageInfo is the schema's type of that name. EndCursor is the last edge's cursor,
// unless the page ended early because as many items as may be were examined, see [ReadLimits]: then
// it is the cursor of the last of those, which does not show what it points at, and there may be
// no edges; it is nil where the next page begins where this one did, at the beginning.
// So it is with StartCursor where the last items were asked for.
type PageInfo struct {
	HasNextPage     bool
	HasPreviousPage bool
	StartCursor     *string
	EndCursor       *string
}

package model

import (
	"encoding/json"
	"io"
)

// What one filter may be.
const (
	maxFilterConditions = 50       // operators of fields
	maxFilterLevels     = 5        // of filters in filters
	maxFilterValues     = 100      // of an `in`
	maxFilterLinks      = 5        // ids of what is linked
	maxFilterBytes      = 64 << 10 // of all its values
)

// A Filter is what a list's items must be, as the schema's inputs have it: `PostFilter` and the like.
// The model whose list it is knows what it means, see [Model.List]. A nil Filter holds for every item.
type Filter struct{ given map[string]any }

// NewFilter returns the filter that an input of the schema is when it has these fields:
//
//	model.NewFilter(map[string]any{"status": map[string]any{"eq": "OPEN"}})
func NewFilter(fields map[string]any) *Filter { return &Filter{fields} }

// UnmarshalGQL takes an input object, as GraphQL has coerced it.
func (f *Filter) UnmarshalGQL(value any) error {
	given, ok := value.(map[string]any)
	if !ok {
		return BadInput(filterArgument, "a filter is an object")
	}
	f.given = given
	return nil
}

// MarshalGQL writes the input object as JSON. gqlgen wants it of a type that reads itself.
func (f *Filter) MarshalGQL(w io.Writer) { json.NewEncoder(w).Encode(f.given) }

// filterArgument is what lists call their filter.
const filterArgument = "filter"

// Where returns the page with a filter; nil is none.
func (p Page) Where(filter *Filter) Page {
	p.Filter = filter
	return p
}

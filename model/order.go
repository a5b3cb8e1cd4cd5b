package model

import (
	"encoding/json"
	"io"
)

// An Order is what a list is to be ordered by instead of its own order: `ProjectIssuesOrder` and the
// like of the schema.
type Order struct {
	Name       string // a Joined's
	Descending bool   // the list begins with the last of the order
}

// UnmarshalGQL takes an input object, as GraphQL has coerced it.
func (o *Order) UnmarshalGQL(value any) error {
	given, ok := value.(map[string]any)
	name, isText := given["field"].(string)
	if !ok || !isText {
		return BadInput(orderArgument, "an order is an object with a field")
	}
	direction, _ := given["direction"].(string)
	*o = Order{name, direction == string(SortDirectionDesc)}
	return nil
}

// MarshalGQL writes the input object as JSON. gqlgen wants it of a type that reads itself.
func (o *Order) MarshalGQL(w io.Writer) {
	direction := SortDirectionAsc
	if o.Descending {
		direction = SortDirectionDesc
	}
	json.NewEncoder(w).Encode(map[string]any{"field": o.Name, "direction": direction})
}

// OrderedBy returns the page in another order than the list's own; nil is that one.
func (p Page) OrderedBy(order *Order) Page {
	if order != nil {
		p.Order, p.Descending = order.Name, order.Descending
	}
	return p
}

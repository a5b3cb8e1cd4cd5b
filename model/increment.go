package model

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
)

// An Increment is what an update adds to numbers of an object, by field, as the schema's inputs have
// it: `IncrementPostInput` and the like. The model knows which numbers there are, see
// [Definition.Counters]. A nil Increment adds nothing.
type Increment struct{ by map[string]any }

// NewIncrement returns the increment that an input of the schema is when it has these fields:
//
//	model.NewIncrement(map[string]any{"views": 1})
func NewIncrement(by map[string]any) *Increment { return &Increment{by} }

// incrementField is what update inputs call it.
const incrementField = "increment"

// UnmarshalGQL takes an input object, as GraphQL has coerced it.
func (i *Increment) UnmarshalGQL(value any) error {
	by, ok := value.(map[string]any)
	if !ok {
		return BadInput(incrementField, "an increment is an object")
	}
	i.by = by
	return nil
}

// MarshalGQL writes the input object as JSON. gqlgen wants it of a type that reads itself.
func (i *Increment) MarshalGQL(w io.Writer) { json.NewEncoder(w).Encode(i.by) }

// A Change is what an update makes of an object.
type Change[T any] = ChangeOf[*T]

// ChangeOf is [Change] by the pointer to its type.
type ChangeOf[P any] struct {
	ID               string // global
	ExpectedVersion  *int   // nil: any
	Set              func(P)
	Increment        *Increment      // is added to what Set has left
	IsSet            map[string]bool // the numbers that Set sets, which cannot be incremented then
	Given            Given           // the fields with rules of their own that the input gives
	ClientMutationID *string         // in a bulk none has one of its own

	op Operation // what it is refused as; 0: OnUpdate
}

// isCounting tells whether it adds to anything.
func (i *Increment) isCounting() bool { return i != nil && len(i.by) > 0 }

// carryOut makes the change. Code BAD_USER_INPUT: a number cannot be incremented, or not by that.
func (m *core) carryOut(change ChangeOf[anyItem], item anyItem) error {
	if change.Set != nil {
		change.Set(item)
	}
	if change.Increment == nil {
		return nil
	}
	for _, field := range sortedKeys(change.Increment.by) {
		by, at := change.Increment.by[field], incrementField+"."+field
		if isNil(by) {
			continue
		}
		counter, problem := m.definition.Counters[field], ""
		switch {
		case counter == nil:
			problem = "there is no such number"
		case change.IsSet[field]:
			problem = "the input sets " + field + " as well: do one of the two"
		default:
			problem = addTo(counter(item), by)
		}
		if problem != "" {
			return BadInput(at, at+": "+problem)
		}
	}
	return nil
}

// addTo adds to a number, which is a pointer to an int, a float64 or a Decimal, or to such a pointer: null
// counts from 0. It returns why it cannot.
func addTo(number, by any) (problem string) {
	switch number := number.(type) {
	case **int:
		return addTo(ownCopy(number), by)
	case **float64:
		return addTo(ownCopy(number), by)
	case **Decimal:
		return addTo(ownCopy(number), by)
	case *int:
		text, _ := numberOf(by)
		n, err := strconv.ParseInt(text, 10, 32)
		sum := int64(*number) + n
		if err != nil {
			return "it is a whole number of 32 bits"
		}
		if sum < math.MinInt32 || sum > math.MaxInt32 {
			return fmt.Sprintf("the sum is no Int: it must be from %d to %d", math.MinInt32, math.MaxInt32)
		}
		*number = int(sum)
	case *float64:
		text, _ := numberOf(by)
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "it is a number"
		}
		if sum := *number + n; !math.IsInf(sum, 0) {
			*number = sum
			return ""
		}
		return "the sum is more than a Float can be"
	case *Decimal:
		n, ok := by.(Decimal)
		if !ok {
			if err := n.UnmarshalGQL(by); err != nil {
				return err.Error()
			}
		}
		sum, err := DecimalOf(new(big.Rat).Add(number.Rat(), n.Rat()))
		if err != nil {
			return "the sum: " + err.Error()
		}
		*number = sum
	}
	return ""
}

// ownCopy has a pointer point to a copy of its own, which is 0 where it was nil.
func ownCopy[V any](pointer **V) *V {
	value := new(V)
	if *pointer != nil {
		*value = **pointer
	}
	*pointer = value
	return value
}

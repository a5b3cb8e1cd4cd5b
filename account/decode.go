package account

import (
	"fmt"
	"reflect"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// cachedBytes bounds what is kept of each kind of item that a request may be checked by, see [decoder].
const cachedBytes = 4 << 20

// A decoder makes a T of an item, and nothing else has a say in what it makes. Of what the embedded engine
// has read it keeps the last, by the item's exact bytes, which are read anew each time: what is changed
// or deleted has others, or none.
type decoder[T any] struct {
	plan  *itembytes.Plan // nil: there is none
	known itembytes.Cache[T]
	copy  func(*T) *T // of what is known, for somebody who may change it
}

func newDecoder[T any](copied func(*T) *T) *decoder[T] {
	d := &decoder[T]{plan: itembytes.NewPlan(reflect.TypeFor[T](), nil, nil), copy: copied}
	d.known.Limit = cachedBytes
	return d
}

// decode returns what an item says.
func (d *decoder[T]) decode(found itembytes.Found) (*T, error) {
	bytes, isKept := found.Bytes()
	if isKept {
		if known := d.known.Get(bytes); known != nil {
			return d.copy(known), nil
		}
		if value := new(T); d.plan != nil && d.plan.Decode(bytes, reflect.ValueOf(value).Elem(), nil) {
			d.known.Put(bytes, d.copy(value))
			return value, nil
		}
	}
	item, err := found.Item()
	if err != nil {
		return nil, err
	}
	value := new(T)
	if err := dynamo.UnmarshalItem(item, value); err != nil {
		return nil, fmt.Errorf("read an item: %w", err)
	}
	return value, nil
}

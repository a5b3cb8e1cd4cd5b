package gql

import (
	"context"

	"github.com/ownql/ownql/model"
)

// What follows answers fields that have rules of their own, see [model.Definition], and those of a user whom
// others may see: with what they are of an object or, where the caller may not read them of it, with null.

// fieldRules are those of the fields of a type: a *model.Model, or account.Users.
type fieldRules[T any] interface {
	MayReadField(ctx context.Context, caller model.Caller, item *T, field string) (bool, error)
}

// GuardedBy answers a field with what answer returns, which is not called where the caller may not read
// the field.
func GuardedBy[T, V any](ctx context.Context, of fieldRules[T], item *T, field string, answer func() (V, error)) (V, error) {
	may, err := of.MayReadField(ctx, Caller(ctx), item, field)
	if !may || err != nil {
		var null V
		return null, err
	}
	return answer()
}

// Guarded answers a field with a value; nil is null.
func Guarded[T, V any](ctx context.Context, of fieldRules[T], item *T, field string, value *V) (*V, error) {
	return GuardedBy(ctx, of, item, field, func() (*V, error) { return value, nil })
}

// GuardedList answers a field with a list; nil is null, and a nil list an empty one.
func GuardedList[T, V any](ctx context.Context, of fieldRules[T], item *T, field string, list *[]V) ([]V, error) {
	return GuardedBy(ctx, of, item, field, func() ([]V, error) {
		if list == nil {
			return nil, nil
		}
		return append([]V{}, *list...), nil
	})
}

// GuardedObjects is GuardedList of plain objects.
func GuardedObjects[T, V any](ctx context.Context, of fieldRules[T], item *T, field string, list *[]V) ([]*V, error) {
	return GuardedBy(ctx, of, item, field, func() ([]*V, error) {
		if list == nil {
			return nil, nil
		}
		pointers := make([]*V, len(*list))
		for i := range *list {
			pointers[i] = &(*list)[i]
		}
		return pointers, nil
	})
}

package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// survey reads the table whole. It tells which item is not of the types that the schema has, the
// first that it meets, and why; empty: all are. Of the items that it has read it returns what
// they have and the schema does not, and what they have under former names.
func (m *core) survey(ctx context.Context) (unreadable string, steps []TableStep, err error) {
	found, left, stale := newStrays(m.layout()), newLeftovers(m.definition.Renames), &staleKeys{layout: m.layout()}
	lacking, known := map[string]int{}, knownAbove{} // of the ids of ancestors, by attribute
	items := m.table.Scan().Consistent(true).Iter()
	for raw := (dynamo.Item{}); items.Next(ctx, &raw); raw = nil {
		id, _ := raw["id"].(*types.AttributeValueMemberS)
		left.add(raw)
		value, err := m.decode(raw)
		if err != nil && id != nil {
			return fmt.Sprintf("item %s is not as the schema has it (%v)", id.Value, errors.Unwrap(err)), found.steps(), nil
		} else if err != nil {
			return "", nil, err
		}
		if path := lackingInside(reflect.TypeOf(m.item), raw); path != "" {
			return fmt.Sprintf("item %s is not as the schema has it (it has no %s)", id.Value, path), found.steps(), nil
		}
		if changes, err := m.keyChanges(raw, value); err != nil {
			return fmt.Sprintf("item %s cannot be in every index (%v)", id.Value, err), found.steps(), nil
		} else if len(changes) > 0 {
			stale.count++
		}
		changes, err := m.ancestorChanges(ctx, raw, value, known)
		if err != nil {
			return "", nil, err
		}
		for attribute := range changes {
			lacking[attribute]++
		}
		found.add(id.Value, raw)
	}
	if err := items.Err(); err != nil {
		return "", nil, err
	}
	finished, err := m.db.finishedRenames(ctx, m.table.Name())
	return "", slices.Concat(found.steps(), stale.steps(), m.ancestorSteps(lacking), left.steps(m.table.Name(), finished)), err
}

// lackingInside returns the path to an attribute that an object inside the item lacks and
// none may lack, such as `address.street`; empty: there is none. The item's own attributes
// are not its concern.
func lackingInside(of reflect.Type, item dynamo.Item) string {
	for _, field := range reflect.VisibleFields(of) {
		name := attributeOf(field)
		if path := lackingWithin(field.Type, item[name]); path != "" {
			return name + path
		}
	}
	return ""
}

// lackingWithin returns the path within a value, with its dot.
func lackingWithin(of reflect.Type, value types.AttributeValue) string {
	switch value := value.(type) {
	case *types.AttributeValueMemberL:
		for _, each := range value.Value {
			if path := lackingWithin(of, each); path != "" {
				return path
			}
		}
	case *types.AttributeValueMemberM:
		if of = structOf(of); of.Kind() != reflect.Struct {
			return ""
		}
		for _, field := range reflect.VisibleFields(of) {
			kind := field.Type.Kind()
			if isOptional := kind == reflect.Pointer || kind == reflect.Slice; value.Value[attributeOf(field)] == nil && !isOptional {
				return "." + attributeOf(field)
			}
		}
		if path := lackingInside(of, value.Value); path != "" {
			return "." + path
		}
	}
	return ""
}

// structOf returns the type of the objects that are in a list, or behind a pointer.
func structOf(of reflect.Type) reflect.Type {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	return of
}

// attributeOf returns the name under which a field is kept.
func attributeOf(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("dynamo"), ",")
	return name
}

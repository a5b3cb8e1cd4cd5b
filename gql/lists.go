package gql

import (
	"context"
	"reflect"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// What is in memory, about, before it is written: of a scalar in a list its place, and gqlgen's
// function that writes it; of a field of the schema's own types, which are made one after the other,
// the same with a context.
const (
	memoryOfElement     = 64
	memoryOfSchemaField = 160
)

// countLists has gqlgen make no list, of those whose length a document does not tell, before there
// is room for it: 29 aliases of one kept list of ten thousand objects make each of them 29 times.
// One list without room refuses the whole answer.
func (a *answer) countLists(ctx context.Context, next graphql.Resolver) (any, error) {
	result, err := next(ctx)
	if err != nil || result == nil {
		return result, err
	}
	list := graphql.GetFieldContext(ctx)
	if list.Field.Definition.Type.Elem == nil {
		return result, nil
	}
	var of *ast.Field
	if list.Parent != nil {
		of = list.Parent.Field.Field
	}
	if a.isCounted(list.Field.Definition, of) {
		return result, nil
	}
	if err := a.holdList(ctx, list.Field, lengthOf(reflect.ValueOf(result))); err != nil {
		return nil, err
	}
	return result, nil
}

// isCounted tells whether the cost of the operation has the list: as long as its arguments say, or
// those of the connection or the payload that it is in, if it is in the value of a field.
func (a *answer) isCounted(list *ast.FieldDefinition, of *ast.Field) bool {
	return hasLength(list) || of != nil && (hasLength(of.Definition) || a.cost.inputLength(of) > 1)
}

// holdText holds what the text of a list has beyond what holdList does.
func (a *answer) holdText(ctx context.Context, bytes int) error {
	if bytes <= 0 {
		return nil
	}
	a.making.Lock()
	defer a.making.Unlock()
	if a.refused == nil {
		a.refused = a.hold.Take(ctx, bytes)
	}
	return a.refused
}

// holdList holds what a list's elements have in memory.
func (a *answer) holdList(ctx context.Context, list graphql.CollectedField, length int) error {
	a.making.Lock()
	defer a.making.Unlock()
	if a.refused != nil || length == 0 {
		return a.refused
	}
	bytes := memoryOfElement * length
	if len(list.Selections) > 0 {
		ofField := memoryOfField
		if strings.HasPrefix(list.ObjectDefinition.Name, "__") {
			ofField = memoryOfSchemaField
		}
		more := capped((length - 1) * a.cost.selections(list.Selections)) // the operation's cost has one object's
		bytes = ofField * addCapped(length, more)
	}
	a.refused = a.hold.Take(ctx, bytes)
	return a.refused
}

// lengthOf returns how many elements a list has, those of lists in it instead of them.
func lengthOf(list reflect.Value) (length int) {
	for list.Kind() == reflect.Pointer || list.Kind() == reflect.Interface {
		list = list.Elem()
	}
	if list.Kind() != reflect.Slice {
		return 0
	}
	switch list.Type().Elem().Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Interface:
		for i := range list.Len() {
			length += max(1, lengthOf(list.Index(i)))
		}
		return length
	}
	return list.Len()
}

package model

import "reflect"

// redefine gives a model another definition in part: of what set sets.
func redefine[T any](m *Model[T], set func(d *Definition[T])) {
	var definition Definition[T]
	set(&definition)
	becomes := untypedDefinition(definition)
	replace(reflect.ValueOf(&m.core.definition.Hooks).Elem(), reflect.ValueOf(becomes.Hooks))
	becomes.Hooks = m.core.definition.Hooks
	replace(reflect.ValueOf(&m.core.definition).Elem(), reflect.ValueOf(becomes))
}

// replace replaces the fields of a struct that have another value than zero in the other.
func replace(is, becomes reflect.Value) {
	for i := range becomes.NumField() {
		if !becomes.Field(i).IsZero() {
			is.Field(i).Set(becomes.Field(i))
		}
	}
}
